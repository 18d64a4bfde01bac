"""Repository of events, the outbox: an event is written in the same transaction as the change that it reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import EventRecord, to_record, to_records
from dayline.db.tables import analysis, event, session
from dayline.db.visibility import EVERYTHING, Visibility
from dayline.ids import derived_id

_LONGEST_TRANSACTION = timedelta(hours=1)
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
    body: Mapping[str, object],
    session_id: str | None = None,
    analysis_id: str | None = None,
    callback_url: str | None = None,
    once: tuple[Any, ...],
) -> bool:
    """Write one event. Return False when there was one of the same occasion.

    once: names the occasion; the same type and occasion give the same id.
    """
    id_ = event_id(type, *once)
    if is_there(tx, type, *once):
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


def is_there(tx: Transaction, type: str, *once: Any) -> bool:
    """Return whether the event of an occasion was written."""
    return tx.run(sa.select(event.c.number).where(event.c.id == event_id(type, *once))).first() is not None


def get(tx: Transaction, id: str) -> EventRecord | None:
    """Return one event."""
    row = tx.run(sa.select(*_COLUMNS).where(event.c.id == id)).first()
    return to_record(EventRecord, row) if row else None


def of_session(tx: Transaction, session_id: str, *, after: int = 0, limit: int = 100) -> list[EventRecord]:
    """Return a session's events with a number above `after`, oldest first."""
    query = sa.select(*_COLUMNS).where(event.c.session_id == session_id, event.c.number > after)
    return to_records(EventRecord, tx.run(query.order_by(event.c.number).limit(limit)))


def of_partner(
    tx: Transaction,
    partner_id: str,
    *,
    environment: str,
    after: int,
    limit: int,
    visibility: Visibility = EVERYTHING,
) -> list[EventRecord]:
    """Return settled events about sessions and analyses of a partner with a number above `after`, oldest first."""
    query = sa.select(*_COLUMNS).outerjoin(session, session.c.id == event.c.session_id)
    query = query.outerjoin(analysis, analysis.c.id == event.c.analysis_id)
    org_id = sa.func.coalesce(session.c.org_id, analysis.c.org_id)
    rep_id = sa.func.coalesce(session.c.rep_id, analysis.c.rep_id)
    query = visibility.limit(query, org_id, rep_id).where(
        event.c.partner_id == partner_id,
        event.c.environment == environment,
        event.c.number > after,
        sa.or_(event.c.session_id.is_not(None), event.c.analysis_id.is_not(None)),
        _is_settled(tx),
    )
    return to_records(EventRecord, tx.run(query.order_by(event.c.number).limit(limit)))


def newest_settled(tx: Transaction) -> int:
    """Return the number of the newest settled event, 0 when there is none."""
    query = sa.select(event.c.number).where(_is_settled(tx))
    return int(tx.run(query.order_by(event.c.number.desc()).limit(1)).scalar() or 0)


def _is_settled(tx: Transaction) -> Any:
    """Return the condition that no event with a smaller number can appear any more.

    On PostgreSQL numbers are given before transactions commit, so an event may appear after one with a larger number.
    An event is settled when every transaction that was running when it was written has ended; after an hour that is
    assumed. SQLite writes one transaction at a time.
    """
    if not tx.is_postgres:
        return sa.true()
    horizon = sa.text("age(event.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)")
    return sa.or_(event.c.created_at < now() - _LONGEST_TRANSACTION, horizon)


def waiting(tx: Transaction, *, limit: int = 100, but: Collection[int] = ()) -> list[EventRecord]:
    """Return events whose deliveries are not planned yet, oldest first, without those of the numbers `but`."""
    query = sa.select(*_COLUMNS).where(event.c.relayed_at.is_(None), event.c.number.not_in(but))
    query = query.order_by(event.c.number).limit(limit)
    if tx.is_postgres:
        query = query.with_for_update()
    return to_records(EventRecord, tx.run(query))


def waiting_numbers(tx: Transaction, *, limit: int, but: Collection[int] = ()) -> list[int]:
    """Return the numbers of events whose deliveries are not planned yet, oldest first, without `but`."""
    query = sa.select(event.c.number).where(event.c.relayed_at.is_(None), event.c.number.not_in(but))
    return [row.number for row in tx.run(query.order_by(event.c.number).limit(limit))]


def mark_relayed(tx: Transaction, numbers: list[int]) -> None:
    """Mark events whose deliveries are planned."""
    if numbers:
        tx.run(sa.update(event).where(event.c.number.in_(numbers)).values(relayed_at=now()))
