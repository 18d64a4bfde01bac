"""Send events again: one delivery, or everything since a moment."""

from __future__ import annotations

from datetime import datetime

from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.domain.errors import Conflict, NotFound
from dayline.domain.status import EventType
from dayline.ids import new_id
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks import events_repository as events
from dayline.webhooks import ordering
from dayline.webhooks import repository as webhooks
from dayline.webhooks.deliveries_repository import PENDING, AttemptRecord, DeliveryRecord
from dayline.webhooks.outbox import ALL_EVENTS
from dayline.webhooks.repository import WebhookRecord
from dayline.webhooks.schemas import DeliveryShown, Replayed
from dayline.webhooks.service import require_active

MAX_EVENTS = 500
"""Most events that one call sends again."""

CALLBACK = "callback"
"""Replaces an endpoint's id, for the callback addresses of the partner's requests."""


def replay_one(
    tx: Transaction, webhook_id: str, delivery_id: str, *, partner_id: str, environment: str
) -> DeliveryShown:
    """Send one delivery again, as a new delivery of the same event. Return the new one.

    `webhook_id` is CALLBACK for what went to callback addresses.
    Raises NotFound, or Conflict while the delivery is pending or its endpoint is disabled.
    """
    found = deliveries.get(tx, delivery_id)
    if found is None or found.partner_id != partner_id or (found.webhook_id or CALLBACK) != webhook_id:
        raise NotFound.of("delivery", delivery_id)
    if found.status == PENDING:
        raise Conflict("This delivery is still pending; it need not be sent again.", status=found.status)
    event = deliveries.event_head(tx, found.event_id)
    url = _address(tx, found, partner_id)
    if event is None or event.environment != environment or url is None:
        raise NotFound.of("delivery", delivery_id)
    again = ordering.delivery_of(event, webhook_id=found.webhook_id, url=url, occasion=new_id())
    ordering.add(tx, [again])
    return delivery_json(deliveries.get(tx, again.id) or again, [])


def replay_since(tx: Transaction, endpoint: WebhookRecord, since: datetime) -> Replayed:
    """Send every event since a moment that this endpoint wants, oldest first, MAX_EVENTS at most.

    Includes events from while it was disabled. Pending deliveries are left alone. Raises Conflict.
    """
    require_active(endpoint)
    names = [kind.value for kind in EventType] if ALL_EVENTS in endpoint.enabled_events else endpoint.enabled_events
    wanted = [name for name in names if name != EventType.WEBHOOK_TEST]
    found = deliveries.events_to_replay(
        tx,
        partner_id=endpoint.partner_id,
        environment=endpoint.environment,
        webhook_id=endpoint.id,
        types=wanted,
        since=since,
        limit=MAX_EVENTS + 1,
    )
    now_, later = found[:MAX_EVENTS], found[MAX_EVENTS:]
    occasion, moment = new_id(), now()
    ordering.add(
        tx,
        [ordering.delivery_of(e, webhook_id=endpoint.id, url=endpoint.url, occasion=occasion, at=moment) for e in now_],
    )
    return {"count": len(now_), "next_since": iso(later[0].created_at) if later else None}


def delivery_json(record: DeliveryRecord, attempts: list[AttemptRecord]) -> DeliveryShown:
    """Write a delivery and its attempts as the API shows them."""
    return {
        "id": record.id,
        "event_id": record.event_id,
        "event_type": record.event_type,
        "webhook_id": record.webhook_id,
        "url": record.url,
        "status": record.status,
        "attempt_count": record.attempts,
        "next_attempt_at": iso(record.next_attempt_at),
        "last_status_code": record.last_status_code,
        "last_error": record.last_error,
        "delivered_at": iso(record.delivered_at),
        "created_at": iso(record.created_at),
        "attempts": [
            {
                "id": attempt.id,
                "number": attempt.number,
                "status_code": attempt.status_code,
                "error": attempt.error,
                "duration_seconds": attempt.duration_seconds,
                "attempted_at": iso(attempt.attempted_at),
            }
            for attempt in attempts
        ],
    }


def _address(tx: Transaction, record: DeliveryRecord, partner_id: str) -> str | None:
    if record.webhook_id is not None:
        endpoint = webhooks.get(tx, record.webhook_id, partner_id=partner_id)
        return require_active(endpoint).url if endpoint else None
    event = events.get(tx, record.event_id)
    return event.callback_url if event else None
