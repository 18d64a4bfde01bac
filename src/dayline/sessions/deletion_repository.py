"""Rows of one session across all tables: count and delete them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.tables import (
    access_log,
    analysis,
    chunk,
    delivery,
    delivery_attempt,
    detector_memory,
    document,
    event,
    note,
    revision,
    search_entry,
    segment,
    session,
    share,
)
from dayline.domain.status import EventType

_WITH_ROLLUP = (EventType.SESSION_COMPLETED.value, EventType.SESSION_CORRECTED.value)
_OWN = (chunk, document, segment, revision, event, access_log, note, detector_memory, search_entry, share)


def analysis_ids(tx: Transaction, session_id: str) -> list[str]:
    """Return the ids of every analysis of a session, superseded ones included."""
    return [row[0] for row in tx.run(sa.select(analysis.c.id).where(analysis.c.parent_session_id == session_id))]


def users_of_file(tx: Transaction, file_key: str) -> int:
    """Return how many sessions, and analyses that are worked on without one, use one upload.

    A single call counts once, although its analysis and the session that works on it both name the upload.
    """
    of_sessions = sa.select(sa.func.count()).select_from(session).where(session.c.file_key == file_key)
    of_calls = (
        sa.select(sa.func.count())
        .select_from(analysis)
        .where(
            analysis.c.file_key == file_key,
            analysis.c.parent_session_id.is_(None),
            analysis.c.id.not_in(sa.select(session.c.id).where(session.c.file_key == file_key)),
        )
    )
    return int(tx.run(of_sessions).scalar() or 0) + int(tx.run(of_calls).scalar() or 0)


def count_rows(tx: Transaction, session_id: str) -> dict[str, int]:
    """Return how many rows each table holds of a session."""
    counts = {"session": _count(tx, session, session.c.id == session_id)}
    for table in _OWN:
        counts[table.name] = _count(tx, table, table.c.session_id == session_id)
    counts["analysis"] = _count(tx, analysis, analysis.c.parent_session_id == session_id)
    of_events = delivery.c.event_id.in_(_event_ids(session_id))
    counts["delivery"] = _count(tx, delivery, of_events)
    of_deliveries = delivery_attempt.c.delivery_id.in_(sa.select(delivery.c.id).where(of_events))
    counts["delivery_attempt"] = _count(tx, delivery_attempt, of_deliveries)
    return counts


def count_rows_of_analysis(tx: Transaction, analysis_id: str) -> dict[str, int]:
    """Return how many rows each table holds of one analysis."""
    mine = sa.select(event.c.id).where(event.c.analysis_id == analysis_id)
    return {
        "analysis": _count(tx, analysis, analysis.c.id == analysis_id),
        "event": _count(tx, event, event.c.analysis_id == analysis_id),
        "delivery": _count(tx, delivery, delivery.c.event_id.in_(mine)),
    }


def delete_events_with_rollup(tx: Transaction, session_id: str) -> dict[str, int]:
    """Delete a session's events that carry its rollup, with their deliveries. Return how many rows, by table."""
    condition = sa.and_(event.c.session_id == session_id, event.c.type.in_(_WITH_ROLLUP))
    of_events = delivery.c.event_id.in_(sa.select(event.c.id).where(condition))
    counts = {"event": _count(tx, event, condition), "delivery": _count(tx, delivery, of_events)}
    tx.run(sa.delete(event).where(condition))
    return counts


def _event_ids(session_id: str) -> Any:
    return sa.select(event.c.id).where(event.c.session_id == session_id)


def _count(tx: Transaction, table: sa.Table, condition: Any) -> int:
    return int(tx.run(sa.select(sa.func.count()).select_from(table).where(condition)).scalar() or 0)
