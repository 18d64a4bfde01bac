"""Compress JSON responses with gzip: the transcript of a day shrinks to a quarter."""

from __future__ import annotations

import gzip

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIN_BYTES = 1024
_LEVEL = 5
_IN_THREAD_BYTES = 64 * 1024


class JsonCompression:
    """ASGI middleware. Streams, files and everything but complete JSON responses pass unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not _takes_gzip(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        held: Message | None = None

        async def answer(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_json(Headers(raw=message["headers"])):
                held = message
                return
            if held is None:
                await send(message)
                return
            start, held = held, None
            body: bytes = message.get("body", b"")
            if message["type"] != "http.response.body" or message.get("more_body", False) or len(body) < MIN_BYTES:
                await send(start)
                await send(message)
                return
            # Large bodies are compressed in a thread, so that the event loop can serve other requests.
            packed = await run_in_threadpool(_pack, body) if len(body) > _IN_THREAD_BYTES else _pack(body)
            headers = MutableHeaders(scope=start)
            headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(packed))
            headers.add_vary_header("Accept-Encoding")
            await send(start)
            await send({"type": "http.response.body", "body": packed})

        await self._app(scope, receive, answer)


def _pack(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=_LEVEL, mtime=0)


def _is_json(headers: Headers) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip()
    return kind == "application/json" and "content-encoding" not in headers


def _takes_gzip(headers: Headers) -> bool:
    for entry in headers.get("accept-encoding", "").lower().split(","):
        coding, _, parameters = entry.partition(";")
        if coding.strip() == "gzip":
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
