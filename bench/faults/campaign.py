"""Kill random processes of a working service and check that every session ends as if nothing had happened.

    python -m bench.faults.campaign --database sqlite --kills 60
    python -m bench.faults.campaign --database postgresql --kills 60 --workers 3 --postgres-kills 3 --freezes 3

Kills are SIGKILL of a random process of a random kind: API, worker, recogniser, decoder, numeric process; with
PostgreSQL also the database server, and workers that are stopped (SIGSTOP) for longer than their lease. While they
last, a number of sessions is kept open, scripted days and short recordings in turn, and every event goes to a receiver
that refuses one in twenty. Prints a JSON report and exits with 1 when a rule was broken or a session did not complete.
SIGUSR1 ends the killing early, and the rest is as usual.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from bench.faults.checks import Rows, broken_rules, chunks_transcribed_twice, outcomes, recoveries
from bench.faults.killer import PER_SESSION, Killer, spread
from bench.faults.postgres import PostgresServer, postgres_server
from bench.faults.receiver import Receiver
from bench.faults.recording import visit
from bench.faults.service import MARKERS, Service, upload

SCRIPTED = ("mock://three-conversations", "mock://back-to-back", "mock://single-call")
_EVERY_EVENT = ["*"]
_PARTNERS = 3
"""Four days of a partner are worked on at once; some of them wait for their next attempt."""
_RECORDING_SECONDS = 16.0
_DELAYS_SECONDS = (5, 10, 20, 40, 80)
"""Waits between attempts at a delivery. By default they grow to eight hours, which no campaign can wait for."""


@dataclass(frozen=True)
class _Partner:
    """A partner with a key of each environment, a recording, and the receiver as endpoint of both environments."""

    sandbox_key: str
    production_key: str
    file_key: str

    @classmethod
    def made(cls, service: Service, rows: Rows, receiver: Receiver, admin_key: str, name: str) -> _Partner:
        keys = {kind: service.make_key(kind, partner=name) for kind in ("sandbox", "production")}
        for kind, key in keys.items():
            body = {"url": receiver.url, "name": kind, "enabled_events": _EVERY_EVENT}
            service.request("POST", "/v1/webhooks", key, body, once=f"hook-{kind}")
        partner_id = rows(f"select id from partner where name = '{name}'")[0][0]
        recording = visit(most_seconds=_RECORDING_SECONDS)
        return cls(keys["sandbox"], keys["production"], upload(service, admin_key, partner_id, "visit.wav", recording))


def main() -> int:
    """Run one campaign and print its report."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, _exit)
    folder = Path(tempfile.mkdtemp(prefix="dayline-faults-"))
    try:
        with _database(asked.database, folder) as (server, rows):
            report = _run(asked, folder / "data", server, rows)
            if asked.keep_logs:
                shutil.copy(folder / "data" / "service.log", asked.keep_logs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=2))
    return 0 if report["passed"] else 1


