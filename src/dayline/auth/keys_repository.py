"""Rows of API keys. Only the hash of a secret is here; the text of a key exists once, when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.key_state import KeyState
from dayline.db.pagination import Position
from dayline.db.records import to_record, to_records
from dayline.db.statements import newest_first
from dayline.db.tables import api_key, partner
from dayline.domain.stored_json import KeyEnvironment


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key. `environment`: production, sandbox or admin; admin keys belong to no partner."""

    id: str
    key_id: str
    partner_id: str | None
    environment: KeyEnvironment
    secret_hash: str
    key_prefix: str
    scopes: list[str]
    name: str | None
    description: str | None
    revoked_at: datetime | None
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """What a request with this key needs to know."""

    key: KeyRecord
    suspended_at: datetime | None


def add(tx: Transaction, record: KeyRecord) -> None:
    """Insert a key."""
    tx.run(sa.insert(api_key).values(**{name: getattr(record, name) for name in record.__slots__}))


def get(tx: Transaction, id: str) -> KeyRecord | None:
    """Return the key with this row id."""
    row = tx.run(sa.select(api_key).where(api_key.c.id == id)).first()
    return to_record(KeyRecord, row) if row else None


def find_holder(tx: Transaction, key_id: str) -> KeyHolder | None:
    """Return the key that carries `key_id` in its text, and whether its partner is suspended."""
    query = (
        sa.select(api_key, partner.c.suspended_at)
        .outerjoin(partner, partner.c.id == api_key.c.partner_id)
        .where(api_key.c.key_id == key_id)
    )
    row = tx.run(query).first()
    return KeyHolder(to_record(KeyRecord, row), row.suspended_at) if row else None


_STATE = (
    sa.select(api_key.c.revoked_at, partner.c.suspended_at)
    .outerjoin(partner, partner.c.id == api_key.c.partner_id)
    .where(api_key.c.key_id == sa.bindparam("key_id"))
)


def state_of(tx: Transaction, key_id: str) -> KeyState | None:
    """Return whether the key that carries `key_id` still works, or None when it is gone."""
    row = tx.run(_STATE, {"key_id": key_id}).first()
    return KeyState(row.revoked_at, row.suspended_at) if row else None


def note_use(tx: Transaction, key_id: str) -> None:
    """Write that a key was used now."""
    tx.run(sa.update(api_key).where(api_key.c.key_id == key_id).values(last_used_at=now()))


def page(
    tx: Transaction, *, limit: int, after: Position | None = None, partner_id: str | None = None
) -> list[KeyRecord]:
    """Return up to `limit` keys, newest first, of one partner or (None) of all."""
    query = sa.select(api_key)
    if partner_id is not None:
        query = query.where(api_key.c.partner_id == partner_id)
    query = newest_first(query, api_key.c.created_at, api_key.c.id, after=after, limit=limit)
    return to_records(KeyRecord, tx.run(query))


def list_of_partner(tx: Transaction, partner_id: str) -> list[KeyRecord]:
    """Return every key of a partner, newest first, revoked ones included."""
    query = sa.select(api_key).where(api_key.c.partner_id == partner_id)
    return to_records(KeyRecord, tx.run(query.order_by(api_key.c.created_at.desc(), api_key.c.id.desc())))


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key and the name of its partner, None for an admin key."""

    key: KeyRecord
    partner_name: str | None


def list_named(tx: Transaction, *, partner_name: str | None = None) -> list[NamedKey]:
    """Return every key of the installation, or of the partners of a name, newest first, revoked ones included."""
    query = sa.select(api_key, partner.c.name.label("partner_name")).outerjoin(
        partner, partner.c.id == api_key.c.partner_id
    )
    if partner_name is not None:
        query = query.where(partner.c.name == partner_name)
    rows = tx.run(query.order_by(api_key.c.created_at.desc(), api_key.c.id.desc()))
    return [NamedKey(to_record(KeyRecord, row), row.partner_name) for row in rows]


def revoke(tx: Transaction, id: str) -> bool:
    """Revoke a key from now on. Returns False when there is none; revoking twice keeps the first moment."""
    statement = sa.update(api_key).where(api_key.c.id == id)
    return tx.run(statement.values(revoked_at=sa.func.coalesce(api_key.c.revoked_at, now()))).rowcount == 1
