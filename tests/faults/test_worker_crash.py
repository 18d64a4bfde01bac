"""A recording that ends the worker process every time fails in the end; a worker that hangs is started again."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from dayline.cli.worker_supervisor import WorkerSupervisor

_CRASHING_WORKER = """
import os, sys, threading
from pathlib import Path
from dayline.audio.ports import LocalFile
from dayline.bootstrap import build_worker
from dayline.store import open_store
from dayline.settings import Settings
from dayline.workflows import step_starts

step_starts.SUSPECT_AFTER, step_starts.GIVEN_UP_AFTER = 1, 2
folder, poison = Path(sys.argv[1]), sys.argv[2]

def open_recording(recording, _folder, _should_stop):
    return os.abort() if recording.file_key == poison else LocalFile(folder / "objects" / recording.file_key)

settings = Settings(data_folder=folder)
worker = build_worker(settings, open_store(settings), open_source=open_recording)
worker.start()
threading.Event().wait()
"""


def test_a_recording_that_ends_its_worker_every_time_fails_and_others_complete(
    start_service: Any, upload_file: Any, short_visit: bytes
) -> None:
    service = start_service(arguments=("--no-workers",), DAYLINE_SPEECH_ENGINE="fake")
    key = upload_file(service, "visit.wav", short_visit)
    poison = service.submit(file_key=key)
    other = service.submit(file_key=upload_file(service, "other.wav", short_visit))

    def status(id: str) -> str:
        return service.get(f"/v1/all-day-sessions/{id}")["status"]

    statuses: list[int] = []
    process: subprocess.Popen[bytes] | None = None
    give_up = time.monotonic() + 400
    try:
        while status(poison) != "failed" or status(other) != "completed":
            assert time.monotonic() < give_up, statuses
            if process is None or process.poll() is not None:
                if process is not None:
                    statuses.append(process.returncode)
                process = subprocess.Popen(
                    [sys.executable, "-c", _CRASHING_WORKER, str(service.folder), key], env=service.environment
                )
            time.sleep(0.2)
    finally:
        if process is not None:
            process.kill()
            process.wait()
    assert statuses == [-signal.SIGABRT] * 3
    assert service.get(f"/v1/all-day-sessions/{poison}")["error"]["code"] == "worker_crashed"


def test_a_silent_worker_is_started_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAYLINE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("DAYLINE_SPEECH_ENGINE", "fake")
    # As under many connections: descriptors above 1,023.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    supervisor = WorkerSupervisor(hung_seconds=10.0)
    supervisor.start()
    try:
        first = _wait_for_worker(supervisor, None)
        os.kill(first.pid, signal.SIGSTOP)
        second = _wait_for_worker(supervisor, first)
        assert not first.is_running()
        assert second.is_running()
    finally:
        supervisor.stop()
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _wait_for_worker(supervisor: WorkerSupervisor, other: psutil.Process | None) -> psutil.Process:
    """Return the worker that runs and has shown that it lives, other than `other`."""
    give_up = time.monotonic() + 120
    while supervisor.living_pid is None or (other is not None and supervisor.living_pid == other.pid):
        assert time.monotonic() < give_up
        time.sleep(0.1)
    return psutil.Process(supervisor.living_pid)
