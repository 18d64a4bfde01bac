"""The tools over streamable HTTP: a key is required before any message is read."""

from __future__ import annotations

import uuid

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dayline.auth.principal import principal_of
from dayline.domain.errors import DaylineError
from dayline.http.errors import headers_of, of_error
from dayline.logs import get_log
from dayline.mcp.context import ToolContext
from dayline.mcp.server import DaylineServer

log = get_log(__name__)

PATH = "/mcp"


def http_app(server: DaylineServer, tools: ToolContext, *, host: str) -> ASGIApp:
    """Return the application that serves `PATH`. Requests are stateless, so any number of processes may serve them."""
    return KeyMiddleware(
        server.streamable_http_app(streamable_http_path=PATH, json_response=True, stateless_http=True, host=host), tools
    )


class KeyMiddleware:
    """Reject requests without a valid key, with the error envelope and status of the contract."""

    def __init__(self, app: ASGIApp, tools: ToolContext) -> None:
        self._app, self._tools = app, tools

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            try:
                await run_in_threadpool(self._admit, Headers(scope=scope).get("authorization"))
            except DaylineError as error:
                await self._refusal(error)(scope, receive, send)
                return
            except Exception:
                log.exception("request_failed_unexpectedly")
                broken = DaylineError("Something went wrong on our side. The failure has been recorded.")
                await self._refusal(broken)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _admit(self, authorization: str | None) -> None:
        """Check the key and count the request, for every kind of message. Raises Unauthenticated, RateLimited."""
        self._tools.count(principal_of(self._tools.database, authorization))

    def _refusal(self, error: DaylineError) -> JSONResponse:
        request_id = f"req_{uuid.uuid4()}"
        headers = {"X-Request-Id": request_id, **headers_of(error)}
        body = of_error(error, request_id=request_id, base_url=self._tools.base_url)
        return JSONResponse(body, error.status, headers=headers)
