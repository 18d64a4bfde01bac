"""JSON responses. A stored value that cannot be rendered is cleaned, so that the response does not fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import Response

from dayline.logs import get_log
from dayline.security.untrusted_json import clean_value

log = get_log(__name__)


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response of plain values or models as JSON; numbers that are not finite become null."""
    return Response(render(body), status, headers, media_type="application/json")


def render(body: Any) -> bytes:
    """Return JSON. Invalid text is replaced, so that one damaged row does not break a list."""
    try:
        return to_json(body, inf_nan_mode="null")
    except PydanticSerializationError as error:
        log.error("response_cleaned", error=str(error)[:200])
        return to_json(clean_value(body), inf_nan_mode="null")
