"""A time limit on a whole connection, so that a slow peer cannot hold it open."""

from __future__ import annotations

import ssl
from typing import Any

import httpcore2

from dayline.clock import monotonic_seconds


class DeadlineStream(httpcore2.NetworkStream):
    """A connection that ends at `ends_at_seconds` (monotonic clock), whatever is in progress."""

    def __init__(self, inner: httpcore2.NetworkStream, ends_at_seconds: float) -> None:
        self._inner, self._ends_at_seconds = inner, ends_at_seconds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read within the time that is left. Raises ReadTimeout."""
        return self._inner.read(max_bytes, self._left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write within the time that is left. Raises WriteTimeout."""
        self._inner.write(buffer, self._left(timeout, httpcore2.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Start TLS under the same limit. Raises ConnectTimeout."""
        left = self._left(timeout, httpcore2.ConnectTimeout)
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left), self._ends_at_seconds)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        """Return information about the connection."""
        return self._inner.get_extra_info(info)

    def _left(self, timeout: float | None, error: type[Exception]) -> float:
        left = self._ends_at_seconds - monotonic_seconds()
        if left <= 0:
            raise error("the time limit of this call has passed")
        return left if timeout is None else min(timeout, left)
