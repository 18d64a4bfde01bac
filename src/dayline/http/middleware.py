"""The door: every request gets an id, is measured, and under /v1 shows its key before anything else runs."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dayline.auth.principal import Principal, principal_of
from dayline.auth.scopes import check_scope
from dayline.clock import monotonic_seconds
from dayline.console.service import visitor_of
from dayline.domain.errors import DaylineError, InvalidRequest, RateLimited
from dayline.http import browser, errors
from dayline.http import request_body as bodies
from dayline.http.context import ApiContext
from dayline.http.metrics import RequestMetrics
from dayline.http.rate_limit import RateLimiter
from dayline.http.route_table import RouteTable
from dayline.logs import get_log

log = get_log(__name__)

SIGNED_PATHS = "/v1/files/"
"""Links under this path carry their own signature instead of a key, and bodies of any size."""

_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"))


@dataclass(slots=True)
class _Visit:
    """What is known of one request while it is served."""

    request_id: str
    method: str
    path: str
    began_seconds: float
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict[str, str])


class RequestContextMiddleware:
    """ASGI middleware around every route."""

    def __init__(self, app: ASGIApp, *, services: ApiContext, meter: RequestMetrics, route_table: Any) -> None:
        self._app, self._services, self._meter, self._house = app, services, meter, route_table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(f"req_{uuid.uuid4()}", scope["method"], scope["path"], monotonic_seconds())
        scope.setdefault("state", {})["request_id"] = visit.request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=visit.request_id)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = visit.request_id
                headers["X-Content-Type-Options"] = "nosniff"
                if visit.path.startswith("/v1/"):
                    headers.setdefault("Cache-Control", "no-store")
                for name, value in visit.headers.items():
                    headers[name] = value
            await send(message)

        try:
            await self._serve(visit, scope, receive, answer)
        except bodies.ClientDisconnect:
            visit.status = 499
        except DaylineError as error:
            await self._refuse(error, visit, scope, receive, answer)
        except Exception:
            log.exception("request_broke")
            if visit.status:
                raise  # half an answer is out: only breaking the connection tells the client
            broken = DaylineError("Something went wrong on our side. The failure has been recorded.")
            await self._refuse(broken, visit, scope, receive, answer)
        finally:
            self._record(visit)

    async def _serve(self, visit: _Visit, scope: Scope, receive: Receive, send: Send) -> None:
        if not visit.path.startswith("/v1/") or visit.path.startswith(SIGNED_PATHS):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if browser.is_sign_in(visit.method, visit.path):
            browser.check_sign_in(headers, visit.method, self._services.base_url)
            client = scope.get("client") or ("unknown", 0)
            self._take_token(visit, f"sign-in {client[0]}")
        else:
            caller = await run_in_threadpool(self._caller, visit, headers)
            scope["state"]["caller"] = caller
            structlog.contextvars.bind_contextvars(key_id=caller.key_id, visitor_id=caller.visitor_id)
            self._take_token(visit, caller.bucket)
            check_scope(caller, visit.method, visit.path)
        self._check_address(visit, scope)
        body = await bodies.read_body(receive, headers.get("content-length"), self._services.max_body_bytes)
        bodies.check_json(body)
        scope["state"]["raw_body"] = body
        await self._app(scope, bodies.replay(body, receive), send)

    def _caller(self, visit: _Visit, headers: Headers) -> Principal:
        """Return whose key the request carries or, without a key, who is signed in to the console."""
        parts = self._services
        authorization = headers.get("authorization")
        token = None if authorization is not None else browser.session_token(headers, parts.base_url)
        if token is None:
            return principal_of(parts.database, authorization)
        browser.check_visit(headers, visit.method, parts.base_url)
        visit.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return visitor_of(parts.database, token)

    def _take_token(self, visit: _Visit, name: str) -> None:
        limiter = self._services.rate_limiter
        verdict = limiter.take(name)
        visit.headers.update(rate_headers(limiter, verdict.remaining))
        if not verdict.allowed:
            raise RateLimited(
                "Too many requests with this key. Wait as long as Retry-After says.",
                retry_after_seconds=round(verdict.retry_after_seconds, 3),
            )

    def _check_address(self, visit: _Visit, scope: Scope) -> None:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if "\0" in visit.path or any("\0" in name or "\0" in value for name, value in query):
            raise InvalidRequest("The address holds a NUL character.")
        route_table: RouteTable = self._house()
        unknown = route_table.unknown_queries(visit.path, visit.method, (name for name, _ in query))
        if unknown:
            raise InvalidRequest(f"There is no query parameter `{unknown[0]}` here.", field=unknown[0])

    async def _refuse(self, error: DaylineError, visit: _Visit, scope: Scope, receive: Receive, send: Send) -> None:
        body = errors.of_error(error, request_id=visit.request_id, base_url=self._services.base_url)
        await JSONResponse(body, error.status, headers=errors.headers_of(error))(scope, receive, send)

    def _record(self, visit: _Visit) -> None:
        seconds = monotonic_seconds() - visit.began_seconds
        route_table: RouteTable = self._house()
        place = route_table.find(visit.path)
        method = visit.method if visit.method in _METHODS else "other"
        self._meter.count(method, place.template if place else "other", visit.status, seconds)
        log.info("request", method=method, path=visit.path, status=visit.status, duration_ms=round(seconds * 1000, 1))


def rate_headers(limiter: RateLimiter, remaining: int) -> dict[str, str]:
    """Return the quota and what is left of it, as the RateLimit header fields write them."""
    per_second = limiter.per_minute / 60
    window = max(1, math.ceil(limiter.burst / per_second))
    refill = math.ceil((limiter.burst - remaining) / per_second)
    return {
        "RateLimit-Policy": f'"default";q={limiter.burst};w={window}',
        "RateLimit": f'"default";r={remaining};t={refill}',
    }
