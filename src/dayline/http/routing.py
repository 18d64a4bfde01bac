"""Routers of the API: authentication, rate limits, request bodies, and the errors of a route."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, cast
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Request, Response, Security
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from dayline.auth.principal import ADMIN
from dayline.domain.errors import DaylineError, InvalidRequest, RateLimited, Unauthenticated
from dayline.domain.json_types import JsonObject
from dayline.http import browser
from dayline.http.authentication import BearerKey, authenticate, bearer, check_key_if_open
from dayline.http.context import ApiContext
from dayline.http.rate_limit import rate_headers
from dayline.http.request_body import BodyReader

_COMMON = (400, 401, 403, 413, 429, 500, 503)
_MUTATING = frozenset(("POST", "PUT", "PATCH", "DELETE"))

_IDEMPOTENCY_TEXT = re.compile(r"[\x20-\x7e]{1,255}")
_IDEMPOTENCY_KEY: JsonObject = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request happen once, however often it is sent. A UUID is a good choice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route or router that can respond with these error statuses."""
    return {status: {"$ref": f"#/components/responses/Error{status}"} for status in statuses}


def api_router(
    prefix: str, tag: str, *, also: Iterable[int] = (), route_class: type[APIRoute] | None = None
) -> APIRouter:
    """Return a router whose routes need a key. `also`: further error statuses of all of its routes."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=route_class or ApiRoute,
        responses=errors(*_COMMON, *also),
        generate_unique_id_function=_name,
    )


def admin_router(prefix: str) -> APIRouter:
    """Return a router whose routes need the operator's key."""
    return APIRouter(
        prefix=prefix,
        tags=["Admin"],
        route_class=ApiRoute,
        dependencies=[Security(bearer, scopes=[ADMIN])],
        responses=errors(*_COMMON),
        generate_unique_id_function=_name,
    )


def public_router(prefix: str = "", tag: str | None = None, *, include_in_schema: bool = True) -> APIRouter:
    """Return a router whose routes need no key: health, documentation, signed links."""
    return APIRouter(
        prefix=prefix,
        tags=[tag] if tag else [],
        include_in_schema=include_in_schema,
        generate_unique_id_function=_name,
    )


def open_router(tag: str) -> APIRouter:
    """Return a router whose routes need no key and count requests by the client's address: share links."""
    return APIRouter(
        tags=[tag],
        route_class=OpenRoute,
        responses=errors(400, 429, 500, 503),
        generate_unique_id_function=_name,
    )


class ApiRoute(APIRoute):
    """A route that needs a key.

    In this order: the key is authenticated, the request is counted against the key's rate limit, unknown query names
    are rejected, the body is read and parsed. FastAPI then checks scopes (the route's `Reader`, `Writer`, ...
    parameter) and the shape of parameters and body. The route's first transaction checks that the key is still valid;
    if the route opens none, the check runs before the response.
    """

    keeps_outcomes = True
    """Whether changes take an Idempotency-Key."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = frozenset(options.get("methods") or ())
        if methods & _MUTATING and self.keeps_outcomes:
            options["openapi_extra"] = {"parameters": [_IDEMPOTENCY_KEY], **(options.get("openapi_extra") or {})}
        super().__init__(path, endpoint, **options)
        if "{" in path or self.body_field is not None:
            self.responses = {**errors(404), **self.responses}
        if methods & _MUTATING:
            self.responses = {**errors(409), **self.responses}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of one request. Raises TypeError for a route that does not declare its caller."""
        handle = super().get_route_handler()
        self.check_declaration()
        known_names = frozenset(_query_names(self.dependant))

        async def serve(request: Request) -> Response:
            await self.admit(request)
            check_query(request, known_names)
            bodies = cast(BodyReader, request.app.state.bodies)
            if request.method in _MUTATING:
                self.check_idempotency_key(request)
                request = await bodies.read(request)
            try:
                response = await handle(request)
            except Unauthenticated:
                raise
            except (DaylineError, ValueError):
                await check_key_if_open(request)
                raise
            await check_key_if_open(request)
            return response

        return serve

    def check_idempotency_key(self, request: Request) -> None:
        """Raise InvalidRequest for an invalid Idempotency-Key."""
        key = request.headers.get("Idempotency-Key")
        if key is not None and self.keeps_outcomes and not _IDEMPOTENCY_TEXT.fullmatch(key):
            raise InvalidRequest(
                "An Idempotency-Key has 1 to 255 printable characters of ASCII.", field="Idempotency-Key"
            )

    def check_declaration(self) -> None:
        """Raise TypeError for a route that does not declare its caller."""
        if not _asks_for_a_key(self.dependant):
            raise TypeError(f"{self.path}: give the route a parameter of type Reader, Writer, AdminKey or AnyKey.")

    async def admit(self, request: Request) -> None:
        """Authenticate the caller and count the request. Raises Unauthenticated, Forbidden, RateLimited."""
        who = await authenticate(request)
        structlog.contextvars.bind_contextvars(key_id=who.key_id, visitor_id=who.visitor_id)
        await _count(request, who.bucket)


class SignInRoute(ApiRoute):
    """A route that opens a console session: for the console's own pages, counted by the client's address."""

    keeps_outcomes = False

    def check_declaration(self) -> None:
        """Accept a route without a key."""

    async def admit(self, request: Request) -> None:
        """Check the origin of the request and count it. Raises Forbidden, RateLimited."""
        context = cast(ApiContext, request.app.state.context)
        browser.check_sign_in(request.headers, request.method, context.base_url)
        request.state.is_checked = True
        await _count(request, f"sign-in {request.client.host if request.client else 'unknown'}")


class OpenRoute(ApiRoute):
    """A public route, counted by the client's address."""

    keeps_outcomes = False

    def check_declaration(self) -> None:
        """Accept a route without a key."""

    async def admit(self, request: Request) -> None:
        """Count the request. Raises RateLimited."""
        request.state.is_checked = True
        await _count(request, f"open {request.client.host if request.client else 'unknown'}")


async def _count(request: Request, name: str) -> None:
    """Count a request against the rate limit of a key, a person or an address. Raises RateLimited."""
    limiter = cast(ApiContext, request.app.state.context).rate_limiter
    verdict = limiter.take_local(name) or await run_in_threadpool(limiter.take, name)
    request.state.headers.update(rate_headers(limiter, verdict.remaining))
    if not verdict.allowed:
        raise RateLimited(
            "Too many requests with this key. Wait as long as Retry-After says.",
            retry_after_seconds=round(verdict.retry_after_seconds, 3),
        )


def check_query(request: Request, known: frozenset[str]) -> None:
    """Raise InvalidRequest for a query parameter that the route does not have, or a NUL character in the address."""
    text: bytes = request.scope["query_string"]
    if "\0" in request.scope["path"] or b"%00" in text or b"\0" in text:
        raise InvalidRequest("The address holds a NUL character.")
    if not text:
        return
    for name, _ in parse_qsl(text.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            raise InvalidRequest(f"There is no query parameter `{name}` here.", field=name)


def _query_names(dependant: Any) -> Iterable[str]:
    """Yield the names of the query parameters of a route and of its dependencies."""
    for param in dependant.query_params:
        kind = param.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (field.alias or name for name, field in kind.model_fields.items())
        else:
            yield param.alias
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _asks_for_a_key(dependant: Any) -> bool:
    return isinstance(dependant.call, BearerKey) or any(_asks_for_a_key(inner) for inner in dependant.dependencies)


def _name(route: APIRoute) -> str:
    return route.name
