"""Guard against server-side request forgery: calls to untrusted URLs reach public addresses only.

A name is resolved once, every answer is checked, and one of the checked addresses is dialled. The origin stays the host
name, so TLS is verified against it and pooled connections are never shared between names. Every redirect is a new
request and is checked again. Proxy variables of the environment are ignored, because a proxy would bypass the check.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

import httpcore2
import httpx2

from dayline.clock import monotonic_seconds
from dayline.security.deadline import DeadlineStream

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# The standard library of Python 3.11 calls these global; nothing public answers there.
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_ALSO_CLOSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(n)
    for n in (
        "::/96",
        "fec0::/10",
        "64:ff9b:1::/48",
        "3fff::/20",
        "5f00::/16",
        "192.88.99.0/24",
        "100.64.0.0/10",
        "192.0.0.0/24",
    )
)
_SIIT = ipaddress.ip_network("::ffff:0:0:0/96")  # RFC 2765: translates to the IPv4 address in its last 32 bits
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: interface ids that end in an IPv4 address
_CONNECT_TRIES = 3


class ForbiddenAddress(httpx2.ConnectError):
    """The name leads to an address, or a port, that is not called."""


class _Forbidden(httpcore2.ConnectError):
    """A refusal of the guard, as opposed to other connection failures."""


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Parse networks such as `10.0.0.0/8` or `127.0.0.1`. Raises ValueError that names the invalid one."""
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts if text.strip())


def is_public(text: str, allowed: Sequence[Network] = ()) -> bool:
    """Return whether an address is public, or in a network that the operator allowed."""
    ip = ipaddress.ip_address(text.split("%", 1)[0])
    if any(ip.version == net.version and ip in net for net in allowed):
        return True
    if isinstance(ip, ipaddress.IPv6Address):
        inner: list[Any] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64 or ip in _SIIT or int(ip) >> 32 & 0xFFFFFFFF in _ISATAP:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped), allowed)
        if any(i is not None and not is_public(str(i), allowed) for i in inner):
            return False
    if any(ip.version == net.version and ip in net for net in _ALSO_CLOSED):
        return False
    return ip.is_global and not ip.is_multicast


def url_problem(url: str, *, allow_http: bool = False) -> str | None:
    """Check the form of a URL without a network call. Return what is wrong with it, or None."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a valid URL"
    schemes = ("https", "http") if allow_http else ("https",)
    if parts.scheme not in schemes:
        return "must start with https://"
    if not parts.hostname:
        return "has no host"
    if parts.username or parts.password:
        return "must not carry a user name or password"
    if port == 0:
        return "has an invalid port"
    if _CONTROL.search(url):
        return "holds spaces or control characters"
    return None


def literal_address_problem(url: str, allowed: Sequence[Network] = ()) -> str | None:
    """Return a problem when the host is a literal IP address that the guard would refuse."""
    host = urlsplit(url).hostname or ""
    try:
        public = is_public(host, allowed)
    except ValueError:
        return "leads to this machine" if _is_local_name(host) and not allowed else None
    return None if public else "does not lead to a public address"


def _is_local_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


class _Backend(httpcore2.NetworkBackend):
    def __init__(
        self, allowed: Sequence[Network], ports: frozenset[int] | None, total_seconds: float | None = None
    ) -> None:
        self._inner, self._allowed, self._ports = httpcore2.SyncBackend(), allowed, ports
        self._total_seconds = total_seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        if self._ports is not None and port not in self._ports:
            raise _Forbidden(f"port {port} is not allowed")
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} could not be resolved") from error
        addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
        if not addresses or not all(is_public(a, self._allowed) for a in addresses):
            raise _Forbidden(f"{host} does not lead to a public address")
        began = monotonic_seconds()
        stream = self._first_that_answers(addresses, port, timeout, local_address, socket_options)
        return stream if self._total_seconds is None else DeadlineStream(stream, began + self._total_seconds)

    def _first_that_answers(
        self, addresses: list[str], port: int, timeout: float | None, local_address: str | None, options: Any
    ) -> httpcore2.NetworkStream:
        last: Exception | None = None
        for address in addresses[:_CONNECT_TRIES]:
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        assert last is not None
        raise last

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        del timeout, socket_options
        raise _Forbidden(f"unix sockets such as {path} are not allowed")


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _translate_errors():
            yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


_PAIRS: tuple[tuple[type[Exception], type[httpx2.TransportError]], ...] = (
    (httpcore2.ConnectTimeout, httpx2.ConnectTimeout),
    (httpcore2.ReadTimeout, httpx2.ReadTimeout),
    (httpcore2.WriteTimeout, httpx2.WriteTimeout),
    (httpcore2.PoolTimeout, httpx2.PoolTimeout),
    (httpcore2.ConnectError, httpx2.ConnectError),
    (httpcore2.ReadError, httpx2.ReadError),
    (httpcore2.WriteError, httpx2.WriteError),
    (httpcore2.RemoteProtocolError, httpx2.RemoteProtocolError),
    (httpcore2.LocalProtocolError, httpx2.LocalProtocolError),
    (httpcore2.ProtocolError, httpx2.ProtocolError),
)


@contextmanager
def _translate_errors() -> Generator[None]:
    """Raise the errors of httpx2 in place of those of its connection pool."""
    try:
        yield
    except _Forbidden as error:
        raise ForbiddenAddress(str(error)) from error
    except Exception as error:
        for theirs, ours in _PAIRS:
            if isinstance(error, theirs):
                raise ours(str(error)) from error
        raise


@cache
def default_tls() -> ssl.SSLContext:
    """Return the TLS context of outgoing calls, made once: reading the certificate authorities takes 40 ms."""
    return httpx2.create_ssl_context()


class GuardedTransport(httpx2.BaseTransport):
    """A transport that dials public addresses only."""

    def __init__(
        self,
        *,
        allowed: Sequence[Network] = (),
        ports: Iterable[int] | None = None,
        verify: ssl.SSLContext | None = None,
        total_seconds: float | None = None,
    ) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=verify or default_tls(),
            network_backend=_Backend(allowed, frozenset(ports) if ports is not None else None, total_seconds),
            keepalive_expiry=5,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; redirects come back as answers and are checked as new requests."""
        core = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _translate_errors():
            answer = self._pool.handle_request(core)
        return httpx2.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=cast(Any, answer).extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def guarded_client(
    *,
    allow_networks: Sequence[Network] = (),
    allow_http: bool = False,
    verify: ssl.SSLContext | None = None,
    timeout_seconds: float = 30.0,
    connect_timeout_seconds: float = 10.0,
    follow_redirects: bool = True,
    total_seconds: float | None = None,
) -> httpx2.Client:
    """Return a client for untrusted addresses: HTTPS only (unless `allow_http`), five redirects at most.

    `total_seconds` limits the life of each connection, however slowly the other side talks.
    """

    def check_url(request: httpx2.Request) -> None:
        problem = url_problem(str(request.url), allow_http=allow_http)
        if problem:
            raise ForbiddenAddress(f"the address {problem}", request=request)

    return httpx2.Client(
        transport=GuardedTransport(allowed=allow_networks, verify=verify, total_seconds=total_seconds),
        timeout=httpx2.Timeout(timeout_seconds, connect=connect_timeout_seconds),
        follow_redirects=follow_redirects,
        max_redirects=5,
        trust_env=False,
        event_hooks={"request": [check_url]},
        headers={"User-Agent": "dayline", "Accept-Encoding": "identity"},
    )
