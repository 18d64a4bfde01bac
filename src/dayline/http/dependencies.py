"""Dependencies of route modules: the caller, the context of the application, list cursors.

Reads open their transaction with `reading(request)`; short ones that are asked for all the time run by
`read_for(request, work)`. Changes go through `dayline.idempotency.requests.perform(request, work, status=...)`.
"""

from __future__ import annotations

from typing import cast

from fastapi import Request

from dayline.auth.principal import DEFAULT_SCOPES, READ, UPLOADS, WRITE, Principal
from dayline.db.pagination import Position, read_cursor, write_cursor
from dayline.domain.errors import InvalidRequest
from dayline.http.authentication import AdminKey, AnyKey, Reader, Writer, any_caller, caller, read_for, reading
from dayline.http.context import ApiContext

__all__ = [
    "DEFAULT_SCOPES",
    "READ",
    "UPLOADS",
    "WRITE",
    "AdminKey",
    "AnyKey",
    "Principal",
    "Reader",
    "Writer",
    "any_caller",
    "api_context",
    "caller",
    "next_cursor",
    "position",
    "read_for",
    "reading",
]


def api_context(request: Request) -> ApiContext:
    """Return the stores, queues and settings of this process."""
    return cast(ApiContext, request.app.state.context)


def position(request: Request, cursor: str | None, scope: str) -> Position | None:
    """Read a list's cursor. `scope` names the list and its filters; the partner is added here.

    Raises InvalidRequest for a cursor of another partner, list or filter.
    """
    if cursor is None:
        return None
    found = read_cursor(cursor, key=api_context(request).cursor_key, scope=_scope(request, scope))
    if found is None:
        raise InvalidRequest(
            "The cursor does not belong to this list. Start again without one, and keep the filters while paging.",
            field="cursor",
        )
    return found


def next_cursor(request: Request, last: Position | None, scope: str) -> str | None:
    """Return the cursor after `last`, or None at the end of the list."""
    if last is None:
        return None
    return write_cursor(last, key=api_context(request).cursor_key, scope=_scope(request, scope))


def _scope(request: Request, scope: str) -> str:
    return f"{any_caller(request).partner_id}|{request.scope['path']}|{scope}"
