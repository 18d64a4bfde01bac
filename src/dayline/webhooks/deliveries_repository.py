"""Rows of deliveries: one event on its way to one address, in a lane where order is kept.

The head of a lane is its oldest delivery that has not ended; nothing behind it starts before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.records import to_record, to_records
from dayline.db.statements import add_unless_there, newest_first
from dayline.db.tables import delivery, delivery_attempt, event

PENDING = "pending"


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One delivery. `webhook_id` None: it goes to the event's own callback address.

    status: pending, succeeded, failed (every try used up) or cancelled (the endpoint was disabled).
    `url` is kept without its query, for the log. `next_attempt_at` is None while it waits for its turn.
    """

    id: str
    partner_id: str
    event_id: str
    event_number: int
    event_type: str
    webhook_id: str | None
    url: str
    lane: str
    status: str
    attempts: int
    next_attempt_at: datetime | None
    last_status_code: int | None
    last_error: str | None
    delivered_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt at a delivery. Holds nothing of what the receiver answered but the status code."""

    id: str
    delivery_id: str
    number: int
    status_code: int | None
    error: str | None
    duration_seconds: float
    attempted_at: datetime


def lock_lanes(tx: Transaction, lanes: Iterable[str]) -> None:
    """Keep others from adding to, or ending in, these lanes until this transaction ends.

    SQLite writes one at a time anyway. Locks are taken in one order everywhere, so that nobody waits in a circle.
    """
    if tx.is_postgres:
        keys = {int.from_bytes(hashlib.sha256(lane.encode()).digest()[:8], "big", signed=True) for lane in lanes}
        for key in sorted(keys):
            tx.run(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def add(tx: Transaction, record: DeliveryRecord) -> bool:
    """Insert a delivery. Returns False when it stands there already."""
    return add_unless_there(tx, delivery, ["id"], {name: getattr(record, name) for name in record.__slots__})


def get(tx: Transaction, delivery_id: str, *, lock: bool = False) -> DeliveryRecord | None:
    """Return a delivery."""
    query = sa.select(delivery).where(delivery.c.id == delivery_id)
    row = tx.run(query.with_for_update() if lock else query).first()
    return to_record(DeliveryRecord, row) if row else None


def head(tx: Transaction, lane: str) -> DeliveryRecord | None:
    """Return the delivery whose turn it is in a lane."""
    query = sa.select(delivery).where(delivery.c.lane == lane, delivery.c.status == PENDING)
    row = tx.run(query.order_by(delivery.c.event_number, delivery.c.created_at, delivery.c.id).limit(1)).first()
    return to_record(DeliveryRecord, row) if row else None


def overdue_heads(tx: Transaction, *, before: datetime, limit: int) -> list[DeliveryRecord]:
    """Return heads of lanes that should have been tried before a moment, or that nobody called up at all."""
    earlier = delivery.alias("earlier")
    is_behind = sa.exists().where(
        earlier.c.lane == delivery.c.lane,
        earlier.c.status == PENDING,
        sa.tuple_(earlier.c.event_number, earlier.c.created_at, earlier.c.id)
        < sa.tuple_(delivery.c.event_number, delivery.c.created_at, delivery.c.id),
    )
    query = sa.select(delivery).where(
        delivery.c.status == PENDING,
        sa.or_(delivery.c.next_attempt_at < before, delivery.c.next_attempt_at.is_(None)),
        ~is_behind,
    )
    return to_records(DeliveryRecord, tx.run(query.order_by(delivery.c.event_number).limit(limit)))


def update(tx: Transaction, delivery_id: str, **values: Any) -> None:
    """Change a delivery."""
    tx.run(sa.update(delivery).where(delivery.c.id == delivery_id).values(**values))


def cancel_all(tx: Transaction, webhook_id: str, *, reason: str) -> int:
    """End every delivery to an endpoint that has not ended. Returns how many."""
    statement = sa.update(delivery).where(delivery.c.webhook_id == webhook_id, delivery.c.status == PENDING)
    return tx.run(statement.values(status="cancelled", last_error=reason, next_attempt_at=None)).rowcount


def add_attempt(tx: Transaction, record: AttemptRecord) -> None:
    """Log one attempt."""
    tx.run(sa.insert(delivery_attempt).values(**{name: getattr(record, name) for name in record.__slots__}))


def attempts_of(tx: Transaction, delivery_ids: list[str]) -> dict[str, list[AttemptRecord]]:
    """Return the attempts at each of these deliveries, oldest first."""
    query = sa.select(delivery_attempt).where(delivery_attempt.c.delivery_id.in_(delivery_ids))
    found: dict[str, list[AttemptRecord]] = {id: [] for id in delivery_ids}
    for record in to_records(AttemptRecord, tx.run(query.order_by(delivery_attempt.c.attempted_at))):
        found[record.delivery_id].append(record)
    return found


def page(
    tx: Transaction, *, webhook_id: str, status: str | None = None, limit: int, after: Position | None = None
) -> list[DeliveryRecord]:
    """Return up to `limit` deliveries to an endpoint, newest first."""
    return _page(tx, delivery.c.webhook_id == webhook_id, status, limit, after)


def page_of_callbacks(
    tx: Transaction,
    partner_id: str,
    environment: str,
    *,
    status: str | None = None,
    limit: int,
    after: Position | None = None,
) -> list[DeliveryRecord]:
    """Return up to `limit` deliveries to callback addresses of a partner's requests, newest first."""
    of_environment = sa.select(event.c.id).where(event.c.id == delivery.c.event_id, event.c.environment == environment)
    mine = sa.and_(delivery.c.partner_id == partner_id, delivery.c.webhook_id.is_(None), of_environment.exists())
    return _page(tx, mine, status, limit, after)


def _page(
    tx: Transaction, condition: Any, status: str | None, limit: int, after: Position | None
) -> list[DeliveryRecord]:
    query = sa.select(delivery).where(condition)
    if status is not None:
        query = query.where(delivery.c.status == status)
    query = newest_first(query, delivery.c.created_at, delivery.c.id, after=after, limit=limit)
    return to_records(DeliveryRecord, tx.run(query))


@dataclass(frozen=True, slots=True)
class EventHead:
    """What planning a delivery needs to know of an event; its body stays where it is."""

    number: int
    id: str
    partner_id: str
    environment: str
    session_id: str | None
    analysis_id: str | None
    type: str
    created_at: datetime


def event_head(tx: Transaction, event_id: str) -> EventHead | None:
    """Return one event without its body."""
    row = tx.run(sa.select(*_EVENT_COLUMNS).where(event.c.id == event_id)).first()
    return to_record(EventHead, row) if row else None


def events_to_replay(
    tx: Transaction,
    *,
    partner_id: str,
    environment: str,
    webhook_id: str,
    types: list[str],
    since: datetime,
    limit: int,
) -> list[EventHead]:
    """Return events of a partner's environment since a moment, oldest first, but for what is on its way there now.

    Events count that came while the endpoint was disabled or did not exist yet.
    """
    on_its_way = sa.exists().where(
        delivery.c.event_id == event.c.id, delivery.c.webhook_id == webhook_id, delivery.c.status == PENDING
    )
    query = sa.select(*_EVENT_COLUMNS).where(
        event.c.partner_id == partner_id,
        event.c.environment == environment,
        event.c.created_at >= since,
        event.c.type.in_(types),
        event.c.relayed_at.is_not(None),
        ~on_its_way,
    )
    return to_records(EventHead, tx.run(query.order_by(event.c.number).limit(limit)))


_EVENT_COLUMNS = [event.c[name] for name in EventHead.__slots__]
