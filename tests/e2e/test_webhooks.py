"""Webhooks of a real day at a real receiver: in order, signed, and retried while the receiver is down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.running_service import RunningService

IN_ORDER = [
    "all_day_session.processing_started",
    "all_day_session.detected",
    "analysis.completed",
    "all_day_session.completed",
]


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, make_migrated_sqlite: Callable[[Path], str], tiny_whisper: dict[str, str]
) -> Iterator[RunningService]:
    """A service that may call receivers on this machine and sends again soon."""
    environment = {
        "DAYLINE_ALLOW_NETWORKS": "127.0.0.1",
        "DAYLINE_ALLOW_HTTP": "true",
        "DAYLINE_WEBHOOK_DELAYS_SECONDS": "0.5,1,1,1,1",
        **tiny_whisper,
    }
    running = RunningService(tmp_path_factory.mktemp("service") / "data", environment)
    make_migrated_sqlite(running.folder / "dayline.db")
    try:
        yield running.start()
    finally:
        running.stop()


def test_a_receiver_that_was_down_gets_everything_in_order(
    service: RunningService, receiver: Any, upload_file: Any, whole_visit: bytes
) -> None:
    hook = service.post("/v1/webhooks", {"url": receiver.url, "name": "tests", "enabled_events": IN_ORDER})
    receiver.answers = [500, 503]
    key = upload_file(service, "visit.wav", whole_visit)

    session = service.wait(service.submit(file_key=key, options={"min_confidence": 0.0}))

    assert session["status"] == "completed", session["error"]
    receiver.wait_for("all_day_session.completed")
    children = session["segments_detected"]
    assert children >= 1
    assert receiver.types() == [IN_ORDER[0], IN_ORDER[1], *[IN_ORDER[2]] * children, IN_ORDER[3]]
    verifier = Webhook(hook["signing_secret"])
    for headers, body in receiver.got:
        verifier.verify(body, {k.lower(): v for k, v in headers.items()})
    started = json.loads(receiver.got[0][1])["data"]
    assert started["status"] == "transcribing"
    assert json.loads(receiver.got[-1][1])["data"]["rollup"]["conversations"] == children


def test_a_callback_url_gets_the_events_of_its_session(
    service: RunningService, receiver: Any, upload_file: Any, short_visit: bytes
) -> None:
    key = upload_file(service, "visit.wav", short_visit)

    service.wait(service.submit(file_key=key, options={"callback_url": receiver.url, "auto_analyze": False}))

    receiver.wait_for("all_day_session.completed")
    assert receiver.types() == [IN_ORDER[0], IN_ORDER[1], IN_ORDER[3]]
