"""Pages of sessions, for the HTTP API and for MCP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.visibility import EVERYTHING, Visibility
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.sessions.schemas import SessionShown, SessionSummary
from dayline.sessions.summary import summaries
from dayline.sessions.view import progress_of, session_json


@dataclass(frozen=True, slots=True)
class Filters:
    """Which sessions to list; None means any."""

    org_id: str | None = None
    rep_id: str | None = None
    status: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    visibility: Visibility = EVERYTHING
    is_summary: bool = False

    def scope(self, environment: str) -> str:
        """Return the text that binds a cursor to these filters."""
        return "|".join(
            map(str, (environment, self.org_id, self.rep_id, self.status, self.created_after, self.created_before))
        )


def list_page(
    tx: Transaction, partner_id: str, *, environment: str, limit: int, after: Position | None, filters: Filters
) -> tuple[list[SessionShown] | list[SessionSummary], Position | None]:
    """Return up to `limit` sessions, newest first, and where the next page goes on (None at the end)."""
    rows = sessions.page(
        tx,
        partner_id,
        environment=environment,
        limit=limit + 1,
        after=after,
        org_id=filters.org_id,
        rep_id=filters.rep_id,
        status=filters.status,
        created_after=filters.created_after,
        created_before=filters.created_before,
        visibility=filters.visibility,
    )
    ids = [row.id for row in rows[:limit]]
    if filters.is_summary:
        found = summaries(tx, rows[:limit])
    else:
        parts_of, progress = segments.of_sessions(tx, ids), progress_of(tx, rows[:limit])
        found = [session_json(row, parts_of[row.id], progress.get(row.id)) for row in rows[:limit]]
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    return found, last
