"""PostgreSQL and two workers: one is killed, or frozen, in the middle of its work, and the other takes over."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest

LEASE_SECONDS = "6"


class WorkerProcess:
    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._log = log.open("a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dayline", "worker"], env=environment, stderr=self._log, stdout=self._log
        )

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGCONT)
        self.process.terminate()
        self.process.wait(90)
        self._log.close()


def test_days_of_several_conversations_end_with_two_workers(
    start_service: Any, make_postgres: Any, tmp_path: Path
) -> None:
    """Analyses of one day end at the same moments on two workers; they blocked each other for ever once."""
    url = make_postgres()
    shared = {"DAYLINE_DATABASE_URL": url, "DAYLINE_OBJECTS_URL": str(tmp_path / "objects")}
    service = start_service(arguments=("--no-workers",), **shared)
    service.key = service.make_key("sandbox")
    workers = [WorkerProcess(service.environment, tmp_path / "workers.log") for _ in range(2)]
    try:
        ids = [service.submit(recording_url="mock://three-conversations") for _ in range(12)]
        days = [service.wait(id, seconds=400) for id in ids]
    finally:
        for worker in workers:
            worker.end()
    assert [(day["status"], day["segments_analyzed"]) for day in days] == [("completed", 3)] * 12
    assert _query(url, "select count(*) from analysis where status <> 'completed'") == [(0,)]
    # Of this database only: another test of the same server makes a deadlock on purpose.
    assert _query(url, "select deadlocks from pg_stat_database where datname = current_database()") == [(0,)]


def _query(url: str, sql: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(sql.encode(), parameters).fetchall()


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_the_other_worker_takes_over(
    start_service: Any, upload_shared: Any, make_postgres: Any, short_visit: bytes, tmp_path: Path, fault: int
) -> None:
    postgres_url = make_postgres()
    shared = {
        "DAYLINE_DATABASE_URL": postgres_url,
        "DAYLINE_OBJECTS_URL": str(tmp_path / "objects"),
        "DAYLINE_LEASE_SECONDS": LEASE_SECONDS,
        "DAYLINE_RECOGNISERS": "1",
    }
    service = start_service(arguments=("--no-workers",), **shared)
    log = tmp_path / "workers.log"
    workers = [WorkerProcess(service.environment, log) for _ in range(2)]
    try:
        partner_id = _query(postgres_url, "select id from partner where name = 'tests'")[0][0]
        key = upload_shared(service, partner_id, "visit.wav", short_visit)
        session_id = service.submit(file_key=key, options={"min_confidence": 0.0})
        give_up = time.monotonic() + 400
        held: list[Any] = []
        while not held and time.monotonic() < give_up:
            held = _query(
                postgres_url,
                "select executor_id from dbos.workflow_status where name = 'day' and status = 'PENDING' "
                "and workflow_uuid like %s",
                f"day:{session_id}:%",
            )
            time.sleep(0.05)
        assert held, "no worker took the day"
        pid = int(held[0][0].rsplit("-", 2)[-2])
        victim = next(w for w in workers if w.process.pid == pid)
        victim.signal(fault)

        session = service.wait(session_id, seconds=400)

        assert session["status"] == "completed", session["error"]
        events = Counter(r[0] for r in _query(postgres_url, "select type from event where session_id = %s", session_id))
        assert events["all_day_session.processing_started"] == 1
        assert events["all_day_session.detected"] == 1
        assert events["all_day_session.completed"] == 1
        assert session["progress"]["transcribed_seconds"] == pytest.approx(session["usage"]["speech_seconds"], abs=0.2)
    finally:
        for worker in workers:
            worker.end()
