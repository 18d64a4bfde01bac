"""A client as an integrator writes it from the published page: urllib and hmac, nothing of ours.

It knows the submit call, the statuses, the event names and the signature header, and no more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import ssl
import struct
import subprocess
import time
import urllib.request
import uuid
from typing import Any

import pytest

from tests.running_service import RunningService

STATUSES = ("queued", "transcribing", "detecting", "analyzing", "completed", "failed")
ORDER = ("all_day_session.processing_started", "all_day_session.detected", "all_day_session.completed")


class Client:
    """Submits, polls, reads."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url, self.key = base_url, key

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.key}"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
            headers["Idempotency-Key"] = str(uuid.uuid4())
        request = urllib.request.Request(self.base_url + path, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())

    def wait(self, path: str, seconds: float = 120) -> Any:
        give_up, row = time.monotonic() + seconds, None
        while time.monotonic() < give_up:
            _, row = self.call("GET", path)
            assert row["status"] in (*STATUSES, "processing")
            if row["status"] in ("completed", "failed"):
                return row
            time.sleep(0.3)
        raise AssertionError(f"{path} did not end: {row}")


def verify(secret: str, header: str, body: bytes, *, tolerance_seconds: int = 300) -> None:
    """Check `t=<unix>,v1=<hex>` over "<t>.<body>"."""
    fields = dict(part.split("=", 1) for part in header.split(","))
    assert abs(time.time() - int(fields["t"])) <= tolerance_seconds
    good = hmac.new(secret.encode(), f"{fields['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(good, fields["v1"])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, recordings: Any, tiny_whisper: dict[str, str]) -> Any:
    environment = {
        "DAYLINE_ALLOW_NETWORKS": "127.0.0.1",
        "DAYLINE_ALLOW_HTTP": "true",
        "DAYLINE_CA_FILE": str(recordings.ca_file),
        **tiny_whisper,
    }
    service = RunningService(tmp_path_factory.mktemp("contract") / "data", environment)
    try:
        yield service.start()
    finally:
        service.stop()


def received(receiver: Any, session_id: str) -> list[tuple[dict[str, str], dict[str, Any], bytes]]:
    found = []
    for headers, body in receiver.got:
        event = json.loads(body)
        if session_id in (event["data"].get("id"), event["data"].get("parent_session_id")):
            found.append(({k.lower(): v for k, v in headers.items()}, event, body))
    return found


@pytest.mark.parametrize("name", ["three-conversations", "single-call", "no-conversation"])
def test_a_day_from_submit_to_completed(running: Any, receiver: Any, name: str) -> None:
    client = Client(running.base_url, running.make_key("sandbox"))
    status, webhook = client.call(
        "POST",
        "/v1/webhooks",
        {"url": receiver.url, "name": "contract", "enabled_events": [*ORDER, "analysis.completed"]},
    )
    assert status == 201
    secret = webhook["signing_secret"]

    status, accepted = client.call(
        "POST", "/v1/all-day-sessions", {"org_id": "acme", "rep_id": "rep-1", "recording_url": f"mock://{name}"}
    )
    assert status == 202
    assert set(accepted) == {"id", "status", "created_at"}
    assert accepted["status"] == "queued"

    session = client.wait(f"/v1/all-day-sessions/{accepted['id']}")
    assert session["status"] == "completed", session["error"]
    receiver.wait_for("all_day_session.completed")
    news = received(receiver, accepted["id"])
    types = [event["type"] for _, event, _ in news]
    analysed = [s for s in session["segments"] if s["status"] == "analyzed"]
    assert types == [*ORDER[:2], *["analysis.completed"] * len(analysed), ORDER[2]]
    for headers, event, body in news:
        verify(secret, headers["x-parlay-signature"], body)
        assert headers["x-parlay-event"] == event["type"]
        assert headers["user-agent"].startswith("parlay-webhook/1")
        assert headers["content-type"] == "application/json"
        uuid.UUID(headers["x-parlay-delivery"])
    with pytest.raises(AssertionError):
        verify("whsec_another", news[0][0]["x-parlay-signature"], news[0][2])

    assert session["segments_detected"] == len(session["segments"])
    assert (name == "no-conversation") == (session["segments_detected"] == 0)
    for segment in analysed:
        _, row = client.call("GET", f"/v1/analyses/{segment['analysis_id']}")
        assert row["status"] == "completed"
        assert row["parent_session_id"] == accepted["id"]
        pillars = ("clarity", "influence", "objection", "discovery", "delivery", "close")
        scores = [row["analysis"][f"{pillar}_score"] for pillar in pillars]
        assert abs(row["analysis"]["overall_score"] - sum(scores) / 6) <= 0.5
        assert row["analysis"]["ai_summary"] == row["analysis"]["ai_summary_v5"]
        assert set(row["analysis"]["feedback_v5"]) == set(pillars)
        assert {"text", "utterances", "words", "word_count", "duration_seconds"} <= set(row["transcript"])


def test_a_real_recording_is_played_from_where_it_was(running: Any, recordings: Any, whole_visit: bytes) -> None:
    recordings.files["visit.wav"] = whole_visit
    client = Client(running.base_url, running.key)
    url = f"{recordings.base_url}/range/visit.wav"
    body = {"org_id": "acme", "rep_id": "rep-1", "recording_url": url, "options": {"min_confidence": 0.0}}
    _, accepted = client.call("POST", "/v1/all-day-sessions", body)
    session = client.wait(f"/v1/all-day-sessions/{accepted['id']}", seconds=240)
    assert session["status"] == "completed", session["error"]
    assert session["recording_url"] == url
    assert session["segments"], "the visit is a conversation"
    segment = session["segments"][0]
    rate = struct.unpack("<I", whole_visit[24:28])[0] * 2
    first = 44 + int(segment["start_seconds"]) * rate
    last = 44 + int(segment["end_seconds"]) * rate - 1
    request = urllib.request.Request(session["recording_url"], headers={"Range": f"bytes={first}-{last}"})
    trust = ssl.create_default_context(cafile=str(recordings.ca_file))
    with urllib.request.urlopen(request, timeout=30, context=trust) as answer:
        assert answer.status == 206
        assert answer.read() == whole_visit[first : last + 1]


@pytest.mark.skipif(shutil.which("curl") is None, reason="the published command is a curl command")
def test_the_published_command_works_word_for_word(running: Any) -> None:
    client = Client(running.base_url, running.key)
    client.call("POST", "/v1/orgs", {"org_id": "acme"})
    _, playbook = client.call("POST", "/v1/orgs/acme/playbooks", {"content": "Name the price early."})
    data = json.dumps(
        {
            "org_id": "acme",
            "rep_id": "rep-1",
            "recording_url": "https://recordings.example.com/day.mp3",
            "options": {
                "auto_analyze": True,
                "min_confidence": 0.5,
                "callback_url": "https://app.example.com/hooks",
                "language": "en",
                "skip_diarization": True,
                "playbook_id": playbook["id"],
                "prompt_overrides": [{"title": "Price", "content": "Was a price named?"}],
            },
            "metadata": {},
        }
    )
    command = [
        "curl",
        "--silent",
        *("--request", "POST"),
        *("--url", f"{running.base_url}/v1/all-day-sessions"),
        *("--header", f"Authorization: Bearer {running.key}"),
        *("--header", "Content-Type: application/json"),
        *("--data", f"\n{data}\n"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert set(answer) == {"id", "status", "created_at"}
    uuid.UUID(answer["id"])
    assert answer["status"] in STATUSES
