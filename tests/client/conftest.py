"""A real HTTP server that writes down what it is asked and answers what it was told to."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dayline_client import Dayline, RetryPolicy

KEY = "pk_sandbox_tests_secret"


@dataclass
class RecordedRequest:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Scripted:
    """One answer. `cut`: the connection is broken instead of answering."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


class Server:
    """Gives the scripted answers in turn, then `otherwise` for ever."""

    def __init__(self) -> None:
        self.forget()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                outer.answer(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def forget(self) -> None:
        self.asked: list[RecordedRequest] = []
        self.script: list[Scripted] = []
        self.otherwise = Scripted(body={"data": [], "next_cursor": None, "status": "completed"})

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        size = int(request.headers.get("Content-Length") or 0)
        url = urlsplit(request.path)
        self.asked.append(
            RecordedRequest(
                request.command,
                url.path,
                {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()},
                {k.lower(): v for k, v in request.headers.items()},
                request.rfile.read(size),
            )
        )
        said = self.script.pop(0) if self.script else self.otherwise
        if said.cut:
            request.close_connection = True
            request.connection.close()
            return
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        request.send_response(said.status)
        for name, value in said.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(_server: Server) -> Iterator[Dayline]:
    retry_policy = RetryPolicy(attempts=4, first_wait_seconds=0.01, longest_wait_seconds=2, timeout_seconds=5)
    with Dayline(_server.base_url, KEY, partner_id="partner-1", retry_policy=retry_policy) as made:
        yield made


@pytest.fixture
def server(_server: Server) -> Server:
    _server.forget()
    return _server


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted
