"""A real HTTP server that writes down what it is asked and answers what it was told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dayline_client import Dayline, RetryPolicy

from bench.local_server import LocalHandler, LocalServer

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
        self.reset()
        outer = self

        class Handler(LocalHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                outer.answer(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        self._server = LocalServer(Handler)
        self.base_url = self._server.base_url

    def reset(self) -> None:
        self.asked: list[RecordedRequest] = []
        self.script: list[Scripted] = []
        self.otherwise = Scripted(body={"data": [], "next_cursor": None, "status": "completed"})

    def answer(self, request: LocalHandler) -> None:
        url = urlsplit(request.path)
        self.asked.append(
            RecordedRequest(
                request.command,
                url.path,
                {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()},
                {k.lower(): v for k, v in request.headers.items()},
                request.read_body(),
            )
        )
        said = self.script.pop(0) if self.script else self.otherwise
        if said.cut:
            request.close_connection = True
            request.connection.close()
            return
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        request.send(said.status, body, said.headers)

    def close(self) -> None:
        self._server.stop()


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
    _server.reset()
    return _server


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted
