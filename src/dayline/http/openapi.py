"""OpenAPI document: the declarations of the routes, completed by shared responses, headers and schemas."""

from __future__ import annotations

import re
from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from dayline.domain.json_types import JsonObject
from dayline.http.docs.error_catalogue import CODES, of_status
from dayline.http.docs.event_streams import describe_streams
from dayline.http.errors import ErrorEnvelope, envelope

_METHODS = ("post", "put", "patch", "delete", "get")
_LONG = 50_000
"""Longer texts use a negated pattern: a pattern over this many characters overwhelms test generators."""
_NO_NUL = r"^[^\u0000]*$"
_DESCRIPTION = """\
Dayline finds every customer conversation in a recorded sales workday, analyses each one, and explains the day.

Every request under `/v1` carries `Authorization: Bearer pk_...`. Failures have one form, described at
[/docs/errors](/docs/errors); `code` is stable, `message` is for people. POST, PUT, PATCH and DELETE take an
`Idempotency-Key`: the first outcome is kept for 24 hours and answered again. Lists are newest first; follow
`next_cursor`. Times are ISO 8601 in UTC, offsets and durations are seconds.

Guides: [conventions](/docs/guides/conventions), [sessions](/docs/guides/sessions),
[corrections](/docs/guides/corrections), [events](/docs/guides/events), [search](/docs/guides/search),
[share links](/docs/guides/shares).
"""
_TAGS = {
    "All-day sessions": "Long recordings: submit, follow, read, correct, delete.",
    "Analyses": "Single conversations, and the children of sessions.",
    "Webhooks": "Endpoints that receive events, and their deliveries.",
    "Orgs and reps": "Teams and their people, under your own ids.",
    "Playbooks and prompts": "What conversations are judged by.",
    "Uploads": "Files that partners hand over by a signed link.",
    "Share links": "One conversation, read-only, for people without a key.",
    "Console": "Signing in to the web console, and who is signed in.",
    "Admin": "Partners and keys. Needs an admin key.",
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


def openapi_of(app: FastAPI, *, base_url: str, max_upload_bytes: int) -> dict[str, Any]:
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
        describe_streams(document)
        _complete(document, base_url)
        _limit_uploads(document["components"]["schemas"], max_upload_bytes)
        app.openapi_schema = document
    return app.openapi_schema


def _limit_uploads(schemas: dict[str, Any], max_upload_bytes: int) -> None:
    """Add this installation's upload limit to the field of the upload's size."""
    for kind in schemas["UploadRequest"]["properties"]["size_bytes"]["anyOf"]:
        if kind["type"] == "integer":
            kind["maximum"] = max_upload_bytes


def _complete(document: dict[str, Any], base_url: str) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for schema in schemas.values():
        _say_what_is_storable(schema)
    schemas["Json"] = _JSON
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
                _say_what_is_storable(item[method].get("requestBody"))
                _complete_operation(method, item[method])
                item[method]["x-codeSamples"] = [
                    {"lang": "curl", "source": _curl(base_url, method, path, item[method])}
                ]
    for item in document.get("webhooks", {}).values():
        for operation in item.values():
            operation["responses"] = {"2XX": {"description": "Received. Anything else is sent again."}}
            operation["security"] = []


def _curl(base_url: str, method: str, path: str, operation: dict[str, Any]) -> str:
    """Return a command that calls an operation; path parameters are shell variables."""
    address = re.sub(r"\{([a-z_]+)\}", lambda found: f"${found[1].upper()}", path)
    lines = [f'curl --request {method.upper()} "{base_url}{address}"']
    if operation["security"]:
        lines.append('--header "Authorization: Bearer $DAYLINE_API_KEY"')
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        lines += ["--header 'Content-Type: application/json'", "--data @request.json"]
    return " \\\n  ".join(lines)


def _complete_operation(method: str, operation: dict[str, Any]) -> None:
    """Add the headers of responses, and write shared error responses as references."""
    responses: dict[str, Any] = operation["responses"]
    if "$ref" not in responses.get("422", {"$ref": ""}):
        del responses["422"]  # the framework's; ours are 400
    for status, response in responses.items():
        if "$ref" in response:
            responses[status] = {"$ref": response["$ref"]}
    if "security" not in operation:
        operation["security"] = []
        return
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = {**response.get("headers", {}), **_header_names(200, with_rate=True)}
            if method != "get":
                response["headers"]["Idempotent-Replayed"] = {"$ref": "#/components/headers/IdempotentReplayed"}


_JSON: JsonObject = {
    "description": "Any JSON without NUL characters.",
    "anyOf": [
        {"type": "string", "pattern": _NO_NUL},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "null"},
        {"type": "array", "items": {"$ref": "#/components/schemas/Json"}},
        {
            "type": "object",
            "propertyNames": {"pattern": _NO_NUL},
            "additionalProperties": {"$ref": "#/components/schemas/Json"},
        },
    ],
}


def _say_what_is_storable(schema: Any) -> None:
    """Exclude NUL characters, which no database stores, in the schemas of request bodies."""
    if isinstance(schema, list):
        for inner in cast(list[Any], schema):
            _say_what_is_storable(inner)
    if not isinstance(schema, dict):
        return
    found = cast(dict[str, Any], schema)
    if found.get("type") == "string" and not {"pattern", "format", "enum", "const"} & set(found):
        if found.get("maxLength", 0) > _LONG:
            found["not"] = {"pattern": r"\u0000"}
        else:
            found["pattern"] = _NO_NUL
    if found.get("type") == "object" and found.get("additionalProperties") is True:
        found["additionalProperties"] = {"$ref": "#/components/schemas/Json"}
        found["propertyNames"] = {"pattern": _NO_NUL}
    if found.get("type") == "object" and isinstance(found.get("additionalProperties"), dict):
        found.setdefault("propertyNames", {}).setdefault("pattern", _NO_NUL)
    for name, inner in found.items():
        if name not in ("examples", "default", "enum", "const", "propertyNames"):
            _say_what_is_storable(inner)


def _error_schema(base_url: str) -> JsonObject:
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


def _example(code: str, base_url: str) -> ErrorEnvelope:
    request_id = "req_3c90c3cc-0d44-4b50-8888-8dd25736052a"
    return envelope(code, CODES[code].meaning, request_id=request_id, base_url=base_url, details={})


def _headers() -> JsonObject:
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


def _header_names(status: int, *, with_rate: bool = False) -> dict[str, dict[str, str]]:
    named = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if with_rate or status == 429:
        named["RateLimit-Policy"] = {"$ref": "#/components/headers/RateLimitPolicy"}
        named["RateLimit"] = {"$ref": "#/components/headers/RateLimit"}
    if status in (429, 503):
        named["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    return named
