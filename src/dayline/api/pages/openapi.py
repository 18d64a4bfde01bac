"""The OpenAPI document: what the routes say, and what the door does for all of them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from dayline.api.pages.codes import CODES, of_status

_MUTATING = ("post", "put", "patch", "delete")
_METHODS = (*_MUTATING, "get")
_SIGNED = "/v1/files/"
_DESCRIPTION = """\
Dayline finds every customer conversation in a recorded sales workday, analyses each one, and explains the day.

Every request under `/v1` carries `Authorization: Bearer pk_...`. Failures have one form, described at
[/docs/errors](/docs/errors); `code` is stable, `message` is for people. POST, PUT, PATCH and DELETE take an
`Idempotency-Key`: the first outcome is kept for 24 hours and answered again. Lists are newest first; follow
`next_cursor`. Times are ISO 8601 in UTC, offsets and durations are seconds.
"""
_TAGS = {
    "All-day sessions": "Long recordings: submit, follow, read, correct, delete.",
    "Analyses": "Single conversations, and the children of sessions.",
    "Service": "For operators: alive, ready, measured.",
}
_WHEN = {
    400: "The request is not of the form this operation takes.",
    401: "No key, or not a valid one.",
    403: "The key may not do this.",
    404: "Nothing of that id belongs to the key's partner.",
    405: "The address does not answer that method.",
    409: "The request does not fit the present state, or its Idempotency-Key is in use.",
    413: "The body is too large.",
    422: "The recording cannot be used.",
    429: "The key has used up its requests.",
    500: "Something went wrong on our side.",
    503: "Something that is needed does not answer.",
}
_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request happen once, however often it is sent. A UUID is a good choice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
}


def openapi_of(app: FastAPI, *, base_url: str) -> dict[str, Any]:
    """Return the document, made once per application."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            description=_DESCRIPTION,
            routes=app.routes,
            webhooks=app.webhooks.routes,
            tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
            servers=[{"url": base_url}],
            separate_input_output_schemas=False,
        )
        _complete(document, base_url)
        app.openapi_schema = document
    return app.openapi_schema


def _complete(document: dict[str, Any], base_url: str) -> None:
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A key such as pk_live_<id>_<secret>."}
    }
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Error"] = _error_schema(base_url)
    components["headers"] = _headers()
    components["responses"] = {
        f"Error{status}": {
            "description": text,
            "headers": _header_names(status),
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Error"},
                    "examples": {code: {"value": _example(code, base_url)} for code in of_status(status)},
                }
            },
        }
        for status, text in _WHEN.items()
    }
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                _complete_operation(path, method, item[method])
    for item in document.get("webhooks", {}).values():
        for operation in item.values():
            operation["responses"] = {"2XX": {"description": "Received. Anything else is sent again."}}
            operation["security"] = []


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation["responses"]
    responses.pop("422", None)
    if not path.startswith("/v1/") or path.startswith(_SIGNED):
        operation["security"] = []
        return
    operation["security"] = [{"bearer": []}]
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = {**response.get("headers", {}), **_header_names(int(status), with_rate=True)}
    wanted = {400, 401, 403, 413, 429, 500, 503}
    if "{" in path or "requestBody" in operation:
        wanted.add(404)
    if method in _MUTATING:
        wanted.add(409)
        operation.setdefault("parameters", []).append(_KEY_PARAMETER)
        for status, response in responses.items():
            if status.startswith("2"):
                response["headers"]["Idempotent-Replayed"] = {"$ref": "#/components/headers/IdempotentReplayed"}
    elif path.startswith("/v1/all-day-sessions/"):
        wanted.add(409)
    if method == "post" and path in ("/v1/all-day-sessions", "/v1/analyses"):
        wanted.add(422)
    for status in sorted(wanted):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Error{status}"})


def _error_schema(base_url: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Every answer that is not a success.",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "request_id", "doc_url", "details"],
                "properties": {
                    "code": {
                        "type": "string",
                        "description": "Stable; decide by this.",
                        "enum": [code for code, page in CODES.items() if page.status is not None],
                    },
                    "message": {"type": "string", "description": "For people; may change."},
                    "request_id": {"type": "string", "pattern": "^req_[0-9a-f-]{36}$"},
                    "doc_url": {
                        "type": "string",
                        "format": "uri",
                        "examples": [f"{base_url}/docs/errors/rate_limited"],
                    },
                    "details": {"type": "object", "additionalProperties": True},
                },
            }
        },
    }


def _example(code: str, base_url: str) -> dict[str, Any]:
    return {
        "error": {
            "code": code,
            "message": CODES[code].meaning,
            "request_id": "req_3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "doc_url": f"{base_url}/docs/errors/{code}",
            "details": {},
        }
    }


def _headers() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "RequestId": {"description": "Names this request in our logs.", "schema": text},
        "RateLimitPolicy": {"description": 'The quota, such as "default";q=120;w=12.', "schema": text},
        "RateLimit": {"description": 'What is left of it, such as "default";r=119;t=1.', "schema": text},
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
        "IdempotentReplayed": {
            "description": "`true` when this is the kept outcome of an earlier request.",
            "schema": {"type": "string", "enum": ["true"]},
        },
    }


def _header_names(status: int, *, with_rate: bool = False) -> dict[str, Any]:
    named = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if with_rate or status == 429:
        named["RateLimit-Policy"] = {"$ref": "#/components/headers/RateLimitPolicy"}
        named["RateLimit"] = {"$ref": "#/components/headers/RateLimit"}
    if status in (429, 503):
        named["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    return named
