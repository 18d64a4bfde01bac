"""Rows of share links. Only hashes of their tokens are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import to_record, to_records
from dayline.db.statements import add_record
from dayline.db.tables import org, partner, session, share


@dataclass(frozen=True, slots=True)
class ShareRecord:
    """One share link. `start_seconds` and `end_seconds` bound what it may show, independent of the segment."""

    id: str
    partner_id: str
    session_id: str
    segment_id: str
    token_hash: str
    start_seconds: float
    end_seconds: float
    has_audio: bool
    name: str | None
    author: str
    opened_count: int
    last_opened_at: datetime | None
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


def add(tx: Transaction, record: ShareRecord) -> None:
    """Insert a share link."""
    add_record(tx, share, record)


def get(tx: Transaction, session_id: str, share_id: str) -> ShareRecord | None:
    """Return a share link of a session."""
    row = tx.run(sa.select(share).where(share.c.session_id == session_id, share.c.id == share_id)).first()
    return to_record(ShareRecord, row) if row else None


def find_open(tx: Transaction, token_hash: str) -> ShareRecord | None:
    """Return the share link of a token, unless it has expired, was revoked, or its partner or org is closed."""
    query = (
        sa.select(share)
        .join(partner, partner.c.id == share.c.partner_id)
        .join(session, session.c.id == share.c.session_id)
        .join(org, sa.and_(org.c.partner_id == session.c.partner_id, org.c.org_id == session.c.org_id))
        .where(
            share.c.token_hash == token_hash,
            share.c.revoked_at.is_(None),
            share.c.expires_at > now(),
            partner.c.suspended_at.is_(None),
            org.c.archived_at.is_(None),
        )
    )
    row = tx.run(query).first()
    return to_record(ShareRecord, row) if row else None


def list_all(tx: Transaction, session_id: str) -> list[ShareRecord]:
    """Return the share links of a session, newest first."""
    query = sa.select(share).where(share.c.session_id == session_id)
    return to_records(ShareRecord, tx.run(query.order_by(share.c.created_at.desc(), share.c.id.desc())))


def count_open(tx: Transaction, session_id: str) -> int:
    """Return how many links of a session work."""
    query = sa.select(sa.func.count()).select_from(share)
    query = query.where(share.c.session_id == session_id, share.c.revoked_at.is_(None), share.c.expires_at > now())
    return int(tx.run(query).scalar() or 0)


def revoke(tx: Transaction, share_id: str) -> None:
    """Close a link. Idempotent."""
    tx.run(sa.update(share).where(share.c.id == share_id, share.c.revoked_at.is_(None)).values(revoked_at=now()))


def count_opening(tx: Transaction, share_id: str) -> None:
    """Count one opening of a link."""
    opened = {"opened_count": share.c.opened_count + 1, "last_opened_at": now()}
    tx.run(sa.update(share).where(share.c.id == share_id).values(**opened))
