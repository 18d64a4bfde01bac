"""Errors as tool results: the error envelope, readable by models and programs."""

from __future__ import annotations

from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, TextContent
from pydantic import ValidationError

from dayline.domain.errors import DaylineError, InvalidRequest
from dayline.http.errors import ErrorEnvelope, of_error
from dayline.http.validation import invalid_request


def refusal(error: DaylineError, *, request_id: str, base_url: str) -> CallToolResult:
    """Return an error as a tool result: `code: message` as text, the whole envelope as structured content."""
    body = of_error(error, request_id=request_id, base_url=base_url)
    text = f"{error.code}: {error.message} (see {body['error']['doc_url']})"
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=dict(body), is_error=True)


def first_failure(body: ErrorEnvelope) -> DaylineError:
    """Return the error of an envelope."""
    kept = body["error"]
    error = DaylineError(kept["message"], code=kept["code"])
    error.details = kept["details"]
    return error


def known_failure(error: ToolError) -> DaylineError | None:
    """Return the Dayline error that caused a tool's failure, or None for an unexpected exception."""
    cause = error.__cause__
    if isinstance(cause, DaylineError):
        return cause
    if isinstance(error, UnexpectedToolError):
        return None
    if isinstance(cause, ValidationError):
        return invalid_request(cause.errors())
    return InvalidRequest("There is no tool of that name. List the tools.", field="name")
