"""Request bodies: read up to a limit, and JSON that every part behind us can store."""

from __future__ import annotations

import json
import re
from typing import Any

import anyio
from starlette.types import Message, Receive

from dayline.domain.errors import InvalidRequest, RequestTooLarge
from dayline.http.validation import MAX_DEPTH, check_storable, too_deep

_READ_SECONDS = 60.0
_SUSPICIOUS = re.compile(rb"NaN|Infinity|\\u0000|\\u[dD]|\x00|[eE]\+?\d{3}")


class ClientDisconnect(Exception):
    """The client left before its request was complete."""


async def read_body(receive: Receive, announced: str | None, limit_bytes: int) -> bytes:
    """Return the whole body. Raises RequestTooLarge, InvalidRequest when it does not come, or Gone."""
    if announced is not None and announced.isascii() and announced.isdigit() and int(announced[:20]) > limit_bytes:
        raise _too_large(limit_bytes)
    chunks: list[bytes] = []
    size = 0
    with anyio.move_on_after(_READ_SECONDS):
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
    raise InvalidRequest(f"The body of the request did not arrive within {_READ_SECONDS:.0f} seconds.")


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that hands out a body that was read already, then listens on."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def check_json(body: bytes) -> None:
    """Refuse JSON that Python reads and a database does not: NaN, NUL, half characters, deep nests."""
    if body.count(b"{") + body.count(b"[") <= MAX_DEPTH and not _SUSPICIOUS.search(body):
        return
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise too_deep() from error
    except ValueError:
        return  # not JSON at all: the route says so, with the place
    check_storable(value)


def _refuse_constant(name: str) -> Any:
    raise InvalidRequest(f"The body holds {name}, which is not JSON.")


def _too_large(limit_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"The body is larger than {limit_bytes} bytes.", limit_bytes=limit_bytes)
