"""Repository of events, the outbox: an event is written in the same transaction as the change that it reports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import EventRecord, to_record, to_records
from dayline.db.tables import event
from dayline.ids import derived_id

_COLUMNS = [event.c[name] for name in EventRecord.__slots__]


def event_id(type: str, *once: Any) -> str:
    """Return the id of the event of one occasion."""
    return "evt_" + derived_id("event", type, *once)


def add(
    tx: Transaction,
    *,
    partner_id: str,
    environment: str,
    type: str,
    body: dict[str, Any],
    session_id: str | None = None,
    analysis_id: str | None = None,
    callback_url: str | None = None,
    once: tuple[Any, ...],
) -> bool:
    """Write one event. Return False when there was one of the same occasion.

    once: names the occasion; the same type and occasion give the same id.
    """
    id_ = event_id(type, *once)
    if tx.run(sa.select(event.c.number).where(event.c.id == id_)).first():
        return False
    tx.run(
        sa.insert(event).values(
            id=id_,
            partner_id=partner_id,
            environment=environment,
            session_id=session_id,
            analysis_id=analysis_id,
            type=type,
            body=body,
            callback_url=callback_url,
            created_at=now(),
        )
    )
    return True


def get(tx: Transaction, id: str) -> EventRecord | None:
    """Return one event."""
    row = tx.run(sa.select(*_COLUMNS).where(event.c.id == id)).first()
    return to_record(EventRecord, row) if row else None


def of_session(tx: Transaction, session_id: str, *, after: int = 0, limit: int = 100) -> list[EventRecord]:
    """Return a session's events with a number above `after`, oldest first."""
    query = sa.select(*_COLUMNS).where(event.c.session_id == session_id, event.c.number > after)
    return to_records(EventRecord, tx.run(query.order_by(event.c.number).limit(limit)))


def waiting(tx: Transaction, *, limit: int = 100) -> list[EventRecord]:
    """Return events whose deliveries are not planned yet, oldest first."""
    query = sa.select(*_COLUMNS).where(event.c.relayed_at.is_(None)).order_by(event.c.number).limit(limit)
    if tx.is_postgres:
        query = query.with_for_update()
    return to_records(EventRecord, tx.run(query))


def mark_relayed(tx: Transaction, numbers: list[int]) -> None:
    """Mark events whose deliveries are planned."""
    if numbers:
        tx.run(sa.update(event).where(event.c.number.in_(numbers)).values(relayed_at=now()))
