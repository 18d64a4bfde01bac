"""Rows of idempotency keys: the first request under a key, and its outcome."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import to_record
from dayline.db.statements import add_unless_there
from dayline.db.tables import idempotency

_TRY_LOCK = sa.select(sa.func.pg_try_advisory_xact_lock(sa.bindparam("number", type_=sa.BigInteger)))
_THIS_KEY = sa.and_(idempotency.c.owner == sa.bindparam("of_owner"), idempotency.c.key == sa.bindparam("of_key"))
_STILL_CLAIMED = sa.and_(
    idempotency.c.status_code.is_(None), idempotency.c.locked_until == sa.bindparam("claimed_until")
)
_FREE_IF_OVER = sa.delete(idempotency).where(
    _THIS_KEY,
    sa.or_(
        idempotency.c.expires_at < sa.bindparam("moment"),
        sa.and_(idempotency.c.status_code.is_(None), idempotency.c.locked_until < sa.bindparam("moment")),
    ),
)
_GET = sa.select(idempotency).where(_THIS_KEY)
_RELEASE = sa.delete(idempotency).where(_THIS_KEY, _STILL_CLAIMED)
_FINISH = sa.update(idempotency).where(_THIS_KEY, _STILL_CLAIMED)


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """One key of one owner. `status_code` is None while the first request is still being worked on.

    path: the request's path; None for a tool call.
    """

    owner: str
    key: str
    fingerprint: str
    path: str | None
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
    tx: Transaction,
    owner: str,
    key: str,
    fingerprint: str,
    *,
    path: str | None,
    locked_until: datetime,
    expires_at: datetime,
) -> IdempotencyRecord | None:
    """Take a key for one request. Returns None when it was free, else the record that holds it.

    A key is free when it was never used, when its time is over, or when the process that worked on it is gone.
    """
    moment = now()
    tx.run(_FREE_IF_OVER, {"of_owner": owner, "of_key": key, "moment": moment})
    values = {
        "owner": owner,
        "key": key,
        "fingerprint": fingerprint,
        "path": path,
        "locked_until": locked_until,
        "expires_at": expires_at,
        "created_at": moment,
    }
    if add_unless_there(tx, idempotency, ["owner", "key"], values):
        return None
    row = tx.run(_GET, {"of_owner": owner, "of_key": key}).first()
    return to_record(IdempotencyRecord, row) if row else None


def finish(tx: Transaction, owner: str, key: str, *, locked_until: datetime, status_code: int, body: Any) -> bool:
    """Keep the outcome of the request that claimed the key. Returns False when the claim was lost meanwhile."""
    outcome = {"status_code": status_code, "body": body, "locked_until": None}
    held = {"of_owner": owner, "of_key": key, "claimed_until": locked_until}
    return tx.run(_FINISH, outcome | held).rowcount == 1


def release(tx: Transaction, owner: str, key: str, *, locked_until: datetime) -> None:
    """Give a claimed key back: the request was refused before it began to execute."""
    tx.run(_RELEASE, {"of_owner": owner, "of_key": key, "claimed_until": locked_until})


def delete_answers(
    tx: Transaction, owner: str, is_about: Callable[[str, Any], bool], *, since: datetime | None = None
) -> int:
    """Delete kept answers of an owner. Returns how many.

    The bodies are packed, so the answers are read one by one: those of one partner, of one day at most.

    is_about: tells by path and body whether an answer is to be deleted.
    since: only answers to requests from this moment on.
    """
    query = sa.select(idempotency.c.key, idempotency.c.path, idempotency.c.body).where(
        idempotency.c.owner == owner, idempotency.c.status_code.is_not(None)
    )
    if since is not None:
        query = query.where(idempotency.c.created_at >= since)
    keys = [row.key for row in tx.run(query) if is_about(row.path or "", row.body)]
    if keys:
        tx.run(sa.delete(idempotency).where(idempotency.c.owner == owner, idempotency.c.key.in_(keys)))
    return len(keys)


def delete_expired(tx: Transaction) -> int:
    """Delete keys whose time is over. Returns how many."""
    return tx.run(sa.delete(idempotency).where(idempotency.c.expires_at < now())).rowcount
