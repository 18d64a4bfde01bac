"""Lanes: news of one session for one address travels in order, each piece after the one before has ended.

Whoever puts deliveries into a lane, or ends one, holds the lane meanwhile; so there is always exactly one
job for its head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.ids import derived_id
from dayline.logs import safe_url
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks.deliveries_repository import PENDING, DeliveryRecord
from dayline.workflows.job_queue import JobQueue


class News(Protocol):
    """What a delivery must know of the event it carries."""

    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def partner_id(self) -> str: ...  # noqa: D102
    @property
    def session_id(self) -> str | None: ...  # noqa: D102
    @property
    def analysis_id(self) -> str | None: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102


def delivery_of(
    event: News, *, webhook_id: str | None, url: str, occasion: str = "news", at: datetime | None = None
) -> DeliveryRecord:
    """Return the delivery of an event to one address; the same `occasion` makes no second one."""
    return DeliveryRecord(
        id=derived_id("delivery", event.id, webhook_id or "callback", occasion),
        partner_id=event.partner_id,
        event_id=event.id,
        event_number=event.number,
        event_type=event.type,
        webhook_id=webhook_id,
        url=safe_url(url),
        lane=_lane(event, webhook_id, url),
        status=PENDING,
        attempts=0,
        next_attempt_at=None,
        last_status_code=None,
        last_error=None,
        delivered_at=None,
        created_at=at or now(),
    )


def put(tx: Transaction, jobs: JobQueue, records: Sequence[DeliveryRecord]) -> int:
    """Put deliveries into their lanes and call up every head. Returns how many are new."""
    lanes = sorted({record.lane for record in records})
    deliveries.lock_lanes(tx, lanes)
    count = sum(deliveries.add(tx, record) for record in records)
    for lane in lanes:
        schedule_head(tx, jobs, lane)
    return count


def schedule_head(tx: Transaction, jobs: JobQueue, lane: str) -> None:
    """Queue the attempt that is due in a lane, unless it has been called up already. The lane must be held."""
    first = deliveries.head(tx, lane)
    if first is not None and first.next_attempt_at is None:
        schedule(tx, jobs, first, at=now())


def schedule(tx: Transaction, jobs: JobQueue, record: DeliveryRecord, *, at: datetime) -> None:
    """Queue the next attempt at a delivery for a moment. The lane must be held."""
    deliveries.update(tx, record.id, next_attempt_at=at)
    number = record.attempts + 1
    wait_seconds = (at - now()).total_seconds()
    jobs.enqueue(
        tx,
        "delivery",
        record.id,
        number,
        # The moment makes it another job than one that came before its turn, or that was lost.
        id=f"delivery:{record.id}:{number}:{int(at.timestamp() * 1000)}",
        delay_seconds=wait_seconds if wait_seconds > 0 else None,
    )


def requeue(tx: Transaction, jobs: JobQueue, record: DeliveryRecord) -> None:
    """Let a delivery that was called up before its turn wait again: an older one was put before it meanwhile."""
    deliveries.lock_lanes(tx, [record.lane])
    deliveries.update(tx, record.id, next_attempt_at=None)
    schedule_head(tx, jobs, record.lane)


def _lane(event: News, webhook_id: str | None, url: str) -> str:
    subject = event.session_id or event.analysis_id or event.id
    address = webhook_id or hashlib.sha256(url.encode()).hexdigest()[:36]
    return f"{'w' if webhook_id else 'c'}:{address}:{subject}"
