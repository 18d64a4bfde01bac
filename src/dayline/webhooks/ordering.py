"""Order of deliveries: events of one session are sent to one address in sequence.

Deliveries with the same ordering key (an address and a session) are sent in the order of their events. Only the head of
a key, its oldest delivery that has not ended, is due; the ones behind it have no `next_attempt_at`. Who adds behind a
head, or ends one, holds the head's row lock meanwhile, so that every key with deliveries always has a due head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, cast
from urllib.parse import urlsplit

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.domain.status import DeliveryStatus
from dayline.domain.stored_json import EventName
from dayline.ids import derived_id
from dayline.logs import safe_url
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks.deliveries_repository import DeliveryRecord


class EventToDeliver(Protocol):
    """The part of an event that planning a delivery needs."""

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
    event: EventToDeliver, *, webhook_id: str | None, url: str, occasion: str = "news", at: datetime | None = None
) -> DeliveryRecord:
    """Return a new delivery of an event to one address.

    webhook_id: None for the callback address of a request.
    occasion: the same event, address and occasion give the same id, so that planning twice makes one delivery.
    """
    return DeliveryRecord(
        id=derived_id("delivery", event.id, webhook_id or "callback", occasion),
        partner_id=event.partner_id,
        event_id=event.id,
        event_number=event.number,
        event_type=cast(EventName, event.type),
        webhook_id=webhook_id,
        url=safe_url(url),
        ordering_key=_ordering_key(event, webhook_id, url),
        endpoint_key=_endpoint_key(event.partner_id, webhook_id, url),
        status=DeliveryStatus.PENDING,
        attempts=0,
        next_attempt_at=None,
        claimed_until=None,
        last_status_code=None,
        last_error=None,
        delivered_at=None,
        created_at=at or now(),
    )


def add(tx: Transaction, records: Sequence[DeliveryRecord]) -> int:
    """Insert deliveries, each behind what is pending under its ordering key. Returns how many are new."""
    keys = sorted({record.ordering_key for record in records})
    for key in keys:
        deliveries.head(tx, key, lock=True)
    count = sum(deliveries.add(tx, record) for record in records)
    for key in keys:
        make_head_due(tx, key)
    return count


def make_head_due(tx: Transaction, ordering_key: str) -> None:
    """Make the head of an ordering key due now, unless it is due or waits for a retry."""
    head = deliveries.head(tx, ordering_key)
    if head is not None and head.next_attempt_at is None:
        deliveries.set_due(tx, head.id, at=now())


def make_heads_due(tx: Transaction, session_id: str) -> None:
    """Make what is pending of a session due where the head before it was deleted."""
    for key in deliveries.keys_of_session(tx, session_id):
        make_head_due(tx, key)


def _ordering_key(event: EventToDeliver, webhook_id: str | None, url: str) -> str:
    subject = event.session_id or event.analysis_id or event.id
    return f"{'w' if webhook_id else 'c'}:{webhook_id or _digest(url)}:{subject}"


def _endpoint_key(partner_id: str, webhook_id: str | None, url: str) -> str:
    """Return which receiver a delivery loads: a registered endpoint, or the host of a partner's callback addresses."""
    if webhook_id:
        return f"w:{webhook_id}"
    return f"c:{_digest(f'{partner_id} {urlsplit(url).netloc.lower()}')}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:36]
