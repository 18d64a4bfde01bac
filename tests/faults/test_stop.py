"""SIGTERM in the middle of the work: the worker drains, gives its lease back and exits with 0; the next one goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest


def _start_worker(service: Any, log: Path) -> subprocess.Popen[bytes]:
    with log.open("a") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "dayline", "worker"], env=service.environment, stdout=output, stderr=output
        )


def _wait_until(service: Any, sql: str, *parameters: Any) -> None:
    give_up = time.monotonic() + 400
    while not service.rows(sql, *parameters):
        assert time.monotonic() < give_up, sql
        time.sleep(0.05)


@pytest.mark.parametrize("seconds_per_chunk", [1, 600])
def test_a_worker_drains_and_the_next_goes_on(
    start_service: Any, upload_file: Any, short_visit: bytes, tmp_path: Path, seconds_per_chunk: int
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"delay_seconds": seconds_per_chunk}))
    service = start_service(arguments=("--no-workers",), DAYLINE_SPEECH_ENGINE="fake", DAYLINE_SPEECH_MODEL=str(script))
    log = tmp_path / "worker.log"
    first = _start_worker(service, log)
    session_id = service.submit(file_key=upload_file(service, "visit.wav", short_visit))
    _wait_until(service, "select 1 from workflow_status where name = 'chunk' and status = 'PENDING'")

    first.send_signal(signal.SIGTERM)
    assert first.wait(90) == 0, log.read_text()[-3000:]

    assert service.rows("select executor_id from executor") == []
    (stopped,) = [line for line in log.read_text().splitlines() if "worker_stopped" in line]
    assert len(json.loads(stopped)["unfinished"]) == 0
    ((status, attempts),) = service.rows("select status, attempts from session where id = ?", session_id)
    assert (status, attempts) == ("transcribing", 0)
    script.write_text(json.dumps({"delay_seconds": 0}))
    second = _start_worker(service, log)
    session = service.wait(session_id)
    second.send_signal(signal.SIGTERM)
    assert second.wait(90) == 0
    assert session["status"] == "completed", session["error"]
    assert service.rows("select max(attempts) from chunk where session_id = ?", session_id) == [(0,)]
