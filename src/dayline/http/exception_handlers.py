"""Turns what routes raise into the one error envelope."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dayline.domain.errors import DaylineError
from dayline.http import errors
from dayline.http.dependencies import services
from dayline.http.route_table import RouteTable
from dayline.http.validation import invalid_request

_CODES = {404: "not_found", 405: "method_not_allowed"}
_MESSAGES = {
    "not_found": "There is nothing at this address.",
    "method_not_allowed": "This address does not answer that method.",
}


def add_handlers(app: FastAPI, route_table: Any) -> None:
    """Register the handlers."""

    def of_ours(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, DaylineError)
        body = errors.of_error(error, request_id=request.state.request_id, base_url=services(request).base_url)
        return JSONResponse(body, error.status, headers=errors.headers_of(error))

    def of_schema(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return of_ours(request, invalid_request(error.errors()))

    def of_framework(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _CODES.get(error.status_code, "invalid_request")
        headers = dict(error.headers or {})
        if error.status_code == 405:
            place = _map(route_table).find(request.url.path)
            if place is not None:
                headers["Allow"] = ", ".join(place.methods)
        body = errors.envelope(
            code,
            _MESSAGES.get(code, "The request could not be read."),
            request_id=request.state.request_id,
            base_url=services(request).base_url,
            details={},
        )
        return JSONResponse(body, error.status_code, headers=headers)

    app.add_exception_handler(DaylineError, of_ours)
    app.add_exception_handler(RequestValidationError, of_schema)
    app.add_exception_handler(HTTPException, of_framework)


def _map(route_table: Any) -> RouteTable:
    found: RouteTable = route_table()
    return found
