"""Rows of spans: the day's speech in pieces, and what was heard in each."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.records import SpanRecord, to_record, to_records
from dayline.db.tables import span

_LIGHT = [span.c[name] for name in SpanRecord.__slots__]


def add(
    tx: Transaction,
    session_id: str,
    number: int,
    *,
    start_seconds: float,
    end_seconds: float,
    speech_seconds: float,
) -> bool:
    """Insert a pending span. Returns False when it is there already, from a run before this one."""
    if get(tx, session_id, number) is not None:
        return False
    tx.run(
        sa.insert(span).values(
            session_id=session_id,
            number=number,
            start_seconds=start_seconds,
            end_seconds=end_seconds,
            speech_seconds=speech_seconds,
            status="pending",
            attempts=0,
        )
    )
    return True


def get(tx: Transaction, session_id: str, number: int) -> SpanRecord | None:
    """Return one span without its words."""
    row = tx.run(sa.select(*_LIGHT).where(span.c.session_id == session_id, span.c.number == number)).first()
    return to_record(SpanRecord, row) if row else None


def list_all(tx: Transaction, session_id: str) -> list[SpanRecord]:
    """Return every span of a session in order, without words."""
    return to_records(
        SpanRecord, tx.run(sa.select(*_LIGHT).where(span.c.session_id == session_id).order_by(span.c.number))
    )


def count_attempt(tx: Transaction, session_id: str, number: int) -> int:
    """Count one more attempt at a pending span and return how many there were."""
    where = (span.c.session_id == session_id, span.c.number == number)
    tx.run(sa.update(span).where(*where).values(attempts=span.c.attempts + 1))
    return int(tx.run(sa.select(span.c.attempts).where(*where)).scalar() or 0)


def finish(
    tx: Transaction,
    session_id: str,
    number: int,
    *,
    utterances: list[Any] | None,
    voices: bytes | None,
    notes: dict[str, Any],
    error: str | None = None,
) -> bool:
    """Store what was heard, or why nothing was. Returns False when the span had been finished before."""
    statement = (
        sa.update(span)
        .where(span.c.session_id == session_id, span.c.number == number, span.c.status == "pending")
        .values(status="failed" if error else "done", utterances=utterances, voices=voices, notes=notes, error=error)
    )
    return tx.run(statement).rowcount == 1


def reset_failed(tx: Transaction, session_id: str) -> int:
    """Make failed spans pending again, for another run. Returns how many."""
    statement = sa.update(span).where(span.c.session_id == session_id, span.c.status == "failed")
    return tx.run(statement.values(status="pending", attempts=0, error=None)).rowcount


def pending(tx: Transaction, session_id: str) -> int:
    """Return how many spans still wait."""
    query = sa.select(sa.func.count()).where(span.c.session_id == session_id, span.c.status == "pending")
    return int(tx.run(query).scalar() or 0)


def count(tx: Transaction, session_id: str) -> int:
    """Return how many spans a session has."""
    return int(tx.run(sa.select(sa.func.count()).where(span.c.session_id == session_id)).scalar() or 0)


def progress_of(tx: Transaction, session_ids: list[str]) -> dict[str, tuple[int, int]]:
    """Return (chunks that are finished, chunks) by session; sessions without chunks are left out."""
    is_done = sa.case((span.c.status != "pending", 1), else_=0)
    query = sa.select(span.c.session_id, sa.func.sum(is_done), sa.func.count()).group_by(span.c.session_id)
    rows: Any = tx.run(query.where(span.c.session_id.in_(session_ids)))
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def finished(tx: Transaction, session_id: str) -> list[tuple[float, float, list[Any] | None]]:
    """Return (start_seconds, end_seconds, stored utterances) of every finished chunk, in order."""
    query = sa.select(span.c.start_seconds, span.c.end_seconds, span.c.utterances).where(
        span.c.session_id == session_id, span.c.status == "done"
    )
    rows: Any = tx.run(query.order_by(span.c.number))
    return [(row[0], row[1], row[2]) for row in rows]


def words(tx: Transaction, session_id: str) -> list[list[Any]]:
    """Return the stored utterances of every finished span, in order."""
    query = sa.select(span.c.utterances).where(span.c.session_id == session_id, span.c.utterances.is_not(None))
    return [row[0] for row in tx.run(query.order_by(span.c.number))]


def voices(tx: Transaction, session_id: str) -> list[bytes]:
    """Return the voice windows of every span that has them, in order."""
    query = sa.select(span.c.voices).where(span.c.session_id == session_id, span.c.voices.is_not(None))
    return [row[0] for row in tx.run(query.order_by(span.c.number))]


def forget_words(tx: Transaction, session_id: str) -> None:
    """Delete the words of every span: the day's transcript holds what may be kept of them."""
    tx.run(sa.update(span).where(span.c.session_id == session_id).values(utterances=None))


def forget_voices(tx: Transaction, session_id: str) -> None:
    """Delete voice windows: they are biometric data and have no use once the speakers are named."""
    tx.run(sa.update(span).where(span.c.session_id == session_id).values(voices=None))
