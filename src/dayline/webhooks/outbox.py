"""Plan deliveries of the events in the outbox to every address that enabled them."""

from __future__ import annotations

from collections.abc import Collection

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import EventRecord
from dayline.domain.status import EventType
from dayline.webhooks import events_repository as events
from dayline.webhooks import ordering
from dayline.webhooks import repository as webhooks
from dayline.webhooks.deliveries_repository import DeliveryRecord
from dayline.webhooks.repository import WebhookRecord

BATCH = 50
ALL_EVENTS = "*"
"""In `enabled_events`: every event but `webhook.test`, which goes to the endpoint that it tests."""


def relay_batch(tx: Transaction, *, but: Collection[int] = (), limit: int = BATCH) -> int:
    """Plan the deliveries of the oldest waiting events. Return how many events that were.

    but: numbers of events that are left out.
    """
    batch = events.waiting(tx, limit=limit, but=but)
    ordering.add(tx, _plan(tx, batch))
    events.mark_relayed(tx, [event.number for event in batch])
    return len(batch)


def wants(endpoint: WebhookRecord, event_type: str) -> bool:
    """Return whether an endpoint enabled an event."""
    return event_type in endpoint.enabled_events or ALL_EVENTS in endpoint.enabled_events


def _plan(tx: Transaction, batch: list[EventRecord]) -> list[DeliveryRecord]:
    endpoints: dict[tuple[str, str], list[WebhookRecord]] = {}
    planned: list[DeliveryRecord] = []
    moment = now()
    for event in batch:
        owner = event.partner_id, event.environment
        if owner not in endpoints:
            endpoints[owner] = webhooks.active(tx, *owner)
        planned += [
            ordering.delivery_of(event, webhook_id=endpoint.id, url=endpoint.url, at=moment)
            for endpoint in endpoints[owner]
            if _is_for(endpoint, event)
        ]
        if event.callback_url:
            planned.append(ordering.delivery_of(event, webhook_id=None, url=event.callback_url, at=moment))
    return planned


def _is_for(endpoint: WebhookRecord, event: EventRecord) -> bool:
    if event.type == EventType.WEBHOOK_TEST:
        return event.body.get("webhook_id") == endpoint.id
    return wants(endpoint, event.type)
