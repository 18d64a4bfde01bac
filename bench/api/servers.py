"""The servers that are measured, each a process of its own, and the days that they can be asked for."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.api.load import LIST_ORG, PATH, submission
from dayline.db.database import open_database
from dayline.db.records import SegmentRecord
from dayline.domain.status import SegmentStatus
from dayline.domain.stored_json import StoredReason
from dayline.ids import new_id
from dayline.sessions import segments_repository as segments

SEEDED_DAYS = 40
_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class Target:
    """A server that answers. `known_ids` can be read with `key`."""

    name: str
    base_url: str
    key: str
    known_ids: list[str]
    pid: int = 0

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used."""
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system


@contextlib.contextmanager
def real_api(name: str, folder: Path, database_url: str) -> Generator[Target, None, None]:
    """Run the API without a worker on a database, with days to read in it."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("DAYLINE_")},
        "DAYLINE_DATA_FOLDER": str(folder),
        "DAYLINE_DATABASE_URL": database_url,
        "DAYLINE_LOG_STYLE": "json",
        "DAYLINE_REQUESTS_PER_MINUTE": "100000000",
        "DAYLINE_REQUESTS_BURST": "1000000",
    }
    command = [sys.executable, "-m", "dayline", "serve", "--port", "0", "--no-workers"]
    with _running(command, environment, folder / "api.log") as (base_url, pid):
        making = [sys.executable, "-m", "dayline", "keys", "create", "--partner", "bench"]
        key = subprocess.run(making, env=environment, capture_output=True, text=True, check=True).stdout.strip()
        yield Target(name, base_url, key, _seed(base_url, key, database_url), pid)


@contextlib.contextmanager
def bare_routes(folder: Path, payloads: dict[str, Any], like: Target) -> Generator[Target, None, None]:
    """Run a server that answers what `like` answers and does nothing else."""
    command = [sys.executable, "-m", "bench.api.bare", str(_file_of(folder, payloads))]
    with _running(command, dict(os.environ), folder / "bare.log") as (base_url, pid):
        yield Target("bare", base_url, "", like.known_ids, pid)


@contextlib.contextmanager
def least_routes(name: str, folder: Path, payloads: dict[str, Any], database_url: str) -> Generator[Target, None, None]:
    """Run a server that answers the same and runs the least SQL for it, on a database of its own.

    database_url: a new database, which the real API fills and leaves.
    """
    with real_api("seeding", folder, database_url) as seeded:
        pass
    command = [sys.executable, "-m", "bench.api.least", str(_file_of(folder, payloads)), database_url]
    with _running(command, dict(os.environ), folder / "least.log") as (base_url, pid):
        yield Target(name, base_url, "", seeded.known_ids, pid)


def payloads_of(like: Target) -> dict[str, Any]:
    """Return what an API answers to each operation."""
    return {
        "submit": call(like, "POST", PATH, submission("bench")),
        "get": call(like, "GET", f"{PATH}/{like.known_ids[0]}"),
        "list": call(like, "GET", f"{PATH}?limit=20&org_id={LIST_ORG}"),
    }


def _file_of(folder: Path, payloads: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "payloads.json"
    file.write_text(json.dumps(payloads))
    return file


def call(target: Target, method: str, path: str, body: Any = None) -> Any:
    """Send one request and return its JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {target.key}", "Content-Type": "application/json"}
    request = urllib.request.Request(target.base_url + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def _seed(base_url: str, key: str, database_url: str) -> list[str]:
    """Submit days, and write into them the segments that a worker would have found."""
    target = Target("", base_url, key, [])
    ids = [call(target, "POST", PATH, submission(LIST_ORG))["id"] for _ in range(SEEDED_DAYS)]
    database = open_database(database_url)
    for session_id in ids:
        with database.write() as tx:
            segments.replace_all(tx, session_id, [_segment(session_id, number) for number in range(_SEGMENTS)])
    database.close()
    return ids


def _segment(session_id: str, number: int) -> SegmentRecord:
    start = number * 3600.0
    reasons: list[StoredReason] = [
        {
            "about": about,
            "text": "Somebody new speaks after 40 s of silence.",
            "at_seconds": start,
            "weight": 0.4,
        }
        for about in ("start", "end", "confidence", "kind")
    ]
    return SegmentRecord(
        id=new_id(),
        session_id=session_id,
        number=number,
        start_seconds=start,
        end_seconds=start + 1500.0,
        confidence=0.9,
        title=f"Visit {number + 1}",
        kind="customer",
        status=SegmentStatus.DETECTED,
        analysis_id=None,
        reasons=reasons,
        revision=0,
    )


@contextlib.contextmanager
def _running(command: list[str], environment: dict[str, str], log_path: Path) -> Generator[tuple[str, int], None, None]:
    with log_path.open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        match = re.search(r"listens on (\S+)", process.stdout.readline())
        if match is None:
            raise RuntimeError(f"{command[2]} did not start:\n{log_path.read_text()[-2000:]}")
        _await_answer(match[1])
        yield match[1], process.pid
    finally:
        process.terminate()
        process.wait(30)


def _await_answer(base_url: str) -> None:
    """Wait until the server answers anything at all, a 404 included, for 30 s."""
    for _ in range(300):
        try:
            urllib.request.urlopen(base_url + "/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{base_url} does not answer")
