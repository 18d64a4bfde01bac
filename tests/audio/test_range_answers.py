"""Servers that answer `Range` with another range, and `Content-Encoding` labels that name no coding."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import numpy as np
import pytest

from dayline.audio.sources.http import HttpLimits, HttpSource
from dayline.domain.errors import InvalidRecording

BODY = b"OggS" + np.random.default_rng(0).integers(0, 256, 700_000, np.uint8).tobytes()
OTHER = BODY[:300_000] + bytes(100) + BODY[300_100:]
QUICK = HttpLimits(backoff_seconds=0.01, block_bytes=64 << 10, attempts=3)

Answer = tuple[int, dict[str, str], bytes]
AnswerTo = Callable[[tuple[int, int] | None, int], Answer]


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=3, trust_env=False) as client:
        yield client


@pytest.fixture
def answering() -> Iterator[Callable[[AnswerTo], str]]:
    """Start servers whose answer is a function of the wanted range (start, end exclusive) and the request's number."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: AnswerTo) -> str:
        count = [0]

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                count[0] += 1
                asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
                status, headers, body = answer((int(asked[1]), int(asked[2]) + 1) if asked else None, count[0])
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/day.ogg"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def part(asked: tuple[int, int], *, cap_bytes: int | None = None, total: str = "", body: bytes = BODY) -> Answer:
    first, end = asked[0], min(asked[1], len(body))
    end = min(end, first + cap_bytes) if cap_bytes else end
    return 206, {"Content-Range": f"bytes {first}-{end - 1}/{total or len(body)}"}, body[first:end]


def whole(body: bytes = BODY) -> Answer:
    return 200, {}, body


ANSWERS: dict[str, AnswerTo] = {
    "parts capped below a block": lambda r, _: part(r, cap_bytes=10_000) if r else whole(),
    "first part of one byte": lambda r, n: part(r, cap_bytes=1 if n == 1 else None) if r else whole(),
    "length not told": lambda r, _: part(r, total="*") if r else whole(),
    "206 with the whole file": lambda r, _: part((0, len(BODY))) if r else whole(),
    "range honoured once": lambda r, n: part(r) if r and n == 1 else whole(),
    "range honoured thrice": lambda r, n: part(r) if r and n <= 3 else whole(),
    "206 with another range": lambda r, n: part(r if n == 1 else (7, 1000)) if r else whole(),
    "206 without a range": lambda r, n: (part(r) if n == 1 else (206, {}, BODY[:9])) if r else whole(),
    "200 for every request": lambda r, _: whole(),
    "another tag on every answer": lambda r, n: _tagged(part(r) if r else whole(), n),
    "whole file as 206 from the second on": lambda r, n: part(r if n == 1 else (0, len(BODY))) if r else whole(),
}


def _tagged(answer: Answer, number: int) -> Answer:
    status, headers, body = answer
    return status, {**headers, "ETag": f'"node-{number}"'}, body


@pytest.mark.parametrize("name", ANSWERS)
def test_the_bytes_arrive_whole(answering, client, tmp_path, name):
    with HttpSource(answering(ANSWERS[name]), client, QUICK, tmp_path) as source:
        assert _read_all(source) == BODY
        assert source.read_at(123_456, 1000) == BODY[123_456:124_456]
        assert source.read_at(0, 64) == BODY[:64]
        assert source.size_bytes == len(BODY)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "answer",
    [
        lambda r, n: part(r) if r and n <= 6 else whole(OTHER),
        lambda r, n: part(r) if r and n <= 2 else whole(BODY + b"more"),
        lambda r, n: part(r) if r and n <= 2 else (200, {"Content-Length": str(len(BODY) - 10)}, BODY[:-10]),
        lambda r, n: part(r, body=BODY if n <= 2 else BODY + b"more") if r else whole(BODY + b"more"),
    ],
    ids=["other bytes", "longer", "shorter", "longer in parts"],
)
def test_a_file_that_changed_is_refused(answering, client, tmp_path, answer):
    with (
        HttpSource(answering(answer), client, QUICK, tmp_path) as source,
        pytest.raises(InvalidRecording, match="another file than before"),
    ):
        _read_all(source)


def _read_all(source: HttpSource) -> bytes:
    found = bytearray()
    while more := source.read_at(len(found), 50_000):
        found += more
    return bytes(found)


@pytest.mark.parametrize("label", ["aws-chunked", "", "UTF-8", "none", "binary", "identity", "aws-chunked, utf-8"])
def test_a_label_that_names_no_coding_changes_nothing(answering, client, tmp_path, label):
    def answer(asked: tuple[int, int] | None, _: int) -> Answer:
        status, headers, body = part(asked) if asked else whole()
        return status, {**headers, "Content-Encoding": label}, body

    with HttpSource(answering(answer), client, QUICK, tmp_path) as source:
        assert source.read_at(0, len(BODY)) == BODY


@pytest.mark.parametrize("label", ["gzip", "br", "aws-chunked, gzip", "ZSTD"])
def test_a_compressed_body_is_refused_in_words(answering, client, tmp_path, label):
    url = answering(lambda r, _: (200, {"Content-Encoding": label}, BODY))
    with pytest.raises(InvalidRecording, match="compressed body"):
        HttpSource(url, client, QUICK, tmp_path)
