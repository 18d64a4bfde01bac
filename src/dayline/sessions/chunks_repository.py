"""Rows of chunks and their transcripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.records import ChunkRecord, to_record, to_records
from dayline.db.tables import chunk, session
from dayline.domain.status import SessionStatus
from dayline.domain.stored_json import ChunkNotes

_LIGHT = [chunk.c[name] for name in ChunkRecord.__slots__]


def add(
    tx: Transaction,
    session_id: str,
    number: int,
    *,
    start_seconds: float,
    end_seconds: float,
    speech_seconds: float,
) -> bool:
    """Insert a pending chunk. Returns False when it is there already, from a run before this one."""
    if get(tx, session_id, number) is not None:
        return False
    tx.run(
        sa.insert(chunk).values(
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


def get(tx: Transaction, session_id: str, number: int) -> ChunkRecord | None:
    """Return one chunk without its words."""
    row = tx.run(sa.select(*_LIGHT).where(chunk.c.session_id == session_id, chunk.c.number == number)).first()
    return to_record(ChunkRecord, row) if row else None


def list_all(tx: Transaction, session_id: str) -> list[ChunkRecord]:
    """Return every chunk of a session in order, without words."""
    return to_records(
        ChunkRecord, tx.run(sa.select(*_LIGHT).where(chunk.c.session_id == session_id).order_by(chunk.c.number))
    )


def count_attempt(tx: Transaction, session_id: str, number: int) -> int:
    """Count one more attempt at a pending chunk and return how many there were."""
    where = (chunk.c.session_id == session_id, chunk.c.number == number)
    tx.run(sa.update(chunk).where(*where).values(attempts=chunk.c.attempts + 1))
    return int(tx.run(sa.select(chunk.c.attempts).where(*where)).scalar() or 0)


def finish(
    tx: Transaction,
    session_id: str,
    number: int,
    *,
    utterances: list[Any] | None,
    voices: bytes | None,
    notes: ChunkNotes,
    error: str | None = None,
) -> bool:
    """Store the result of a chunk, or its failure. Returns False when the chunk had been finished before."""
    statement = (
        sa.update(chunk)
        .where(chunk.c.session_id == session_id, chunk.c.number == number, chunk.c.status == "pending")
        .values(status="failed" if error else "done", utterances=utterances, voices=voices, notes=notes, error=error)
    )
    return tx.run(statement).rowcount == 1


def reset_failed(tx: Transaction, session_id: str) -> int:
    """Make failed chunks pending again, for another run. Returns how many."""
    statement = sa.update(chunk).where(chunk.c.session_id == session_id, chunk.c.status == "failed")
    return tx.run(statement.values(status="pending", attempts=0, error=None)).rowcount


def pending(tx: Transaction, session_id: str) -> int:
    """Return how many chunks still wait."""
    query = sa.select(sa.func.count()).where(chunk.c.session_id == session_id, chunk.c.status == "pending")
    return int(tx.run(query).scalar() or 0)


def count(tx: Transaction, session_id: str) -> int:
    """Return how many chunks a session has."""
    return int(tx.run(sa.select(sa.func.count()).where(chunk.c.session_id == session_id)).scalar() or 0)


_PROGRESS = (
    sa.select(chunk.c.session_id, sa.func.sum(sa.case((chunk.c.status != "pending", 1), else_=0)), sa.func.count())
    .where(chunk.c.session_id.in_(sa.bindparam("sessions", expanding=True)))
    .group_by(chunk.c.session_id)
)


def progress_of(tx: Transaction, session_ids: list[str]) -> dict[str, tuple[int, int]]:
    """Return (chunks that are finished, chunks) by session; sessions without chunks are left out."""
    rows: Any = tx.run(_PROGRESS, {"sessions": session_ids})
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def finished(tx: Transaction, session_id: str) -> list[tuple[float, float, list[Any] | None]]:
    """Return (start_seconds, end_seconds, stored utterances) of every finished chunk, in order."""
    query = sa.select(chunk.c.start_seconds, chunk.c.end_seconds, chunk.c.utterances).where(
        chunk.c.session_id == session_id, chunk.c.status == "done"
    )
    rows: Any = tx.run(query.order_by(chunk.c.number))
    return [(row[0], row[1], row[2]) for row in rows]


def words(tx: Transaction, session_id: str) -> list[list[Any]]:
    """Return the stored utterances of every finished chunk, in order."""
    query = sa.select(chunk.c.utterances).where(chunk.c.session_id == session_id, chunk.c.utterances.is_not(None))
    return [row[0] for row in tx.run(query.order_by(chunk.c.number))]


def voices(tx: Transaction, session_id: str) -> list[bytes]:
    """Return the voice windows of every chunk that has them, in order."""
    query = sa.select(chunk.c.voices).where(chunk.c.session_id == session_id, chunk.c.voices.is_not(None))
    return [row[0] for row in tx.run(query.order_by(chunk.c.number))]


def delete_words(tx: Transaction, session_id: str) -> None:
    """Delete the words of every chunk: the day's transcript holds what may be kept of them."""
    tx.run(sa.update(chunk).where(chunk.c.session_id == session_id).values(utterances=None))
    tx.erased()


def with_voices_of_no_use(tx: Transaction, *, before: datetime, limit: int) -> list[str]:
    """Return sessions that ended before a moment and still have voice windows that no retry needs."""
    skips = session.c.options["skip_diarization"].as_boolean().is_(True)
    has_voices = sa.exists().where(chunk.c.session_id == session.c.id, chunk.c.voices.is_not(None))
    query = sa.select(session.c.id).where(
        session.c.completed_at < before,
        sa.or_(session.c.status == SessionStatus.COMPLETED.value, skips),
        session.c.status.in_([status.value for status in SessionStatus if status.is_terminal]),
        has_voices,
    )
    return [row.id for row in tx.run(query.order_by(session.c.id).limit(limit))]


def delete_voices(tx: Transaction, session_id: str) -> None:
    """Delete voice windows: they are biometric data and have no use once the speakers are named."""
    where = (chunk.c.session_id == session_id, chunk.c.voices.is_not(None))
    if tx.run(sa.update(chunk).where(*where).values(voices=None)).rowcount:
        tx.erased()
