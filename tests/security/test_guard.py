"""Guarded requests: which addresses are called or refused, and redirects are checked like first requests."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from dayline.security.ssrf import (
    ForbiddenAddress,
    default_tls,
    guarded_client,
    is_public,
    literal_address_problem,
    parse_networks,
    url_problem,
)

CLOSED = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.0.8",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "::ffff:0:10.0.0.1",
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:10.0.0.1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_addresses_that_are_not_the_public_internet_are_closed(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700::5efe:8.8.8.8"],
)
def test_public_addresses_are_open(address: str) -> None:
    assert is_public(address)


def test_an_operator_opens_a_network_and_no_more() -> None:
    lab = parse_networks(["10.20.0.0/16"])
    assert is_public("10.20.3.4", lab)
    assert not is_public("10.21.3.4", lab)
    with pytest.raises(ValueError, match="300"):
        parse_networks(["300.1.1.1/8"])


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.com/a.mp3", "https"),
        ("ftp://example.com/a.mp3", "https"),
        ("https:///a.mp3", "host"),
        ("https://user:word@example.com/a", "user name"),
        ("https://example.com:99999/a", "valid"),
        ("https://example.com/a b", "spaces"),
        ("file:///etc/passwd", "https"),
        ("mock://day", "https"),
    ],
)
def test_the_shape_of_an_address_is_judged_in_words(url: str, words: str) -> None:
    assert words in (url_problem(url) or "")


def test_good_shapes_pass() -> None:
    assert url_problem("https://example.com/day.mp3?X-Amz-Signature=abc&e=1") is None
    assert url_problem("http://example.com/a", allow_http=True) is None


def test_literal_private_addresses_are_seen_before_anybody_is_called() -> None:
    assert literal_address_problem("https://127.0.0.1/a")
    assert literal_address_problem("https://[::1]/a")
    assert literal_address_problem("https://localhost/a")
    assert literal_address_problem("https://example.com/a") is None


class _Site:
    def __init__(self) -> None:
        self.hits: list[str] = []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.hits.append(self.path)
                if self.path.startswith("/to/"):
                    self.send_response(302)
                    self.send_header("Location", self.path.removeprefix("/to/"))
                else:
                    self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[_Site]:
    made = _Site()
    yield made
    made.close()


def test_nothing_reaches_a_private_server_by_whatever_name(site: _Site) -> None:
    names = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", socket.gethostname()]
    with guarded_client(allow_http=True) as client:
        for name in names:
            with pytest.raises(httpx2.ConnectError):
                client.get(f"http://{name}:{site.port}/")
    assert site.hits == []


def test_a_redirect_is_judged_as_a_new_request(site: _Site) -> None:
    lab = parse_networks(["127.0.0.1"])
    with guarded_client(allow_networks=lab, allow_http=True) as client:
        assert client.get(f"http://127.0.0.1:{site.port}/fine").status_code == 200
        with pytest.raises(ForbiddenAddress):
            client.get(f"http://127.0.0.1:{site.port}/to/http://10.0.0.1/secret")
        with pytest.raises(ForbiddenAddress):
            client.get(f"http://127.0.0.1:{site.port}/to/ftp://127.0.0.1/secret")


def test_a_name_that_changes_its_mind_is_dialled_where_it_was_judged(site: _Site, monkeypatch: Any) -> None:
    answers = iter(["8.8.8.8", "127.0.0.1"])
    dialled: list[str] = []

    def rebinding(host: str, port: int, *_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        dialled.append(address[0])
        raise OSError("unreachable")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    with guarded_client(allow_http=True) as client:
        with pytest.raises(httpx2.ConnectError):
            client.get("http://changing.example/")
        with pytest.raises(ForbiddenAddress):
            client.get("http://changing.example/")
    assert dialled == ["8.8.8.8"]


def test_one_private_answer_among_public_ones_closes_the_name(monkeypatch: Any) -> None:
    def mixed(host: str, port: int, *_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", mixed)
    with guarded_client() as client, pytest.raises(ForbiddenAddress):
        client.get("https://mixed.example/")


def test_proxies_of_the_environment_are_ignored(site: _Site, monkeypatch: Any) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{site.port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{site.port}")
    with guarded_client(allow_http=True) as client, pytest.raises(httpx2.ConnectError):
        client.get("http://10.0.0.1/")
    assert site.hits == []


def test_the_certificate_authorities_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    create = httpx2.create_ssl_context

    def counted() -> Any:
        made.append(create())
        return made[-1]

    monkeypatch.setattr(httpx2, "create_ssl_context", counted)
    default_tls.cache_clear()
    for _ in range(3):
        guarded_client().close()
    assert len(made) == 1
