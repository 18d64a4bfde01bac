"""Connections are bounded per address and in time, and their log lines in number."""

from __future__ import annotations

import logging
import socket
import threading

import pytest
import uvicorn
from fastapi import FastAPI

from dayline.http.connections import limited_protocol
from dayline.logs import Throttle


@pytest.fixture
def address():
    app = FastAPI()

    @app.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "ok"}

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, http=limited_protocol(3, head_seconds=0.5))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join()


def ask(connection):
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = b""
    while not answer.endswith(b"}") and (piece := connection.recv(65536)):
        answer += piece
    return answer


def is_closed(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_a_connection_over_the_limit_is_closed_and_a_place_comes_back(address):
    held = [socket.create_connection(address, timeout=10) for _ in range(3)]
    assert all(ask(connection).startswith(b"HTTP/1.1 200") for connection in held)
    with socket.create_connection(address, timeout=10) as refused:
        assert is_closed(refused)
    held.pop().close()
    assert all(ask(connection).startswith(b"HTTP/1.1 200") for connection in held)
    for connection in held:
        connection.close()


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: "])
def test_a_connection_without_a_complete_head_is_closed(address, sent):
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(sent)
        assert is_closed(connection)


def test_lines_of_one_kind_are_few_and_told():
    throttle = Throttle(most=2, per_seconds=60)

    def line(message, at, name="asyncio"):
        record = logging.LogRecord(name, logging.ERROR, "", 0, message, None, None)
        record.created = at
        return throttle.filter(record), record.getMessage()

    assert [line(f"no socket for client {n}", 100.0)[0] for n in range(5)] == [True, True, False, False, False]
    assert line("another kind", 100.0)[0]
    assert all(line("no socket for client 1", 100.0, name="dayline")[0] for _ in range(5))
    passed, text = line("no socket for client 9", 161.0)
    assert passed
    assert "3 more of these were left out" in text
