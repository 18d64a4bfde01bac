"""A database that is locked, a disk that is full, a data folder that cannot be written: every day completes afterwards.

    python -m bench.faults.trouble locked --seconds 120
    python -m bench.faults.trouble full --seconds 300          (needs the right to mount)
    python -m bench.faults.trouble read-only --seconds 60      (needs root and a file system with `chattr`)

Starts the service on SQLite in a folder of its own, submits scripted days and recordings, makes the trouble while they
are worked on, submits again during it, ends it, and waits for every session to end. Prints a JSON report with what
requests were answered meanwhile and what `/readyz` said, and exits with 1 when a rule was broken.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx2

from bench.faults.checks import broken_rules, outcomes
from bench.faults.recording import visit
from bench.faults.service import Service, upload

_DISK_BYTES = 200 * 1024 * 1024
_DAYS = 8


def main() -> int:
    """Run one kind of trouble and print its report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trouble", choices=("locked", "full", "read-only"))
    parser.add_argument("--seconds", type=float, default=120.0, help="how long the trouble lasts")
    parser.add_argument("--limit", type=float, default=1200.0, help="seconds for all to end afterwards")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with _folder(is_mount=asked.trouble == "full") as folder:
        report = _run(asked, folder)
    print(json.dumps(report, indent=2))
    return 0 if report["passed"] else 1


@contextlib.contextmanager
def _folder(*, is_mount: bool) -> Generator[Path]:
    """Yield a data folder; a file system of its own when trouble is made with the file system."""
    base = Path(tempfile.mkdtemp(prefix="dayline-trouble-"))
    folder = base / "data"
    folder.mkdir()
    if is_mount:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES},mode=0700", "none", folder], check=True)
    try:
        yield folder
    finally:
        if is_mount:
            subprocess.run(["umount", "-l", folder], check=False)
        shutil.rmtree(base, ignore_errors=True)


def _run(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    script = folder / "speech.json"
    script.write_text(json.dumps({"delay_seconds": 1}))
    settings = {"DAYLINE_SPEECH_ENGINE": "fake", "DAYLINE_SPEECH_MODEL": str(script)}
    # The log lies elsewhere: it must be written while the disk is full.
    log = folder.parent / "service.log"
    service = Service(folder, database_url="", workers=0, environment=settings, log=log)
    try:
        return _trouble(asked, service)
    finally:
        service.stop()


def _trouble(asked: argparse.Namespace, service: Service) -> dict[str, Any]:
    keys = {name: service.make_key(name) for name in ("sandbox", "production", "admin")}
    database = service.folder / "dayline.db"

    def rows(query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(database, timeout=60)) as connection:
            return connection.execute(query).fetchall()

    partner_id = rows("select id from partner where name = 'faults'")[0][0]
    recording = upload(service, keys["admin"], partner_id, "visit.wav", visit())
    count = 0
    for number in range(_DAYS):
        _submit(service, keys, recording, number)
        count += 1
    while not rows("select 1 from session where status not in ('queued', 'completed') limit 1"):
        time.sleep(0.2)
    answers: Counter[str] = Counter()
    with _make(asked.trouble, service.folder):
        give_up = time.monotonic() + asked.seconds
        while time.monotonic() < give_up:
            answers[f"GET /readyz {_ask(service, 'GET', '/readyz')}"] += 1
            answers[f"POST /v1/all-day-sessions {_ask_to_submit(service, keys['sandbox'])}"] += 1
            time.sleep(2)
    # Requests that were accepted during the trouble count too.
    count += sum(number for answer, number in answers.items() if answer.startswith("POST") and answer.endswith(" 202"))
    began = time.monotonic()
    _submit(service, keys, recording, _DAYS)
    ended = _wait(rows, count + 1, asked.limit)
    found, rules = outcomes(rows), broken_rules(rows)
    return {
        "trouble": asked.trouble,
        "seconds": asked.seconds,
        "answers_meanwhile": dict(answers),
        "sessions": count + 1,
        "outcomes": found,
        "broken_rules": rules,
        "ended_after_seconds": round(time.monotonic() - began) if ended else None,
        "integrity": rows("pragma integrity_check")[0][0],
        "passed": ended and set(found) == {"completed"} and found["completed"] >= count + 1 and not rules,
    }


def _submit(service: Service, keys: dict[str, str], recording: str, number: int) -> None:
    source: dict[str, Any] = {"recording_url": "mock://three-conversations"}
    if number % 2:
        source = {"file_key": recording, "options": {"min_confidence": 0.0}}
    key = keys["production" if number % 2 else "sandbox"]
    body = {"org_id": "o", "rep_id": "r", **source}
    service.request("POST", "/v1/all-day-sessions", key, body, once=f"day-{number}")


@contextlib.contextmanager
def _make(trouble: str, folder: Path) -> Generator[None]:
    if trouble == "locked":
        with contextlib.closing(sqlite3.connect(folder / "dayline.db", timeout=120)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.rollback()
        return
    if trouble == "read-only":
        # Immutable files refuse the writes of processes that have them open, as a file system does that went read-only.
        # The index of the log is left out: it is mapped, and a write to a mapped immutable file ends the process.
        files = [folder, *(path for path in folder.rglob("*") if not path.name.endswith("-shm"))]
        subprocess.run(["chattr", "+i", *files], check=True)
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", *files], check=True)
        return
    filler = folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    try:
        yield
    finally:
        filler.unlink(missing_ok=True)


def _ask(service: Service, method: str, path: str, **given: Any) -> str:
    try:
        answer = httpx2.request(method, f"{service.base_url}{path}", timeout=90, **given)
    except httpx2.TransportError as error:
        return type(error).__name__
    has_wait = " without Retry-After" if answer.status_code == 503 and "retry-after" not in answer.headers else ""
    return f"{answer.status_code}{has_wait}"


def _ask_to_submit(service: Service, key: str) -> str:
    body = {"org_id": "o", "rep_id": "r", "recording_url": "mock://single-call"}
    headers = {"Authorization": f"Bearer {key}"}
    return _ask(service, "POST", "/v1/all-day-sessions", json=body, headers=headers)


def _wait(rows: Any, count: int, limit_seconds: float) -> bool:
    began = time.monotonic()
    while time.monotonic() - began < limit_seconds:
        query = "select status in ('completed', 'failed'), count(*) from session where kind = 'day' group by 1"
        found = dict(rows(query))
        if not found.get(0) and found.get(1, 0) >= count:
            time.sleep(5)
            return True
        time.sleep(2)
    return False


if __name__ == "__main__":
    sys.exit(main())
