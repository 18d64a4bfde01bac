"""Repository of deliveries: one event for one address, and its attempts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.db.changes import NAMED, RowsOf
from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.records import to_record, to_records
from dayline.db.statements import add_unless_there, newest_first
from dayline.db.tables import delivery, delivery_attempt, event
from dayline.domain.status import DeliveryStatus
from dayline.domain.stored_json import EventName

PENDING = DeliveryStatus.PENDING


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One delivery.

    webhook_id: None for the event's own callback address.
    url: the address without its query, for the log.
    ordering_key: deliveries with the same key are sent in the order of their events.
    endpoint_key: the receiver, for fairness.
    next_attempt_at: None while an older delivery of the same ordering key is pending.
    claimed_until: until then a worker makes an attempt, None when none does.
    """

    id: str
    partner_id: str
    event_id: str
    event_number: int
    event_type: EventName
    webhook_id: str | None
    url: str
    ordering_key: str
    endpoint_key: str
    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime | None
    claimed_until: datetime | None
    last_status_code: int | None
    last_error: str | None
    delivered_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt at a delivery. Of the answer only the status code is kept."""

    id: str
    delivery_id: str
    number: int
    status_code: int | None
    error: str | None
    duration_seconds: float
    attempted_at: datetime


def add(tx: Transaction, record: DeliveryRecord) -> bool:
    """Insert a delivery. Return False when there is one of that id."""
    return add_unless_there(tx, delivery, ["id"], {name: getattr(record, name) for name in record.__slots__})


def get(tx: Transaction, delivery_id: str, *, lock: bool = False) -> DeliveryRecord | None:
    """Return a delivery."""
    query = sa.select(delivery).where(delivery.c.id == delivery_id)
    row = tx.run(query.with_for_update() if lock else query).first()
    return to_record(DeliveryRecord, row) if row else None


def head(tx: Transaction, ordering_key: str, *, lock: bool = False) -> DeliveryRecord | None:
    """Return the oldest pending delivery of an ordering key."""
    query = sa.select(delivery).where(delivery.c.ordering_key == ordering_key, delivery.c.status == PENDING)
    query = query.order_by(delivery.c.event_number, delivery.c.created_at, delivery.c.id).limit(1)
    row = tx.run(query.with_for_update() if lock else query).first()
    return to_record(DeliveryRecord, row) if row else None


def keys_of_session(tx: Transaction, session_id: str) -> list[str]:
    """Return the ordering keys under which events of a session are pending, in order."""
    query = sa.select(delivery.c.ordering_key).join(event, event.c.id == delivery.c.event_id).distinct()
    query = query.where(event.c.session_id == session_id, delivery.c.status == PENDING)
    return [row.ordering_key for row in tx.run(query.order_by(delivery.c.ordering_key))]


def look(tx: Transaction, *, at: datetime) -> tuple[bool, bool]:
    """Return whether events wait to be planned, and whether an attempt may be due: one query without locks."""
    row = tx.run(_LOOK, {"at": at}).one()
    return bool(row.waiting), bool(row.due)


def look_by_driver(rows: RowsOf, *, at: datetime) -> tuple[bool, bool]:
    """Do as `look`, on SQLite and by its driver alone."""
    text, values, moment = _look_in_sqlite()
    ((waiting, due),) = rows(text, {**values, "at": moment(at)})
    return bool(waiting), bool(due)


def claim_due(
    tx: Transaction,
    *,
    at: datetime,
    until: datetime,
    limit: int,
    per_endpoint: int,
    full_endpoints: Sequence[str] = (),
    full_partners: Sequence[str] = (),
) -> list[DeliveryRecord]:
    """Claim deliveries whose attempt is due, the longest due first, and return them.

    until: the moment at which the claim ends when its worker dies.
    per_endpoint: most deliveries of one receiver in this claim.
    full_endpoints, full_partners: receivers and partners that get nothing now.
    """
    place = sa.func.row_number().over(
        partition_by=delivery.c.endpoint_key, order_by=(delivery.c.next_attempt_at, delivery.c.event_number)
    )
    ranked = (
        sa.select(delivery.c.id, delivery.c.next_attempt_at, place.label("place"))
        .where(
            *_due(at),
            ~_behind_another(at),
            delivery.c.endpoint_key.not_in(full_endpoints),
            delivery.c.partner_id.not_in(full_partners),
        )
        .subquery()
    )
    chosen = (
        sa.select(ranked.c.id)
        .where(ranked.c.place <= per_endpoint)
        .order_by(ranked.c.place, ranked.c.next_attempt_at)
        .limit(limit)
    )
    ids = [row.id for row in tx.run(chosen)]
    query = sa.select(delivery).where(delivery.c.id.in_(ids), *_due(at))
    if tx.is_postgres:
        query = query.with_for_update(skip_locked=True)
    claimed = to_records(DeliveryRecord, tx.run(query.order_by(delivery.c.event_number)))
    tx.run(sa.update(delivery).where(delivery.c.id.in_([record.id for record in claimed])).values(claimed_until=until))
    return claimed


def _due(at: datetime | sa.BindParameter[datetime]) -> tuple[Any, ...]:
    is_free = sa.or_(delivery.c.claimed_until.is_(None), delivery.c.claimed_until <= at)
    return delivery.c.status == PENDING, delivery.c.next_attempt_at <= at, is_free


_LOOK = sa.select(
    sa.exists().where(event.c.relayed_at.is_(None)).label("waiting"),
    sa.exists().where(*_due(sa.bindparam("at", type_=delivery.c.next_attempt_at.type))).label("due"),
)
"""Built once: it runs three times a second, and building it takes longer than running it."""


@functools.cache
def _look_in_sqlite() -> tuple[str, dict[str, Any], Callable[[datetime], object]]:
    """Return the query, its values but the moment, and what writes a moment as the column does."""
    query = _LOOK.compile(dialect=NAMED)
    moment = delivery.c.next_attempt_at.type.dialect_impl(NAMED).bind_processor(NAMED)
    assert moment is not None
    return str(query), dict(query.params), moment


def _behind_another(at: datetime) -> Any:
    """Return the condition that another delivery of the ordering key is older, or is being sent."""
    other = delivery.alias("other")
    is_older = sa.tuple_(other.c.event_number, other.c.created_at, other.c.id) < sa.tuple_(
        delivery.c.event_number, delivery.c.created_at, delivery.c.id
    )
    return sa.exists().where(
        other.c.ordering_key == delivery.c.ordering_key,
        other.c.status == PENDING,
        other.c.id != delivery.c.id,
        sa.or_(is_older, other.c.claimed_until > at),
    )


def set_due(tx: Transaction, delivery_id: str, *, at: datetime) -> None:
    """Make the next attempt due at a moment."""
    tx.run(sa.update(delivery).where(delivery.c.id == delivery_id).values(next_attempt_at=at))


def make_lost_heads_due(tx: Transaction, *, at: datetime) -> int:
    """Make every head due that is neither due nor waits for a retry. Return how many there were: none, normally.

    Heads that another transaction holds are left to the next call.
    """
    older = delivery.alias("older")
    is_behind = sa.exists().where(
        older.c.ordering_key == delivery.c.ordering_key,
        older.c.status == PENDING,
        sa.tuple_(older.c.event_number, older.c.created_at, older.c.id)
        < sa.tuple_(delivery.c.event_number, delivery.c.created_at, delivery.c.id),
    )
    query = sa.select(delivery.c.id).where(
        delivery.c.status == PENDING, delivery.c.next_attempt_at.is_(None), ~is_behind
    )
    ids = [row.id for row in tx.run(query.with_for_update(skip_locked=True) if tx.is_postgres else query)]
    tx.run(sa.update(delivery).where(delivery.c.id.in_(ids)).values(next_attempt_at=at))
    return len(ids)


def release(tx: Transaction, records: Sequence[DeliveryRecord]) -> None:
    """Give claims back without an attempt."""
    for record in sorted(records, key=lambda record: (record.ordering_key, record.event_number, record.id)):
        tx.run(sa.update(delivery).where(delivery.c.id == record.id).values(claimed_until=None))


def finish_attempt(
    tx: Transaction,
    delivery_id: str,
    *,
    number: int,
    status: DeliveryStatus,
    status_code: int | None,
    error: str | None,
    next_attempt_at: datetime | None = None,
    delivered_at: datetime | None = None,
) -> None:
    """Write what attempt `number` led to and end the claim."""
    tx.run(
        sa.update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(
            attempts=number,
            status=status,
            last_status_code=status_code,
            last_error=error,
            next_attempt_at=next_attempt_at,
            delivered_at=delivered_at,
            claimed_until=None,
        )
    )


def cancel(tx: Transaction, delivery_id: str, *, reason: str) -> None:
    """End one delivery without an attempt."""
    tx.run(_cancelled(reason).where(delivery.c.id == delivery_id))


def cancel_all(tx: Transaction, webhook_id: str, *, reason: str) -> int:
    """Cancel every pending delivery to an endpoint, which is locked already. Return how many."""
    are_pending = delivery.c.webhook_id == webhook_id, delivery.c.status == PENDING
    if tx.is_postgres:
        query = sa.select(delivery.c.id).where(*are_pending)
        tx.run(query.order_by(delivery.c.ordering_key, delivery.c.event_number, delivery.c.id).with_for_update())
    return tx.run(_cancelled(reason).where(*are_pending)).rowcount


def _cancelled(reason: str) -> sa.Update:
    return sa.update(delivery).values(
        status=DeliveryStatus.CANCELLED, last_error=reason, next_attempt_at=None, claimed_until=None
    )


def count_pending(tx: Transaction) -> int:
    """Return how many deliveries have not ended."""
    return int(tx.run(sa.select(sa.func.count()).where(delivery.c.status == PENDING)).scalar() or 0)


def oldest_due(tx: Transaction, *, at: datetime) -> datetime | None:
    """Return since when the longest due attempt waits."""
    return tx.run(sa.select(sa.func.min(delivery.c.next_attempt_at)).where(*_due(at))).scalar()


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
    """The part of an event that planning a delivery needs, without its body."""

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
    """Return events of a partner's environment since a moment, oldest first, without those that are pending there.

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
