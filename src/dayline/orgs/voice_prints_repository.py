"""Rows of voice prints, kept only with the rep's recorded consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.records import to_record
from dayline.db.tables import voice_print
from dayline.domain.stored_json import Consent


@dataclass(frozen=True, slots=True)
class VoicePrintRecord:
    """One rep's voice. `consent` holds by whom, when, and its text."""

    partner_id: str
    org_id: str
    rep_id: str
    embedder: str
    speech_seconds: float
    consent: Consent
    created_at: datetime


def vector(tx: Transaction, partner_id: str, org_id: str, rep_id: str, embedder: str) -> bytes | None:
    """Return the float32 bytes of a rep's voice if it was made by `embedder`, else None: others are not comparable."""
    query = sa.select(voice_print.c.vector).where(
        *_is_rep(partner_id, org_id, rep_id), voice_print.c.embedder == embedder
    )
    return tx.run(query).scalar()


def get(tx: Transaction, partner_id: str, org_id: str, rep_id: str) -> VoicePrintRecord | None:
    """Return what is known about a rep's voice, without the voice itself."""
    columns = [voice_print.c[name] for name in VoicePrintRecord.__slots__]
    row = tx.run(sa.select(*columns).where(*_is_rep(partner_id, org_id, rep_id))).first()
    return to_record(VoicePrintRecord, row) if row else None


def put(tx: Transaction, record: VoicePrintRecord, vector: bytes) -> None:
    """Keep a rep's voice in place of the one before."""
    delete(tx, record.partner_id, record.org_id, record.rep_id)
    values = {name: getattr(record, name) for name in record.__slots__}
    tx.run(sa.insert(voice_print).values(**values, vector=vector))


def delete(tx: Transaction, partner_id: str, org_id: str, rep_id: str) -> bool:
    """Delete a rep's voice. Returns False when there was none."""
    return tx.run(sa.delete(voice_print).where(*_is_rep(partner_id, org_id, rep_id))).rowcount == 1


def _is_rep(partner_id: str, org_id: str, rep_id: str) -> tuple[Any, ...]:
    c = voice_print.c
    return c.partner_id == partner_id, c.org_id == org_id, c.rep_id == rep_id
