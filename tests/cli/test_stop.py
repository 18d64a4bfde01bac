"""Stopping `serve` and `worker`, and starting a second one on the same folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from tests.conftest import ROOT
from tests.running_service import RunningService


def _leases(service) -> list[str]:
    return [row[0] for row in service.rows("select executor_id from executor")]


def _wait_for_lease(service) -> None:
    pause = threading.Event()
    for _ in range(1200):
        if _leases(service):
            return
        pause.wait(0.1)
    raise AssertionError(service.log_path.read_text()[-3000:] if service.log_path.exists() else "no worker")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_gives_the_lease_back_and_exits_0(start_service, number):
    service = start_service()
    _wait_for_lease(service)
    (worker,) = service.children("dayline worker")
    stream = service.web.stream(
        "GET", f"/v1/all-day-sessions/{service.submit(recording_url='https://x.test/a')}/events"
    )
    with stream as answer:
        assert answer.status_code == 200
        os.kill(service.process.pid, number)
        assert service.process.wait(30) == 0
    assert not worker.is_running()
    assert _leases(service) == []
    events = [line.get("event") for line in service.log_lines()]
    assert "stop_took_too_long" not in events
    assert "worker_ended" not in events


def test_a_worker_alone_drains_and_exits_0(tmp_path, make_migrated_sqlite):
    service = RunningService(tmp_path / "data", {})  # its data folder only
    make_migrated_sqlite(service.folder / "dayline.db")
    command = [sys.executable, "-m", "dayline", "worker"]
    worker = subprocess.Popen(command, env=service.environment, stderr=subprocess.DEVNULL)
    _wait_for_lease(service)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert _leases(service) == []


def test_a_second_service_on_one_folder_says_why_it_does_not_start(service):
    command = [sys.executable, "-m", "dayline", "serve", "--port", "0"]
    second = subprocess.run(command, env=service.environment, capture_output=True, text=True, timeout=120)
    assert second.returncode == 1
    assert "listens" not in second.stdout
    assert f"Another service uses {service.folder}" in " ".join(second.stderr.split())
    assert "data" in service.get("/v1/all-day-sessions"), "the first one goes on"


def test_the_demo_ends_its_service_with_it(tmp_path):
    command = [sys.executable, "-m", "dayline", "demo", "--json", str(tmp_path / "day.json")]
    environment = {**os.environ, "DAYLINE_SPEECH_ENGINE": "pocketsphinx"}
    demo = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    for line in demo.stdout:
        if "The service runs at" in line:
            break
    service = psutil.Process(demo.pid).children(recursive=True)
    assert any("serve" in child.cmdline() for child in service)
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert psutil.wait_procs(service, timeout=30)[1] == []
