"""What route modules may ask about the request they serve: who calls, and with what to work.

Changes go through `dayline.idempotency.requests.perform(request, work, status=...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from fastapi import Request

from dayline.auth.principal import DEFAULT_SCOPES, READ, UPLOADS, WRITE, Principal
from dayline.db.pagination import Position, read_cursor, write_cursor
from dayline.domain.errors import Forbidden, InvalidRequest
from dayline.http.context import ApiContext

__all__ = [
    "DEFAULT_SCOPES",
    "READ",
    "UPLOADS",
    "WRITE",
    "Principal",
    "any_caller",
    "caller",
    "next_cursor",
    "position",
    "require_admin",
    "require_scope",
    "services",
]


def services(request: Request) -> ApiContext:
    """Return the parts of this process."""
    return cast(ApiContext, request.app.state.services)


def any_caller(request: Request) -> Principal:
    """Return the caller, partner or admin. The door has checked the key before any route runs."""
    return cast(Principal, request.state.caller)


def caller(request: Request) -> Principal:
    """Return the partner who calls. Raises Forbidden for an admin key, which acts for no partner."""
    who = any_caller(request)
    who.require_partner()
    return who


def require_admin(request: Request) -> Principal:
    """Return the caller when it holds an admin key, else raise Forbidden."""
    who = any_caller(request)
    if not who.is_admin:
        raise Forbidden("This needs an admin key (pk_admin_...).", required_scope="admin")
    return who


def require_scope(scope: str) -> Callable[[Request], Principal]:
    """Return a dependency that lets keys with `scope` (and admin keys) pass."""

    def check(request: Request) -> Principal:
        who = any_caller(request)
        who.require(scope)
        return who

    return check


def position(request: Request, cursor: str | None, scope: str) -> Position | None:
    """Read a list's cursor. `scope` names the list and its filters; the partner is added here.

    Raises InvalidRequest for a cursor of another partner, list or filter.
    """
    if cursor is None:
        return None
    found = read_cursor(cursor, key=services(request).cursor_key, scope=_scope(request, scope))
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
    return write_cursor(last, key=services(request).cursor_key, scope=_scope(request, scope))


def _scope(request: Request, scope: str) -> str:
    return f"{any_caller(request).partner_id}|{request.url.path}|{scope}"
