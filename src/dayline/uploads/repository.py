"""Repository of uploads: file keys, their partners and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.records import to_record
from dayline.db.tables import analysis, session, upload


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """One file key.

    size_bytes: what the partner announced, None when it announced nothing.
    expires_at: the end of the link, not of the file.
    stored_bytes: what arrived, None before that and for files that went straight to a bucket.
    """

    file_key: str
    partner_id: str
    file_name: str
    content_type: str
    size_bytes: int | None
    expires_at: datetime
    created_at: datetime
    stored_bytes: int | None = None


def add(tx: Transaction, record: UploadRecord) -> None:
    """Insert an upload."""
    tx.run(sa.insert(upload).values(**{name: getattr(record, name) for name in record.__slots__}))


def get(tx: Transaction, file_key: str, *, partner_id: str | None = None) -> UploadRecord | None:
    """Return an upload, or None when it does not exist or belongs to another partner."""
    query = sa.select(upload).where(upload.c.file_key == file_key)
    if partner_id is not None:
        query = query.where(upload.c.partner_id == partner_id)
    row = tx.run(query).first()
    return to_record(UploadRecord, row) if row else None


def set_stored(tx: Transaction, file_key: str, size_bytes: int) -> None:
    """Store the size of an upload that arrived."""
    tx.run(sa.update(upload).where(upload.c.file_key == file_key).values(stored_bytes=size_bytes))


@dataclass(frozen=True, slots=True)
class Usage:
    """What a partner's uploads take: files, and bytes that arrived or were announced."""

    files: int
    size_bytes: int


def usage(tx: Transaction, partner_id: str, *, besides: str | None = None) -> Usage:
    """Return what a partner's uploads take, without the one named `besides`."""
    size = sa.func.coalesce(upload.c.stored_bytes, upload.c.size_bytes, 0)
    query = sa.select(sa.func.count().label("files"), sa.func.coalesce(sa.func.sum(size), 0).label("size_bytes"))
    query = query.where(upload.c.partner_id == partner_id)
    if besides is not None:
        query = query.where(upload.c.file_key != besides)
    row: Any = tx.run(query).one()
    return Usage(int(row.files), int(row.size_bytes))


def unused(tx: Transaction, *, before: datetime, limit: int) -> list[str]:
    """Return file keys from before a moment that no session and no analysis names."""
    in_session = sa.exists().where(session.c.file_key == upload.c.file_key)
    in_analysis = sa.exists().where(analysis.c.file_key == upload.c.file_key)
    query = sa.select(upload.c.file_key).where(upload.c.created_at < before, ~in_session, ~in_analysis)
    return [row.file_key for row in tx.run(query.limit(limit))]


def delete_unused(tx: Transaction, file_key: str) -> bool:
    """Delete an upload unless a session or an analysis names it. Return whether it was deleted."""
    in_session = sa.exists().where(session.c.file_key == file_key)
    in_analysis = sa.exists().where(analysis.c.file_key == file_key)
    statement = sa.delete(upload).where(upload.c.file_key == file_key, ~in_session, ~in_analysis)
    return tx.run(statement).rowcount == 1


def delete(tx: Transaction, file_key: str) -> bool:
    """Delete an upload. Return False when there was none."""
    return tx.run(sa.delete(upload).where(upload.c.file_key == file_key)).rowcount == 1
