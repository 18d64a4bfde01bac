"""Rows of notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.records import to_record, to_records
from dayline.db.tables import note
from dayline.domain.stored_json import NoteVisibility


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """One note at a second of a day. `visibility`: rep, coaches or org."""

    id: str
    partner_id: str
    session_id: str
    segment_id: str | None
    at_seconds: float
    text: str
    visibility: NoteVisibility
    author: str
    author_role: str
    created_at: datetime


def add(tx: Transaction, record: NoteRecord) -> None:
    """Insert a note."""
    tx.run(sa.insert(note).values(**{name: getattr(record, name) for name in record.__slots__}))


def get(tx: Transaction, session_id: str, note_id: str) -> NoteRecord | None:
    """Return one note of a session."""
    row = tx.run(sa.select(note).where(note.c.session_id == session_id, note.c.id == note_id)).first()
    return to_record(NoteRecord, row) if row else None


def list_all(tx: Transaction, session_id: str) -> list[NoteRecord]:
    """Return every note of a session in the order of the day."""
    query = sa.select(note).where(note.c.session_id == session_id).order_by(note.c.at_seconds, note.c.created_at)
    return to_records(NoteRecord, tx.run(query))


def delete(tx: Transaction, note_id: str) -> None:
    """Delete one note."""
    tx.run(sa.delete(note).where(note.c.id == note_id))
