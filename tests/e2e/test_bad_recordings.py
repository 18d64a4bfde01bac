"""Unusable recordings end with the contract's code and a message that says what to do, and leave no files."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from bench.wav import wav_bytes

BAD = {
    "noise.mp3": (random.Random(7).randbytes(60_000), "unsupported_codec"),
    "letter.mp3": (b"Dear partner, this is a letter and no recording.\n" * 500, "unsupported_codec"),
    "empty.mp3": (b"", "invalid_recording_url"),
    "five-seconds.wav": (wav_bytes(np.zeros(5 * 16_000)), "recording_too_short"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_fails_with_its_code(service: Any, recordings: Any, name: str) -> None:
    recordings.files[name], code = BAD[name]

    session = service.wait(service.submit(recording_url=f"{recordings.base_url}/range/{name}"), seconds=60)

    assert session["status"] == "failed"
    assert session["error"]["code"] == code, session["error"]
    assert len(session["error"]["message"]) > 20
    assert service.scratch_files(session["id"]) == []


def test_a_missing_file_fails_with_words_about_the_address(service: Any, recordings: Any) -> None:
    session = service.wait(service.submit(recording_url=f"{recordings.base_url}/range/nothing.mp3"), seconds=60)

    assert session["status"] == "failed"
    assert session["error"]["code"] == "invalid_recording_url"
    assert "404" in session["error"]["message"]


def test_a_redirect_to_a_private_address_is_not_followed(service: Any, recordings: Any) -> None:
    session = service.wait(service.submit(recording_url=f"{recordings.base_url}/redirect/x.mp3"), seconds=60)

    assert session["status"] == "failed"
    assert session["error"]["code"] == "invalid_recording_url"
    assert service.scratch_files(session["id"]) == []


def test_a_private_address_is_refused_before_or_while_it_is_called(start_service: Any) -> None:
    service = start_service()
    with service.web as web:
        answer = web.post(
            "/v1/all-day-sessions",
            json={"org_id": "o", "rep_id": "r", "recording_url": "https://127.0.0.1/day.mp3"},
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_recording_url")
    # A name that leads there passes the shape check and is refused when it is dialled.
    import socket

    session = service.wait(service.submit(recording_url=f"https://{socket.gethostname()}/day.mp3"), seconds=60)
    assert session["status"] == "failed"
    assert session["error"]["code"] == "invalid_recording_url"


def test_silence_is_a_day_without_conversations(service: Any, recordings: Any) -> None:
    hum = np.random.default_rng(3).normal(0, 20, 30 * 16_000)
    recordings.files["silence.wav"] = wav_bytes(hum)

    session = service.wait(service.submit(recording_url=f"{recordings.base_url}/range/silence.wav"), seconds=60)

    assert session["status"] == "completed", session["error"]
    assert session["segments_detected"] == 0
    assert session["segments"] == []
    transcript = service.get(f"/v1/all-day-sessions/{session['id']}/transcript?format=json")
    assert transcript["utterances"] == []


def test_an_upload_that_never_came_says_so(service: Any) -> None:
    partner_id = service.rows("select id from partner where name = 'tests'")[0][0]
    signed = service.post(
        f"/v1/admin/partners/{partner_id}/uploads/signed-url",
        {"file_name": "day.mp3", "content_type": "audio/mpeg"},
    )
    session = service.wait(service.submit(file_key=signed["file_key"]), seconds=60)

    assert session["status"] == "failed"
    assert "upload" in session["error"]["message"].lower()
