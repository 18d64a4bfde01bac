"""Exception handlers: turn exceptions of routes into the error envelope."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from dayline.domain.errors import DaylineError
from dayline.http import errors
from dayline.http.authentication import authenticate
from dayline.http.dependencies import api_context
from dayline.http.responses import json_response
from dayline.http.validation import invalid_request

_CODES = {404: "not_found", 405: "method_not_allowed"}
_MESSAGES = {
    "not_found": "There is nothing at this address.",
    "method_not_allowed": "This address does not answer that method.",
}


def add_handlers(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(DaylineError, _known)
    app.add_exception_handler(RequestValidationError, _shape)
    app.add_exception_handler(HTTPException, _framework)


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, DaylineError)
    body = errors.of_error(error, request_id=request.state.request_id, base_url=api_context(request).base_url)
    return json_response(body, error.status, errors.headers_of(error))


async def _shape(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _known(request, invalid_request(error.errors()))


async def _framework(request: Request, error: Exception) -> Response:
    """Respond to paths and methods without a route; under /v1 a key is required nevertheless."""
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/v1/"):
        try:
            await authenticate(request)
        except DaylineError as refusal:
            return await _known(request, refusal)
    code = _CODES.get(error.status_code, "invalid_request")
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods_at(request))
    body = errors.envelope(
        code,
        _MESSAGES.get(code, "The request could not be read."),
        request_id=request.state.request_id,
        base_url=api_context(request).base_url,
        details={},
    )
    return json_response(body, error.status_code, headers)


def _methods_at(request: Request) -> list[str]:
    scope = dict(request.scope)
    routes = [route for route in request.app.routes if route.matches(scope)[0] is not Match.NONE]
    return sorted({method for route in routes for method in getattr(route, "methods", None) or ()})
