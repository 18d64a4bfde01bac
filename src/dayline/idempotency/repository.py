"""Rows of idempotency keys: the first request under a key, and its outcome."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import to_record
from dayline.db.tables import idempotency

_TRY_LOCK = sa.select(sa.func.pg_try_advisory_xact_lock(sa.bindparam("number", type_=sa.BigInteger)))


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """One key of one owner. `status_code` is None while the first request is still being worked on."""

    owner: str
    key: str
    fingerprint: str
    status_code: int | None
    body: Any
    locked_until: datetime | None
    expires_at: datetime
    created_at: datetime


def try_lock(tx: Transaction, owner: str, key: str) -> bool:
    """Lock a key until the transaction ends. Returns False when another one holds it.

    SQLite writes one transaction at a time, so no other transaction can hold it.
    """
    if not tx.is_postgres:
        return True
    number = int.from_bytes(hashlib.sha256(f"{owner}\0{key}".encode()).digest()[:8], "big", signed=True)
    return bool(tx.run(_TRY_LOCK, {"number": number}).scalar())


def claim(
    tx: Transaction, owner: str, key: str, fingerprint: str, *, locked_until: datetime, expires_at: datetime
) -> IdempotencyRecord | None:
    """Take a key for one request. Returns None when it was free, else the record that holds it.

    A key is free when it was never used, when its time is over, or when the process that worked on it is gone.
    """
    moment = now()
    tx.run(
        sa.delete(idempotency).where(
            idempotency.c.owner == owner,
            idempotency.c.key == key,
            sa.or_(
                idempotency.c.expires_at < moment,
                sa.and_(idempotency.c.status_code.is_(None), idempotency.c.locked_until < moment),
            ),
        )
    )
    values = {
        "owner": owner,
        "key": key,
        "fingerprint": fingerprint,
        "locked_until": locked_until,
        "expires_at": expires_at,
        "created_at": moment,
    }
    # Not by rowcount: for an INSERT it means nothing with psycopg.
    if tx.run(_insert_if_free(tx).values(**values).returning(idempotency.c.key)).first() is not None:
        return None
    row = tx.run(sa.select(idempotency).where(idempotency.c.owner == owner, idempotency.c.key == key)).first()
    return to_record(IdempotencyRecord, row) if row else None


def finish(tx: Transaction, owner: str, key: str, *, locked_until: datetime, status_code: int, body: Any) -> bool:
    """Keep the outcome of the request that claimed the key. Returns False when the claim was lost meanwhile."""
    statement = (
        sa.update(idempotency)
        .where(
            idempotency.c.owner == owner,
            idempotency.c.key == key,
            idempotency.c.status_code.is_(None),
            idempotency.c.locked_until == locked_until,
        )
        .values(status_code=status_code, body=body, locked_until=None)
    )
    return tx.run(statement).rowcount == 1


def release(tx: Transaction, owner: str, key: str, *, locked_until: datetime) -> None:
    """Give a claimed key back: the request was refused before it began to execute."""
    tx.run(
        sa.delete(idempotency).where(
            idempotency.c.owner == owner,
            idempotency.c.key == key,
            idempotency.c.status_code.is_(None),
            idempotency.c.locked_until == locked_until,
        )
    )


def delete_expired(tx: Transaction) -> int:
    """Delete keys whose time is over. Returns how many."""
    return tx.run(sa.delete(idempotency).where(idempotency.c.expires_at < now())).rowcount


def _insert_if_free(tx: Transaction) -> Any:
    insert = postgresql.insert if tx.is_postgres else sqlite.insert
    return insert(idempotency).on_conflict_do_nothing(index_elements=["owner", "key"])
