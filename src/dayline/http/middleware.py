"""ASGI middleware around every route: request id, headers, metrics, log line, unhandled exceptions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dayline.clock import monotonic_seconds
from dayline.domain.errors import DaylineError
from dayline.http import errors
from dayline.http.metrics import RequestMetrics
from dayline.http.request_body import ClientDisconnect
from dayline.http.responses import json_response
from dayline.logs import get_log, log_request

log = get_log(__name__)

_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"))


class RequestContextMiddleware:
    """Assign each request an id and `scope["state"]["headers"]` for its response; count and log it."""

    def __init__(self, app: ASGIApp, *, base_url: str, meter: RequestMetrics) -> None:
        self._app, self._base_url, self._meter = app, base_url, meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_seconds = monotonic_seconds()
        request_id = f"req_{uuid.uuid4()}"
        headers: dict[str, str] = {"X-Request-Id": request_id, "X-Content-Type-Options": "nosniff"}
        state = scope.setdefault("state", {})
        state["request_id"], state["headers"] = request_id, headers
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status = 0
        is_api = scope["path"].startswith("/v1/")

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                add_headers(message, headers, is_api=is_api)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            status = 499
        except DaylineError as error:
            await self._refuse(error, request_id, scope, receive, answer)
        except Exception:
            log.exception("request_failed_unexpectedly")
            if status:
                raise  # part of the response is sent: only closing the connection signals the failure to the client
            unexpected = DaylineError("Something went wrong on our side. The failure has been recorded.")
            await self._refuse(unexpected, request_id, scope, receive, answer)
        finally:
            self._record(scope, status, monotonic_seconds() - began_seconds)

    async def _refuse(self, error: DaylineError, request_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = errors.of_error(error, request_id=request_id, base_url=self._base_url)
        await json_response(body, error.status, errors.headers_of(error))(scope, receive, send)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "other")
        self._meter.count(method, route, status, seconds)
        log_request(method, scope["path"], status, seconds)


def add_headers(start: Message, headers: Mapping[str, str], *, is_api: bool) -> None:
    """Replace headers of the same name by `headers`; responses of the API are not stored by default."""
    ours = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    names = {name for name, _ in ours}
    kept = [pair for pair in start.get("headers", ()) if pair[0] not in names]
    if is_api and all(name != b"cache-control" for name, _ in (*kept, *ours)):
        ours.append((b"cache-control", b"no-store"))
    start["headers"] = [*kept, *ours]
