"""A partner's transcript is taken or refused as a whole: nothing in it makes a later read fail."""

from __future__ import annotations

import json
import math

import httpx2
import pytest

from dayline.domain.errors import InvalidRecording
from dayline.domain.serialization import pack_transcript
from dayline.workflows.transcript_import import fetch_transcript

URL = "https://transcripts.example.com/1.json?token=secret"
GOOD = {"utterances": [{"start": 0, "end": 20, "text": "hello there", "speaker": "A"}], "duration_seconds": 30}


def fetched(body: bytes):
    client = httpx2.Client(transport=httpx2.MockTransport(lambda _request: httpx2.Response(200, content=body)))
    return fetch_transcript(URL, client)


def utterance(**changes) -> bytes:
    return json.dumps({"utterances": [{**GOOD["utterances"][0], **changes}]}).encode()


def word(**changes) -> bytes:
    return utterance(words=[{"word": "hello", "start": 1, "end": 2, "confidence": 0.5, **changes}])


def test_a_transcript_is_read():
    transcript = fetched(json.dumps(GOOD).encode())
    assert transcript.duration_seconds == 30
    assert [w.text for w in transcript.utterances[0].words] == ["hello", "there"]
    assert fetched(word()).utterances[0].words[0].confidence == 0.5


@pytest.mark.parametrize(
    "body",
    [
        word(confidence=math.nan),
        word(confidence=7),
        word(start=math.nan),
        word(end=math.inf),
        word(start=5),
        word(word={"a": 1}),
        word(word=""" """ * 300),
        utterance(end=1e999),
        utterance(end=10**9),
        utterance(start=-1),
        utterance(text=["a"]),
        utterance(text="x" * 30_000),
        utterance(speaker=["a"]),
        b'{"duration_seconds":1e999,"utterances":[{"start":0,"end":20,"text":"hello there how much"}]}',
        b'{"duration_seconds":1e300,"utterances":[{"start":0,"end":20,"text":"hello there how much"}]}',
        b'{"utterances":[{"start":0,"end":20,"text":"hello \\u0000 there"}]}',
        b'{"utterances":[{"start":0,"end":20,"text":"hello \\ud800 there"}]}',
        b'{"utterances":[]}',
        b'{"utterances":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"[" * 5000,
        b"[1, 2]",
        b"null",
        b"",
    ],
)
def test_anything_else_is_an_invalid_recording(body):
    with pytest.raises(InvalidRecording) as caught:
        fetched(body)
    assert caught.value.code == "invalid_recording_url"
    assert "secret" not in caught.value.message


def test_what_is_taken_can_be_stored_and_shown():
    packed = pack_transcript(fetched(json.dumps(GOOD).encode()))
    assert json.loads(json.dumps(packed, allow_nan=False)) == json.loads(json.dumps(packed))


@pytest.mark.parametrize("host", ["ⓛocalhost", "127.0.0.01", "a" * 70, "xn--a\u00ad"])
def test_hosts_that_nobody_can_call_are_an_invalid_recording(host):
    client = httpx2.Client(transport=httpx2.MockTransport(lambda _request: httpx2.Response(404)))
    with pytest.raises(InvalidRecording):
        fetch_transcript(f"http://{host}/x", client)
