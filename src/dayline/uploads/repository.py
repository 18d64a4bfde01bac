"""Rows of uploads: which file key was given to which partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.records import to_record
from dayline.db.tables import upload


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """One file key. `size_bytes` is what the partner announced; `expires_at` ends the link, not the file."""

    file_key: str
    partner_id: str
    file_name: str
    content_type: str
    size_bytes: int | None
    expires_at: datetime
    created_at: datetime


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


def delete(tx: Transaction, file_key: str) -> bool:
    """Forget an upload. Returns False when there was none."""
    return tx.run(sa.delete(upload).where(upload.c.file_key == file_key)).rowcount == 1
