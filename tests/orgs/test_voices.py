from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from bench.wav import wav_bytes
from dayline.orgs import voice_prints_repository as voice_prints

SAMPLE_DAY = Path(__file__).parents[2] / "examples" / "sample-day"
CONSENT = {"given_by": "Jo Rep", "given_at": "2026-11-20T10:00:00+01:00", "text": "You may keep how I sound."}


@pytest.fixture(scope="module")
def said():
    """Return a function that gives the speech of some voices of the sample day as a WAV file."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    with av.open(str(SAMPLE_DAY / "day.opus")) as container:
        pieces = [f.to_ndarray()[0] for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    samples = np.concatenate(pieces)
    turns = json.loads((SAMPLE_DAY / "truth.json").read_text())["turns"]

    def of(*voices: str, seconds: float) -> bytes:
        parts = []
        for voice in voices:
            mine = [t for t in turns if t["voice"] == voice]
            spoken = [samples[int(t["start_seconds"] * 16_000) : int(t["end_seconds"] * 16_000)] for t in mine]
            parts.append(np.concatenate(spoken)[: int(seconds * 16_000)])
        return wav_bytes(np.concatenate(parts))

    return of


@pytest.fixture
def rep(server, partner):
    with server.client(server.key(partner, scopes=["partner:write", "uploads:write"])) as one:
        one.post("/v1/orgs", json={"org_id": "acme"})
        one.post("/v1/orgs/acme/reps", json={"rep_id": "jo"})
        yield one


def _upload(client, partner, body: bytes) -> str:
    path = f"/v1/admin/partners/{partner}/uploads/signed-url"
    made = client.post(path, json={"file_name": "jo.wav", "content_type": "audio/wav"}).json()
    assert client.put(made["upload_url"], content=body, headers=made["headers"]).status_code == 200
    return made["file_key"]


def test_a_voice_is_enrolled_with_consent_and_forgotten(rep, stranger, partner, server, said):
    path = "/v1/orgs/acme/reps/jo/voice"
    assert rep.get(path).json()["error"]["code"] == "voice_not_found"
    file_key = _upload(rep, partner, said("rep", seconds=20))
    answer = rep.post(path, json={"file_key": file_key, "consent": CONSENT})
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["embedder"], made["consent"]["given_by"]) == ("ge2e", "Jo Rep")
    assert made["consent"]["given_at"].startswith("2026-11-20T09:00:00")
    assert 6 <= made["speech_seconds"] <= 20
    assert rep.get(path).json() == made
    assert rep.get("/v1/orgs/acme/reps/jo").json()["has_voice"] is True
    with server.services.database.read() as tx:
        stored = voice_prints.vector(tx, partner, "acme", "jo", "ge2e")
        assert stored is not None
        vector = np.frombuffer(stored, np.float32)
        assert np.isclose(np.linalg.norm(vector), 1, atol=1e-3)
        assert voice_prints.vector(tx, partner, "acme", "jo", "another") is None
    assert not list(server.scratch.glob("voice-*"))
    assert server.services.blobs.size_bytes(file_key) is None
    assert rep.post(path, json={"file_key": file_key, "consent": CONSENT}).json()["error"]["code"] == "file_not_found"

    file_key = _upload(rep, partner, b"of another partner")
    for method in ("GET", "DELETE"):
        assert stranger.request(method, path).status_code == 404
    theirs = stranger.post("/v1/orgs", json={"org_id": "acme"})
    stranger.post("/v1/orgs/acme/reps", json={"rep_id": "jo"})
    assert theirs.status_code == 200
    refused = stranger.post(path, json={"file_key": file_key, "consent": CONSENT})
    assert refused.json()["error"]["code"] == "file_not_found"

    assert rep.delete(path).status_code == 204
    assert rep.delete(path).json()["error"]["code"] == "voice_not_found"
    with server.services.database.read() as tx:
        assert voice_prints.vector(tx, partner, "acme", "jo", "ge2e") is None


@pytest.mark.parametrize(
    ("voices", "seconds", "code"),
    [(("rep", "grace"), 12, "invalid_recording_url"), (("rep",), 5.5, "recording_too_short"), ((), 0, None)],
)
def test_what_is_not_one_voice_is_not_kept(rep, partner, server, said, voices, seconds, code):
    body = said(*voices, seconds=seconds) if voices else b"no audio at all" * 100
    file_key = _upload(rep, partner, body)
    answer = rep.post("/v1/orgs/acme/reps/jo/voice", json={"file_key": file_key, "consent": CONSENT})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["code"] == (code or "unsupported_codec")
    assert rep.get("/v1/orgs/acme/reps/jo").json()["has_voice"] is False
    assert server.services.blobs.size_bytes(file_key) is None


def test_an_org_that_forbids_voice_features_enrols_nobody(rep, partner, server, said):
    refused = rep.post("/v1/orgs", json={"org_id": "acme", "settings": {"voice_features": "never"}})
    assert refused.status_code == 400
    rep.post("/v1/orgs", json={"org_id": "acme", "settings": {"voice_features": "off"}})
    file_key = _upload(rep, partner, said("rep", seconds=20))
    answer = rep.post("/v1/orgs/acme/reps/jo/voice", json={"file_key": file_key, "consent": CONSENT})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "invalid_state")
    assert "voice_features" in answer.json()["error"]["message"]
    assert rep.get("/v1/orgs/acme/reps/jo").json()["has_voice"] is False
    assert server.services.blobs.size_bytes(file_key) is None


def test_a_repeated_key_hears_nothing_again(rep, partner, said):
    body = {"file_key": _upload(rep, partner, said("rep", seconds=20)), "consent": CONSENT}
    first, again = (rep.post("/v1/orgs/acme/reps/jo/voice", json=body, headers={"Idempotency-Key": "k"}) for _ in "ab")
    assert first.status_code == again.status_code == 200, again.text
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()


def test_a_recording_that_a_session_stands_on_stays(rep, partner, server, said):
    file_key = _upload(rep, partner, said("rep", seconds=20))
    day = {"org_id": "acme", "rep_id": "jo", "file_key": file_key}
    assert rep.post("/v1/all-day-sessions", json=day).status_code == 202
    answer = rep.post("/v1/orgs/acme/reps/jo/voice", json={"file_key": file_key, "consent": CONSENT})
    assert answer.status_code == 200, answer.text
    assert server.services.blobs.size_bytes(file_key) is not None


def test_a_key_outlives_an_enrolment_before_its_upload(rep, partner, server):
    path = f"/v1/admin/partners/{partner}/uploads/signed-url"
    made = rep.post(path, json={"file_name": "jo.wav", "content_type": "audio/wav"}).json()
    answer = rep.post("/v1/orgs/acme/reps/jo/voice", json={"file_key": made["file_key"], "consent": CONSENT})
    assert answer.json()["error"]["code"] == "invalid_recording_url"
    assert rep.put(made["upload_url"], content=b"x", headers=made["headers"]).status_code == 200


def test_without_consent_nothing_is_heard(rep, partner):
    path, file_key = "/v1/orgs/acme/reps/jo/voice", _upload(rep, partner, b"x")
    assert rep.post(path, json={"file_key": file_key}).json()["error"]["code"] == "missing_field"
    later = {**CONSENT, "given_at": "2100-01-01T00:00:00Z"}
    assert rep.post(path, json={"file_key": file_key, "consent": later}).status_code == 400
    assert rep.post(path, json={"file_key": "nothing", "consent": CONSENT}).json()["error"]["code"] == "file_not_found"
