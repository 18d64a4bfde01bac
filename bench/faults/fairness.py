"""How much one partner's load delays another's.

    python -m bench.faults.fairness days --queued 2000
    python -m bench.faults.fairness receivers --partners 4 --answer-after 28

days: partner A has that many scripted days waiting; how long does a day of partner B take, alone and then beside them?
receivers: partners with eight endpoints each that answer after a while have deliveries waiting; how long do deliveries
of another partner to a receiver that answers at once take, alone and then beside them?
On SQLite in a temporary folder. Prints a JSON report.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.faults.service import Service
from bench.faults.slow_receiver import HERE, Deliveries, TimedReceiver
from dayline.logs import set_up_logs
from dayline.settings import Settings
from dayline.store import open_store
from dayline.webhooks.delivery import Deliverer
from dayline.webhooks.dispatcher import Dispatcher

_ENDPOINTS = 8
_LONG_DAY, _SHORT_DAY = "mock://three-conversations", "mock://single-call"


def main() -> None:
    """Run what was asked for and print a JSON report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    days = kinds.add_parser("days")
    days.add_argument("--queued", type=int, default=2000)
    days.add_argument("--samples", type=int, default=5)
    receivers = kinds.add_parser("receivers")
    receivers.add_argument("--partners", type=int, default=4)
    receivers.add_argument("--answer-after", type=float, default=28.0)
    receivers.add_argument("--deliveries", type=int, default=100, help="waiting for each slow partner")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dayline-fairness-"))
    try:
        report = _days(asked, folder) if asked.kind == "days" else _receivers(asked, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=2))


def _days(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    service = Service(folder, database_url="", workers=0, environment={})
    try:
        large, small = service.make_key("sandbox", partner="large"), service.make_key("sandbox", partner="small")
        alone = [_day(service, small) for _ in range(asked.samples)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: _submit(service, large, _LONG_DAY, f"large-{n}"), range(asked.queued)))
        before = _waiting(folder)
        beside = [_day(service, small) for _ in range(asked.samples)]
        one_place = _seconds_per_place(folder)
        after = _waiting(folder)
    finally:
        service.stop()
    return {
        "queued_of_large": [before, after],
        "alone_seconds": _spread(alone),
        "beside_seconds": _spread(beside),
        "seconds_from_start_to_end_of_a_day_of_large": one_place,
    }


def _submit(service: Service, key: str, url: str, once: str) -> str:
    body = {"org_id": "o", "rep_id": "r", "recording_url": url}
    return service.request("POST", "/v1/all-day-sessions", key, body, once=once)["id"]


def _day(service: Service, key: str) -> float:
    began = time.monotonic()
    session_id = _submit(service, key, _SHORT_DAY, f"small-{began}")
    while service.request("GET", f"/v1/all-day-sessions/{session_id}", key)["status"] != "completed":
        time.sleep(0.2)
    return time.monotonic() - began


def _rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(folder / "dayline.db", timeout=60)) as database:
        return database.execute(query).fetchall()


def _waiting(folder: Path) -> int:
    return int(_rows(folder, "select count(*) from session where status = 'queued'")[0][0])


def _seconds_per_place(folder: Path) -> float | None:
    """Return how long a day of the large partner held its place, by the median."""
    query = (
        "select (julianday(completed_at) - julianday(started_at)) * 86400 from session where status = 'completed' "
        f"and recording_url = '{_LONG_DAY}'"
    )
    found = [row[0] for row in _rows(folder, query)]
    return round(statistics.median(found), 1) if found else None


def _receivers(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    set_up_logs(level="ERROR")
    database = open_store(Settings(data_folder=folder))
    slow, quick = TimedReceiver(asked.answer_after), TimedReceiver(0.0)
    of_slow = [Deliveries(database, f"slow-{n}", slow.url, endpoints=_ENDPOINTS) for n in range(asked.partners)]
    of_quick = Deliveries(database, "quick", quick.url)
    dispatcher = Dispatcher(database, Deliverer(database, allow_networks=HERE, allow_http=True))
    dispatcher.start()

    def measure() -> list[float]:
        return [of_quick.emit_and_wait(quick) for _ in range(10)]

    measure()
    alone = measure()
    for deliveries in of_slow:
        for _ in range(asked.deliveries // _ENDPOINTS):
            deliveries.emit()
    pause = threading.Event()
    held = -1
    while held != slow.count:  # until no more places are taken for a second
        held = slow.count
        pause.wait(1.0)
    beside = measure()
    dispatcher.stop(drain_seconds=0.1)
    return {
        "slow_partners": asked.partners,
        "places_they_hold": held,
        "alone_seconds": _spread(alone),
        "beside_seconds": _spread(beside),
    }


def _spread(seconds: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(seconds), 2), "max": round(max(seconds), 2)}


if __name__ == "__main__":
    main()
