"""Access log: one line per view or play of a day or a conversation by a person in the console."""

from __future__ import annotations

from datetime import timedelta

from dayline.auth.principal import Principal
from dayline.clock import iso, now
from dayline.console import repository as visitors
from dayline.console.schemas import AccessLine, AccessPage
from dayline.db.database import Database, Transaction

ONE_VIEW = timedelta(minutes=10)
"""A page asks for the same thing many times while it is open; within this time that is one view."""


def record(
    tx: Transaction, caller: Principal, action: str, *, session_id: str | None = None, subject_id: str | None = None
) -> None:
    """Write what a person did. Requests with keys of programs are not logged."""
    if caller.visitor_id is None:
        return
    visitors.add_access(
        tx,
        partner_id=caller.partner_id or None,
        visitor_id=caller.visitor_id,
        name=caller.name,
        role=caller.role,
        action=action,
        session_id=session_id,
        subject_id=subject_id,
    )


def record_view(
    database: Database, caller: Principal, action: str, *, session_id: str | None, subject_id: str | None = None
) -> None:
    """Write a view or a play, once per person, thing and `ONE_VIEW`."""
    visitor_id = caller.visitor_id
    if visitor_id is None:
        return
    with database.read() as tx:
        seen = visitors.has_access_since(
            tx, visitor_id, action, now() - ONE_VIEW, session_id=session_id, subject_id=subject_id
        )
    if not seen:
        database.in_write(lambda tx: record(tx, caller, action, session_id=session_id, subject_id=subject_id))


def lines_of(tx: Transaction, session_id: str, *, before: int | None, limit: int) -> AccessPage:
    """Return a page of the lines about one day, newest first."""
    rows = visitors.accesses_of(tx, session_id, before=before, limit=limit + 1)
    shown: list[AccessLine] = [
        {
            "name": row.name,
            "role": row.role,
            "action": row.action,
            "subject_id": row.subject_id,
            "created_at": iso(row.created_at),
        }
        for row in rows[:limit]
    ]
    return {"data": shown, "next_cursor": str(rows[limit - 1].number) if len(rows) > limit else None}
