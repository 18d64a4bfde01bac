"""What a worker without anything to do costs PostgreSQL: transactions per second and connections.

    python -m bench.faults.idle --settle 330 --seconds 60

Starts a server, one API process and one worker, waits until the worker has been idle for `--settle` seconds, stops the
API process, and counts for `--seconds`. With `--after-work` one scripted day is worked on first.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.faults.postgres import postgres_server
from bench.faults.service import Service

_OWN = "bench-idle"


def main() -> None:
    """Measure and print a JSON report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--settle", type=float, default=330.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--after-work", action="store_true")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dayline-idle-"))
    with postgres_server() as server:
        service = Service(folder, database_url=server.url, workers=1, environment={"DAYLINE_LEASE_SECONDS": "45"})
        try:
            if asked.after_work:
                _work(service, server.rows)
            service.stop_api()
            time.sleep(asked.settle)
            print(json.dumps(_measure(server.url, asked.seconds), indent=2))
        finally:
            service.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _work(service: Service, rows: Any) -> None:
    key = service.make_key("sandbox")
    body = {"org_id": "o", "rep_id": "r", "recording_url": "mock://three-conversations"}
    service.request("POST", "/v1/all-day-sessions", key, body, once="day")
    while rows("select count(*) from session where status <> 'completed'")[0][0]:
        time.sleep(1)


def _measure(url: str, seconds: float) -> dict[str, Any]:
    """Count on one connection of this process's own, whose two transactions are taken off."""
    with psycopg.connect(url, autocommit=True, application_name=_OWN) as connection:

        def committed() -> int:
            connection.execute("select pg_stat_force_next_flush()")
            query = "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"
            return int((connection.execute(query).fetchone() or (0,))[0])

        before, began = committed(), time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        count = committed() - before - 2
        query = "select count(*) from pg_stat_activity where datname = current_database() and application_name <> %s"
        connections = (connection.execute(query, (_OWN,)).fetchone() or (0,))[0]
        query = "select query, count(*) from pg_stat_activity where datname = current_database() group by 1"
        last = [str(row[0])[:80] for row in connection.execute(query)]
    return {"transactions_per_second": round(count / took, 1), "connections": connections, "last_queries": last}


if __name__ == "__main__":
    main()
