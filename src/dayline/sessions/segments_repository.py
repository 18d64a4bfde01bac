"""Rows of segments, the customer conversations of a session, and the revisions they went through."""

from __future__ import annotations

from typing import Any, Unpack

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import RevisionChanges, RevisionRecord, SegmentChanges, SegmentRecord, to_record, to_records
from dayline.db.tables import revision, segment


def replace_all(tx: Transaction, session_id: str, records: list[SegmentRecord]) -> None:
    """Put `records` in place of all segments of a session."""
    tx.run(sa.delete(segment).where(segment.c.session_id == session_id))
    for record in records:
        tx.run(sa.insert(segment).values(**{name: getattr(record, name) for name in record.__slots__}))


_OF_SESSION = (
    sa.select(segment).where(segment.c.session_id == sa.bindparam("of_session")).order_by(segment.c.start_seconds)
)

_OF_SESSIONS = (
    sa.select(segment)
    .where(segment.c.session_id.in_(sa.bindparam("sessions", expanding=True)))
    .order_by(segment.c.start_seconds)
)


def list_all(tx: Transaction, session_id: str) -> list[SegmentRecord]:
    """Return the segments of a session in the order of the day."""
    return to_records(SegmentRecord, tx.run(_OF_SESSION, {"of_session": session_id}))


def of_sessions(tx: Transaction, session_ids: list[str]) -> dict[str, list[SegmentRecord]]:
    """Return the segments of several sessions by session, each in the order of the day."""
    found: dict[str, list[SegmentRecord]] = {session_id: [] for session_id in session_ids}
    for record in to_records(SegmentRecord, tx.run(_OF_SESSIONS, {"sessions": session_ids})):
        found[record.session_id].append(record)
    return found


def get(tx: Transaction, session_id: str, segment_id: str) -> SegmentRecord | None:
    """Return one segment of a session."""
    row = tx.run(sa.select(segment).where(segment.c.session_id == session_id, segment.c.id == segment_id)).first()
    return to_record(SegmentRecord, row) if row else None


def update(tx: Transaction, segment_id: str, **values: Unpack[SegmentChanges]) -> None:
    """Change one segment."""
    tx.run(sa.update(segment).where(segment.c.id == segment_id).values(**values))


def add_revision(
    tx: Transaction, session_id: str, number: int, *, author: str, changes: Any, segments: Any, timeline: Any
) -> None:
    """Keep the state that a correction led to."""
    tx.run(
        sa.insert(revision).values(
            session_id=session_id,
            number=number,
            author=author,
            changes=changes,
            segments=segments,
            timeline=timeline,
            created_at=now(),
        )
    )


def update_revision(tx: Transaction, session_id: str, number: int, **parts: Unpack[RevisionChanges]) -> bool:
    """Keep these parts of a revision as they are now. Returns False when it is not kept yet."""
    statement = sa.update(revision).where(revision.c.session_id == session_id, revision.c.number == number)
    return tx.run(statement.values(**parts)).rowcount == 1


def list_revisions(tx: Transaction, session_id: str) -> list[RevisionRecord]:
    """Return every kept state, oldest first."""
    query = sa.select(*(revision.c[name] for name in RevisionRecord.__slots__))
    rows = tx.run(query.where(revision.c.session_id == session_id).order_by(revision.c.number))
    return to_records(RevisionRecord, rows)
