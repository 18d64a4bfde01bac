"""Validation errors of requests, with the codes and field names of the contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from pydantic_core import ErrorDetails

from dayline.domain.errors import InvalidRequest
from dayline.domain.json_types import JsonObject

_MAX_LISTED = 20
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_PLAIN = {
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a JSON array",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "none_required": "must be null",
}
"""Messages in terms of JSON for pydantic's messages in terms of Python."""

_BOUNDS = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "string_too_short": "must have {min_length} characters or more",
    "string_too_long": "must have {max_length} characters or less",
    "too_short": "must have {min_length} items or more",
    "too_long": "must have {max_length} items or less",
    "string_pattern_mismatch": "must match the pattern {pattern}",
}
"""Messages with the violated bound, from the context of the error."""


class Problem(TypedDict):
    """One problem of a request: a code, the field, a message, and the allowed values if there are few."""

    code: str
    field: str
    message: str
    allowed: NotRequired[list[str]]


_PLACES = ("body", "query", "path", "header", "cookie")


def invalid_request(errors: Sequence[ErrorDetails]) -> InvalidRequest:
    """Return the first problem as an error, with all of them (20 at most) in its details."""
    problems = [_problem(error) for error in errors[:_MAX_LISTED]]
    first = problems[0]
    details: JsonObject = {"field": first["field"], "errors": problems}
    if "allowed" in first:
        details["allowed"] = first["allowed"]
    return InvalidRequest(first["message"], code=first["code"], **details)


def _problem(error: ErrorDetails) -> Problem:
    field = _field(error.get("loc", ()))
    kind = str(error.get("type", ""))
    if kind == "missing":
        what = f"The field `{field}` is missing." if field else "The request needs a JSON body."
        return {"code": "missing_field", "field": field, "message": what}
    if kind == "extra_forbidden":
        return {"code": "invalid_request", "field": field, "message": f"There is no field `{field}` here."}
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        return _not_allowed(error, field)
    if kind == "union_tag_not_found":
        return {"code": "missing_field", "field": f"{field}.op", "message": f"The field `{field}.op` is missing."}
    if kind == "json_invalid":
        return {"code": "invalid_request", "field": "", "message": "The body is not valid JSON."}
    if kind == "invalid_url":
        return {"code": "invalid_url", "field": field, "message": f"`{field}` {error['msg']}."}
    if kind in ("one_source", "value_error") and not field:
        return {"code": "invalid_request", "field": "", "message": _sentence(str(error["msg"]).capitalize())}
    if kind in ("model_attributes_type", "dict_type", "model_type") and not field:
        message = "The body must be a JSON object, sent with the header Content-Type: application/json."
        return {"code": "invalid_request", "field": "", "message": message}
    what = _PLAIN.get(kind) or _bound(error, kind) or str(error["msg"])
    return {"code": "invalid_request", "field": field, "message": f"`{field}`: {_sentence(what)}"}


def _bound(error: ErrorDetails, kind: str) -> str | None:
    """Return the message of a violated bound; a minimum length of one is phrased as "not empty"."""
    context = error.get("ctx", {})
    if kind in ("string_too_short", "too_short") and context.get("min_length") == 1:
        return "must not be empty"
    return _BOUNDS[kind].format(**context) if kind in _BOUNDS else None


def _not_allowed(error: ErrorDetails, field: str) -> Problem:
    context = error.get("ctx", {})
    if "member" in context:  # a rule about one member of a free object
        field = f"{field}.{context['member']}"
    written = str(context.get("expected") or context.get("expected_tags") or "")
    allowed = _QUOTED.findall(written)
    if str(error.get("type")) == "union_tag_invalid":
        field = f"{field}.op"
    message = f"`{field}` must be one of: {', '.join(allowed)}."
    return {"code": "invalid_enum", "field": field, "message": message, "allowed": allowed}


def _field(place: Sequence[Any]) -> str:
    parts = list(place)
    if parts and parts[0] in _PLACES:
        parts = parts[1:]
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _sentence(text: str) -> str:
    text = text.removeprefix("Value error, ")
    return text if text.endswith(".") else text + "."
