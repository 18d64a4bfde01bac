"""Error responses: one envelope for every response that is not a success."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypedDict

from dayline.domain.errors import DaylineError, RateLimited
from dayline.domain.json_types import JsonObject


class ErrorBody(TypedDict):
    """A failure: its stable code, a message for people, the request it belongs to, a page about it, and details."""

    code: str
    message: str
    request_id: str
    doc_url: str
    details: JsonObject


class ErrorEnvelope(TypedDict):
    """Body of every answer that is not a success."""

    error: ErrorBody


def envelope(
    code: str, message: str, *, request_id: str, base_url: str, details: Mapping[str, object]
) -> ErrorEnvelope:
    """Return the body of an error response. `doc_url` is the page of the error catalogue about the code."""
    return {
        "error": {
            "code": code,
            "message": message,
            "request_id": request_id,
            "doc_url": f"{base_url}/docs/errors/{code}",
            "details": dict(details),
        }
    }


def of_error(error: DaylineError, *, request_id: str, base_url: str) -> ErrorEnvelope:
    """Return the envelope of an error of this package."""
    return envelope(error.code, error.message, request_id=request_id, base_url=base_url, details=error.details)


def headers_of(error: DaylineError) -> dict[str, str]:
    """Return the headers that belong to an error."""
    if isinstance(error, RateLimited):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after_seconds)))}
    if error.status == 413:
        # The rest of the body is still arriving and will not be read.
        return {"Connection": "close"}
    if error.status == 503:
        return {"Retry-After": "5"}
    if error.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {}
