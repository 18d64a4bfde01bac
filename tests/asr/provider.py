"""A transcription provider on this machine: speaks OpenAI's and Deepgram's protocol, and misbehaves when told to."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import av
import numpy as np

from bench.local_server import LocalHandler, LocalServer

WORD_SECONDS = 0.5


@dataclass
class RecordedRequest:
    """One request as the provider understood it."""

    path: str
    headers: dict[str, str]
    fields: dict[str, list[str]]
    audio: np.ndarray
    at: float = field(default_factory=time.monotonic)


Misdeed = Callable[[BaseHTTPRequestHandler], bool]
"""Answers in the provider's stead, or returns False to let it answer."""


class Provider:
    """Listens on a free port. `misdeeds` are used up one per request; then it answers properly."""

    def __init__(self) -> None:
        self.asked: list[RecordedRequest] = []
        self.misdeeds: list[Misdeed] = []
        self.language = "english"
        self.gives_words = True
        self.is_verbose = True
        self.no_speech_probability = 0.01
        self._server = LocalServer(self._handler())

    @property
    def base_url(self) -> str:
        return f"{self._server.base_url}/v1"

    def close(self) -> None:
        self._server.stop()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(LocalHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.read_body()
                asked = _understand(self.path, dict(self.headers.items()), body)
                provider.asked.append(asked)
                if provider.misdeeds and provider.misdeeds.pop(0)(self):
                    return
                answer = provider.answer(asked)
                reply(self, 400 if answer is None else 200, json.dumps(answer or {"error": "no"}).encode())

        return Handler

    def answer(self, asked: RecordedRequest) -> dict | None:
        words = heard_words(asked.audio)
        if asked.path.startswith("/v1/listen"):
            return self._deepgram(asked, words)
        return self._openai(asked, words)

    def _openai(self, asked: RecordedRequest, words: list[tuple[str, float, float]]) -> dict | None:
        text = " ".join(w for w, _, _ in words)
        if asked.fields["response_format"] == ["json"]:
            return {"text": text}
        if not self.is_verbose:
            return None
        segment = {"start": 0.0, "end": len(asked.audio) / 16000, "text": text, "avg_logprob": -1.5}
        answer = {
            "text": text,
            "language": self.language,
            "segments": [{**segment, "no_speech_prob": self.no_speech_probability}] if words else [],
        }
        if self.gives_words:
            answer["words"] = [{"word": w.strip(","), "start": s, "end": e} for w, s, e in words]
        return answer

    def _deepgram(self, asked: RecordedRequest, words: list[tuple[str, float, float]]) -> dict:
        listed = [
            {
                "word": w.strip(","),
                "punctuated_word": w,
                "start": s,
                "end": e,
                "confidence": 0.97,
                "speaker": int(s) % 2,
            }
            for w, s, e in words
        ]
        channel: dict[str, Any] = {"alternatives": [{"transcript": "", "confidence": 0.9, "words": listed}]}
        if "detect_language" in asked.fields:
            channel["detected_language"] = self.language
        return {"metadata": {}, "results": {"channels": [channel]}}


def heard_words(audio: np.ndarray) -> list[tuple[str, float, float]]:
    """One word per loud half second."""
    step = int(WORD_SECONDS * 16000)
    loud = [i for i in range(0, len(audio) - step + 1, step) if np.abs(audio[i : i + step].astype(int)).max() > 500]
    return [(f"word{i // step},", i / 16000, (i + step) / 16000) for i in loud]


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> bool:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
    return True


def status(code: int, **headers: str) -> Misdeed:
    return lambda handler: reply(handler, code, b'{"secret": "body of a stranger"}', **headers)


def half_an_answer(handler: BaseHTTPRequestHandler) -> bool:
    """Promise 1000 bytes, send 20, hang up."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"text": "half an ans')
    handler.close_connection = True
    return True


def broken_json(handler: BaseHTTPRequestHandler) -> bool:
    return reply(handler, 200, b'{"text": "half an ans')


def wrong_shape(handler: BaseHTTPRequestHandler) -> bool:
    return reply(handler, 200, b'{"text": 7, "results": {"channels": []}}')


def nested_too_deeply(handler: BaseHTTPRequestHandler) -> bool:
    return reply(handler, 200, b'{"text": ' + b"[" * 20_000 + b"]" * 20_000 + b"}")


def beyond_a_double(handler: BaseHTTPRequestHandler) -> bool:
    words = b'[{"word": "word0", "start": ' + b"9" * 400 + b', "end": 1.0}]'
    alternative = b'{"transcript": "word0", "words": ' + words + b"}"
    results = b'{"channels": [{"alternatives": [' + alternative + b"]}]}"
    return reply(handler, 200, b'{"text": "word0", "words": ' + words + b', "results": ' + results + b"}")


def hangs(handler: BaseHTTPRequestHandler) -> bool:
    time.sleep(1.5)
    handler.close_connection = True
    return True


def drips(handler: BaseHTTPRequestHandler) -> bool:
    """Send a byte now and then, so that no single read ever times out."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.close_connection = True
    for _ in range(20):
        try:
            handler.wfile.write(b" ")
        except OSError:
            break
        time.sleep(0.1)
    return True


def _understand(path: str, headers: dict[str, str], body: bytes) -> RecordedRequest:
    if not headers.get("Content-Type", "").startswith("multipart/form-data"):
        return RecordedRequest(path, headers, parse_qs(urlsplit(path).query), _decode(body))
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    fields: dict[str, list[str]] = {}
    audio = np.zeros(0, np.int16)
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        name, payload = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        assert isinstance(name, str)
        assert isinstance(payload, bytes)
        if name == "file":
            audio = _decode(payload)
        else:
            fields.setdefault(name, []).append(payload.decode())
    return RecordedRequest(path, headers, fields, audio)


def _decode(body: bytes) -> np.ndarray:
    with av.open(io.BytesIO(body), "r") as container:
        assert container.format.name == "flac"
        stream = container.streams.audio[0]
        assert (stream.rate, stream.layout.name) == (16000, "mono")
        return np.concatenate([f.to_ndarray()[0] for f in container.decode(stream)])