def _exit(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=60, help="all kills, those of PostgreSQL and freezes included")
    parser.add_argument("--postgres-kills", type=int, default=0)
    parser.add_argument("--freezes", type=int, default=0)
    parser.add_argument("--freeze-seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=3, help="workers beside the API, with PostgreSQL")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=1.5, help="mean seconds between two kills")
    parser.add_argument("--minutes", type=float, default=60.0, help="most minutes of killing")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds for all to end after the last kill")
    parser.add_argument("--open", type=int, default=12, help="sessions that are kept open")
    parser.add_argument("--sessions", type=int, default=1000, help="most sessions")
    parser.add_argument("--keep-logs", type=Path, help="copy the service's log here")
    return parser.parse_args()


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Generator[tuple[PostgresServer | None, Rows]]:
    """Yield (the server, a function that reads rows). No server means SQLite in the data folder."""
    if kind == "postgresql":
        with postgres_server() as server:
            yield server, server.rows
        return

    def read(query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(folder / "data" / "dayline.db", timeout=60)) as database:
            return database.execute(query).fetchall()

    yield None, read


def _run(asked: argparse.Namespace, folder: Path, server: PostgresServer | None, rows: Rows) -> dict[str, Any]:
    script = folder / "speech.json"
    folder.mkdir(parents=True)
    script.write_text(json.dumps({"delay_seconds": 2}))
    settings = {
        "DAYLINE_SPEECH_ENGINE": "fake",
        "DAYLINE_SPEECH_MODEL": str(script),
        "DAYLINE_RECOGNISERS": "6",
        "DAYLINE_ALLOW_NETWORKS": "127.0.0.1",
        "DAYLINE_ALLOW_HTTP": "true",
        "DAYLINE_WEBHOOK_DELAYS_SECONDS": ",".join(map(str, _DELAYS_SECONDS)),
    }
    service = Service(folder, database_url=server.url if server else "", workers=asked.workers, environment=settings)
    receiver = Receiver(seed=asked.seed)
    try:
        return _campaign(asked, service, server, rows, receiver)
    finally:
        service.stop()
        receiver.stop()


def _campaign(
    asked: argparse.Namespace, service: Service, server: PostgresServer | None, rows: Rows, receiver: Receiver
) -> dict[str, Any]:
    admin = service.make_key("admin")
    partners = [_Partner.made(service, rows, receiver, admin, f"faults-{n}") for n in range(_PARTNERS)]
    submitted: list[str] = []
    halt = threading.Event()
    submitter = threading.Thread(
        daemon=True, target=_submit_until, args=(halt, asked, service, rows, partners, submitted)
    )
    submitter.start()
    began = time.monotonic()
    killer = Killer(
        service,
        random.Random(asked.seed),
        asked.kills,
        60.0 * asked.minutes,
        asked.pause,
        lambda: _count(rows, "status = 'completed'"),
        postgres=server,
        postgres_kills=asked.postgres_kills if server else 0,
        freezes=asked.freezes if server else 0,
        freeze_seconds=asked.freeze_seconds,
        every_kill=functools.partial(_say_progress, rows, time.monotonic()),
    )

    def end_killing(_number: int, _frame: FrameType | None) -> None:
        killer.enough.set()

    signal.signal(signal.SIGUSR1, end_killing)
    killer.run()
    halt.set()
    submitter.join()
    after = time.monotonic()
    ended = _wait_for_end(rows, len(submitted), asked.limit)
    delivered = _wait_for_deliveries(rows, asked.limit)
    lines = service.log_lines()
    statuses = service.stop()
    found, rules = outcomes(rows), broken_rules(rows)
    places = (service.folder / "scratch", service.folder / "objects" / "scratch")
    scratch = [p for place in places for p in place.rglob("*") if p.is_file()]
    twice = chunks_transcribed_twice(lines)
    webhooks = _events_taken(rows, receiver)
    events = Counter(line.get("event") for line in lines)
    return {
        "database": asked.database,
        "kills": {**dict(killer.done), "all": killer.done.total()},
        "sessions": len(submitted),
        "outcomes": found,
        "broken_rules": rules,
        "chunks_transcribed": events["chunk_transcribed"],
        "chunks_transcribed_twice": twice,
        "scratch_files_left": len(scratch),
        "webhooks": webhooks,
        "takeovers": events["jobs_taken_over"],
        "swept": sum(int(line.get("jobs", 0)) for line in lines if line.get("event") == "jobs_swept"),
        "steps_retried": dict(Counter(line.get("kind") for line in lines if line.get("event") == "step_retried")),
        "deadlocks": server.deadlocks() if server else None,
        "service_away_seconds": spread(killer.away_seconds),
        "session_seconds": spread(recoveries(rows)),
        "kill_phase_seconds": round(after - began),
        "ended_after_last_kill_seconds": None if ended is None else round(ended),
        "deliveries_ended_after_seconds": None if delivered is None else round(delivered),
        "exit_statuses": statuses,
        "passed": found == {"completed": len(submitted)}
        and not rules
        and not twice
        and not scratch
        and not webhooks["missing"]
        and not webhooks["different_bodies"]
        and not webhooks["unknown"]
        and delivered is not None,
    }


def _say_progress(rows: Rows, began: float, done: Counter[str]) -> None:
    """Write a line to standard error after every 25th kill."""
    if done.total() % 25 == 0:
        ended = _count(rows, "status in ('completed', 'failed')")
        print(f"{time.monotonic() - began:.0f} s, sessions ended: {ended}, kills: {dict(done)}", file=sys.stderr)


def _submit_until(
    halt: threading.Event,
    asked: argparse.Namespace,
    service: Service,
    rows: Rows,
    partners: list[_Partner],
    submitted: list[str],
) -> None:
    """Keep some sessions open. The same Idempotency-Key is sent until an answer comes."""
    number = 0
    while not halt.is_set() and number < asked.sessions:
        if _count(rows, "status not in ('completed', 'failed')") >= asked.open:
            halt.wait(0.5)
            continue
        number += 1
        partner = partners[number // 2 % len(partners)]
        if number % 2 == 0:
            options = {"min_confidence": 0.0, "skip_diarization": number % 4 == 0}
            key, source = partner.production_key, {"file_key": partner.file_key, "options": options}
        else:
            key, source = partner.sandbox_key, {"recording_url": SCRIPTED[number // 2 % len(SCRIPTED)]}
        body = {"org_id": "o", "rep_id": "r", **source}
        submitted.append(service.request("POST", "/v1/all-day-sessions", key, body, once=f"day-{number}")["id"])


def _count(rows: Rows, condition: str) -> int:
    return rows(f"select count(*) from session where kind = 'day' and {condition}")[0][0]


def _wait_for_end(rows: Rows, count: int, limit_seconds: float) -> float | None:
    """Return after how many seconds every session had ended, None when some had not within the limit."""
    began = time.monotonic()
    while time.monotonic() - began < limit_seconds:
        ended = rows("select count(*) from session where kind = 'day' and status in ('completed', 'failed')")[0][0]
        if ended >= count:
            took = time.monotonic() - began
            time.sleep(5)  # the jobs' last steps, which clean up
            return took
        time.sleep(1)
    return None


def _wait_for_deliveries(rows: Rows, limit_seconds: float) -> float | None:
    """Return after how many seconds no event and no delivery waited any more, None when some did at the limit."""
    began = time.monotonic()
    while time.monotonic() - began < limit_seconds:
        waiting = rows("select count(*) from delivery where status = 'pending'")[0][0]
        if waiting + rows("select count(*) from event where relayed_at is null")[0][0] == 0:
            return time.monotonic() - began
        time.sleep(1)
    return None


def _events_taken(rows: Rows, receiver: Receiver) -> dict[str, int]:
    """Compare the events of the database with those that the receiver took."""
    written = {row[0] for row in rows("select id from event")}
    return {
        "events": len(written),
        "missing": len(written - receiver.taken.keys()),
        "taken_more_than_once": sum(1 for count in receiver.taken.values() if count > 1),
        "different_bodies": sum(1 for bodies in receiver.bodies.values() if len(bodies) > 1),
        "unknown": len(receiver.taken.keys() - written),
    }


if __name__ == "__main__":
    assert set(PER_SESSION) == set(MARKERS)
    sys.exit(main())
