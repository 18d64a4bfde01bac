"""Many days at once on PostgreSQL with several workers, and nothing killed: every one completes, no deadlock.

    python -m bench.faults.days --days 200 --workers 4
    python -m bench.faults.days --days 20 --workers 1 --recording visit --engine whisper --model tiny.en

scripted: sandbox days of 90 minutes with three conversations. visit: 48 seconds of the sample day through the
speech engine. Prints a JSON report with the days per hour and worker, and exits with 1 when a day did not complete, an
analysis is left or PostgreSQL broke a deadlock.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from bench.faults.checks import broken_rules, outcomes
from bench.faults.killer import spread
from bench.faults.postgres import PostgresServer, postgres_server
from bench.faults.recording import visit
from bench.faults.service import Service, upload


def main() -> int:
    """Run the days and print a JSON report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--recording", choices=("scripted", "visit"), default="scripted")
    parser.add_argument("--engine", default="fake", help="DAYLINE_SPEECH_ENGINE")
    parser.add_argument("--model", default="", help="DAYLINE_SPEECH_MODEL")
    parser.add_argument("--models-folder", default="", help="DAYLINE_MODELS_FOLDER")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds for all to end")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dayline-days-"))
    settings = {
        "DAYLINE_SPEECH_ENGINE": asked.engine,
        "DAYLINE_SPEECH_MODEL": asked.model,
        "DAYLINE_LEASE_SECONDS": "45",
    }
    if asked.models_folder:
        settings["DAYLINE_MODELS_FOLDER"] = asked.models_folder
    try:
        with postgres_server() as server:
            service = Service(folder, database_url=server.url, workers=asked.workers, environment=settings)
            try:
                report = _run(asked, service, server)
            finally:
                service.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=2))
    return 0 if report["passed"] else 1


def _run(asked: argparse.Namespace, service: Service, server: PostgresServer) -> dict[str, Any]:
    key = service.make_key("sandbox" if asked.recording == "scripted" else "production")
    source: dict[str, Any] = {"recording_url": "mock://three-conversations"}
    if asked.recording == "visit":
        partner_id = server.rows("select id from partner where name = 'faults'")[0][0]
        file_key = upload(service, service.make_key("admin"), partner_id, "visit.wav", visit())
        source = {"file_key": file_key, "options": {"min_confidence": 0.0}}
    _wait_for_workers(server, asked.workers)
    cpu_before, began = _cpu_seconds(service), time.monotonic()
    for number in range(asked.days):
        body = {"org_id": "o", "rep_id": "r", **source}
        service.request("POST", "/v1/all-day-sessions", key, body, once=f"day-{number}")
    submitted = time.monotonic() - began
    while time.monotonic() - began < asked.limit:
        left = server.rows("select count(*) from session where status not in ('completed', 'failed')")[0][0]
        if left == 0:
            break
        time.sleep(1)
    took = time.monotonic() - began
    cpu = _cpu_seconds(service) - cpu_before
    found, rules, deadlocks = outcomes(server.rows), broken_rules(server.rows), server.deadlocks()
    size = server.rows("select pg_database_size(current_database())")[0][0]
    waits = "select extract(epoch from completed_at - started_at)::float from session where status = 'completed'"
    return {
        "days": asked.days,
        "workers": asked.workers,
        "recording": asked.recording,
        "engine": f"{asked.engine} {asked.model}".strip(),
        "outcomes": found,
        "broken_rules": rules,
        "deadlocks": deadlocks,
        "submitted_in_seconds": round(submitted, 1),
        "ended_in_seconds": round(took, 1),
        "days_per_hour_and_worker": round(asked.days / took * 3600 / asked.workers),
        "cpu_seconds_per_day": round(cpu / asked.days, 2),
        "day_seconds": spread([row[0] for row in server.rows(waits)]),
        "connections": server.rows("select count(*) from pg_stat_activity where datname = current_database()")[0][0],
        "database_megabytes": round(size / 1e6, 1),
        "passed": found == {"completed": asked.days} and not rules and deadlocks == 0,
    }


def _wait_for_workers(server: PostgresServer, count: int) -> None:
    while server.rows("select count(*) from executor")[0][0] < count:
        time.sleep(0.5)


def _cpu_seconds(service: Service) -> float:
    """Return CPU seconds of every living process of the service, those of ended children included."""
    total = 0.0
    for root in service.roots():
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


if __name__ == "__main__":
    sys.exit(main())
