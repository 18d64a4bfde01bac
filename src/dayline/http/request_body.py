"""Request bodies: read up to a limit, parsed once, and off the event loop when they are large."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
from fastapi import Request
from starlette.types import Receive, Scope

from dayline.domain.errors import InvalidRequest, RequestTooLarge
from dayline.security.untrusted_json import BadJson, parse_json

_READ_SECONDS = 60.0
_INLINE_BYTES = 32 * 1024
"""Bodies up to this size are parsed on the event loop, which is faster than using a thread."""

_LARGE_AT_ONCE = 1
"""Parsing holds the interpreter: two threads are no faster than one, and the event loop would wait for both."""


class ClientDisconnect(Exception):
    """The client disconnected before its request was complete."""


class ApiRequest(Request):
    """A request whose body has been read, and parsed if it is JSON."""

    def __init__(self, scope: Scope, receive: Receive, raw_body: bytes, json_body: Any) -> None:
        super().__init__(scope, receive)
        self.raw_body, self.json_body = raw_body, json_body

    async def body(self) -> bytes:
        """Return the bytes."""
        return self.raw_body

    async def json(self) -> Any:
        """Return the parsed body."""
        return self.json_body


class BodyReader:
    """Read and parse the bodies of one process; one large one at a time, so that other requests are served."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._large = anyio.CapacityLimiter(_LARGE_AT_ONCE)

    async def read(self, request: Request) -> ApiRequest:
        """Return the request with its body. Raises RequestTooLarge, InvalidRequest, ClientDisconnect."""
        raw = await read_body(request.receive, request.headers.get("content-length"), self._max_bytes)
        parsed: Any = None
        if raw and _is_json(request.headers.get("content-type", "")):
            if len(raw) <= _INLINE_BYTES:
                parsed = _parse(raw)
            else:
                parsed = await anyio.to_thread.run_sync(_parse, raw, limiter=self._large)
        return ApiRequest(request.scope, request.receive, raw, parsed)


async def read_body(receive: Receive, announced: str | None, limit_bytes: int) -> bytes:
    """Return the whole body.

    Raises RequestTooLarge, InvalidRequest when it does not arrive in time, ClientDisconnect.
    """
    if announced is not None and announced.isascii() and announced.isdigit() and int(announced[:20]) > limit_bytes:
        raise _too_large(limit_bytes)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_READ_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                chunk: bytes = message.get("body", b"")
                size += len(chunk)
                if size > limit_bytes:
                    raise _too_large(limit_bytes)
                chunks.append(chunk)
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except TimeoutError:
        message_text = f"The body of the request did not arrive within {_READ_SECONDS:.0f} seconds."
        raise InvalidRequest(message_text) from None


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("application/") and (kind == "application/json" or kind.endswith("+json"))


def _parse(raw: bytes) -> Any:
    try:
        return parse_json(raw)
    except BadJson as error:
        raise InvalidRequest(f"The body {error}.") from error


def _too_large(limit_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"The body is larger than {limit_bytes} bytes.", limit_bytes=limit_bytes)
