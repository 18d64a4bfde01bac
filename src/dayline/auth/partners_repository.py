"""Rows of partners, the tenants of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from typing_extensions import TypedDict, Unpack

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.records import to_record, to_records
from dayline.db.tables import partner
from dayline.domain.json_types import JsonObject
from dayline.domain.stored_json import PlanTier


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """One partner. The callback secrets sign deliveries to addresses that a single request names."""

    id: str
    name: str
    contact_email: str
    plan_tier: PlanTier
    healthcare: bool
    notes: str | None
    settings: JsonObject
    suspended_at: datetime | None
    callback_secret: str
    callback_secret_previous: str | None
    callback_previous_until: datetime | None
    created_at: datetime
    updated_at: datetime


def add(tx: Transaction, record: PartnerRecord) -> None:
    """Insert a partner."""
    tx.run(sa.insert(partner).values(**{name: getattr(record, name) for name in record.__slots__}))


def get(tx: Transaction, partner_id: str, *, lock: bool = False) -> PartnerRecord | None:
    """Return a partner; `lock` locks the row until this transaction ends."""
    query = sa.select(partner).where(partner.c.id == partner_id)
    row = tx.run(query.with_for_update() if lock else query).first()
    return to_record(PartnerRecord, row) if row else None


def find_by_name(tx: Transaction, name: str) -> PartnerRecord | None:
    """Return the oldest partner of that name."""
    row = tx.run(sa.select(partner).where(partner.c.name == name).order_by(partner.c.created_at).limit(1)).first()
    return to_record(PartnerRecord, row) if row else None


def page(tx: Transaction, *, limit: int, after: Position | None = None) -> list[PartnerRecord]:
    """Return up to `limit` partners, newest first, older than `after`."""
    query = sa.select(partner)
    if after is not None:
        query = query.where(
            sa.or_(
                partner.c.created_at < after.created_at,
                sa.and_(partner.c.created_at == after.created_at, partner.c.id < after.id),
            )
        )
    query = query.order_by(partner.c.created_at.desc(), partner.c.id.desc()).limit(limit)
    return to_records(PartnerRecord, tx.run(query))


class PartnerValues(TypedDict, total=False):
    """Columns of a partner that code changes."""

    suspended_at: datetime | None
    callback_secret: str
    callback_secret_previous: str | None
    callback_previous_until: datetime | None


def update(tx: Transaction, partner_id: str, **values: Unpack[PartnerValues]) -> bool:
    """Change a partner. Returns False when there is none."""
    statement = sa.update(partner).where(partner.c.id == partner_id).values(**values, updated_at=now())
    return tx.run(statement).rowcount == 1
