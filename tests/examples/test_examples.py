"""The examples run as they are, against the real service."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

EXAMPLES = ["curl/day.sh", "python/day.py", "python/day_urllib.py", "typescript/day.mts"]
RECEIVERS = ["python/receiver.py", "typescript/receiver.mts"]
IN_ORDER = [
    "all_day_session.processing_started",
    "all_day_session.detected",
    "analysis.completed",
    "all_day_session.completed",
]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_shows_the_conversations_of_a_day(run, name) -> None:
    done = run(name, "mock://back-to-back")
    assert done.returncode == 0, done.stderr
    if name == "curl/day.sh":
        assert "conversations: 2" in done.stdout
        assert "Route Nine" in done.stdout
    else:
        assert "completed: 2 conversations" in done.stdout
        assert len(re.findall(r"\b\d{1,3} of 100", done.stdout)) == 2


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_that_a_day_failed(run, name) -> None:
    done = run(name, "mock://failing-recording")
    assert done.returncode == 1, done.stderr
    assert "invalid_recording_url" in done.stderr


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_why_it_was_refused(run, name) -> None:
    done = run(name, key="pk_sandbox_00000000_wrong")
    assert done.returncode != 0
    assert "invalid_api_key" in done.stderr
    assert "pk_sandbox" not in done.stderr + done.stdout


@pytest.mark.parametrize("name", RECEIVERS)
def test_a_receiver_takes_what_is_genuine_and_nothing_else(sandbox, command, name) -> None:
    port = _free_port()
    hook = sandbox.post(
        "/v1/webhooks", {"url": f"http://127.0.0.1:{port}/hook", "name": name, "enabled_events": IN_ORDER}
    )
    environment = {**os.environ, "DAYLINE_WEBHOOK_SECRET": hook["signing_secret"], "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command(name, str(port)), env=environment, stdout=subprocess.PIPE, text=True) as receiver:
        try:
            assert receiver.stdout is not None
            assert "receiving on" in receiver.stdout.readline()
            forged = {"webhook-id": "evt_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}
            assert httpx2.post(f"http://127.0.0.1:{port}/hook", json={}, headers=forged).status_code == 401
            session_id = sandbox.submit(recording_url="mock://single-call")
            sandbox.wait(session_id, seconds=60)
            lines = [receiver.stdout.readline().split() for _ in IN_ORDER]
        finally:
            receiver.terminate()
    assert [line[0] for line in lines] == IN_ORDER
    assert lines[0][1] == lines[3][1] == session_id
    with sandbox.web as web:
        assert web.delete(f"/v1/webhooks/{hook['id']}").status_code == 204


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_typescript_client_names_fields_of_the_document(sandbox) -> None:
    document: Any = httpx2.get(f"{sandbox.base_url}/openapi.json").json()
    source = (Path(__file__).parents[2] / "examples/typescript/dayline.mts").read_text()
    for name, schema in {"Segment": "SegmentShown", "Session": "SessionShown", "Day": "SessionRequest"}.items():
        body = source.split(f"export interface {name} {{")[1].split("\n}")[0]
        fields = set(re.findall(r"^  (\w+)\??:", body, flags=re.MULTILINE))
        assert fields
        assert fields <= set(document["components"]["schemas"][schema]["properties"]), json.dumps([*fields])
