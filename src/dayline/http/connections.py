"""Limits on connections: number per address, and time until a request's head is complete."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0
"""A connection on which no complete request head arrives within this time is closed."""


def limited_protocol(max_per_address: int, *, head_seconds: float = HEAD_SECONDS) -> type[asyncio.Protocol]:
    """Return the HTTP protocol of a server that closes connections over a limit and half-open ones.

    max_per_address: simultaneous connections per address. A reverse proxy is one address.
    """
    own = {"held": Counter[str](), "max_per_address": max_per_address, "head_seconds": head_seconds}
    return type("LimitedProtocolOfServer", (LimitedProtocol,), own)


class LimitedProtocol(H11Protocol):
    """HTTP protocol that counts connections per address, and closes those that never finish a request head."""

    held: ClassVar[Counter[str]]
    max_per_address: ClassVar[int]
    head_seconds: ClassVar[float]

    _address: str | None = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Accept a connection, or close it at once if its address has too many."""
        peer: object = transport.get_extra_info("peername")  # (host, port) over TCP, a path or nothing otherwise
        self._address = str(cast("tuple[object, ...]", peer)[0]) if isinstance(peer, tuple) and peer else "local"
        self.held[self._address] += 1
        super().connection_made(transport)
        if self.held[self._address] > self.max_per_address:
            transport.abort()
            return
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Read data; the timeout of a head runs until a request has begun."""
        super().data_received(data)
        if self._serves():
            self._disarm()
        elif self._timer is None:
            self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the connection's slot."""
        self._disarm()
        if self._address is not None:
            self.held[self._address] -= 1
            if self.held[self._address] <= 0:
                del self.held[self._address]
            self._address = None
        super().connection_lost(exc)

    def _serves(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, in spite of its declared type
        return cycle is not None and not cycle.response_complete

    def _arm(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._close_when_idle)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_when_idle(self) -> None:
        self._timer = None
        if not self._serves() and not self.transport.is_closing():
            self.transport.close()
