"""Register, change, delete and test webhook endpoints, and rotate their secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.domain.errors import Conflict, NotFound
from dayline.domain.status import EventType
from dayline.ids import new_id
from dayline.security.api_keys import make_webhook_secret
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks import events_repository as events
from dayline.webhooks import repository as webhooks
from dayline.webhooks.repository import WebhookRecord, WebhookValues
from dayline.webhooks.schemas import TestFired, WebhookChange, WebhookRequest, WebhookShown, WebhookWithSecret

MAX_ENDPOINTS = 50
OVERLAP = timedelta(hours=24)
"""How long the previous secret signs beside the new one."""


def register(tx: Transaction, request: WebhookRequest, *, partner_id: str, environment: str) -> WebhookWithSecret:
    """Add an endpoint for events of one environment. Return it with its secret, which is shown this once.

    Raises Conflict at MAX_ENDPOINTS.
    """
    if len(webhooks.page(tx, partner_id, environment, limit=MAX_ENDPOINTS)) >= MAX_ENDPOINTS:
        raise Conflict(f"There are {MAX_ENDPOINTS} endpoints already. Delete one that is not used any more.")
    moment = now()
    record = WebhookRecord(
        id=new_id(),
        partner_id=partner_id,
        environment=environment,
        url=request.url,
        name=request.name,
        enabled_events=list(request.enabled_events),
        secret=make_webhook_secret(),
        secret_previous=None,
        previous_until=None,
        is_active=True,
        disabled_reason=None,
        disabled_at=None,
        failing_since=None,
        deleted_at=None,
        created_at=moment,
        updated_at=moment,
    )
    webhooks.add(tx, record)
    return {**webhook_json(record), "signing_secret": record.secret}


def owned(tx: Transaction, webhook_id: str, *, partner_id: str, lock: bool = False) -> WebhookRecord:
    """Return an endpoint of this partner. Raises NotFound."""
    record = webhooks.get(tx, webhook_id, partner_id=partner_id, lock=lock)
    if record is None:
        raise NotFound.of("webhook", webhook_id)
    return record


def change(tx: Transaction, record: WebhookRecord, request: WebhookChange) -> WebhookShown:
    """Change an endpoint that was loaded under lock. Enabling it again clears why it was disabled."""
    values = cast(WebhookValues, request.model_dump(exclude_unset=True))
    is_active = values.get("is_active")
    if is_active and not record.is_active:
        values.update(disabled_reason=None, disabled_at=None, failing_since=None)
    if is_active is False and record.is_active:
        values.update(disabled_reason="It was disabled on request.", disabled_at=now())
        deliveries.cancel_all(tx, record.id, reason="the endpoint was disabled")
    if values.get("url", record.url) != record.url:
        values["failing_since"] = None
    if values:
        webhooks.update(tx, record.id, **values)
    return webhook_json(owned(tx, record.id, partner_id=record.partner_id))


def delete(tx: Transaction, record: WebhookRecord) -> None:
    """Delete an endpoint and cancel its pending deliveries."""
    deliveries.cancel_all(tx, record.id, reason="the endpoint was deleted")
    webhooks.update(
        tx, record.id, is_active=False, deleted_at=now(), secret="", secret_previous=None, previous_until=None
    )
    tx.erased()


def rotate_secret(tx: Transaction, record: WebhookRecord) -> WebhookWithSecret:
    """Make a new secret; the present one signs beside it for OVERLAP. Returns the endpoint with the new one."""
    secret = make_webhook_secret()
    webhooks.update(tx, record.id, secret=secret, secret_previous=record.secret, previous_until=now() + OVERLAP)
    return {**webhook_json(owned(tx, record.id, partner_id=record.partner_id)), "signing_secret": secret}


def fire_test(tx: Transaction, record: WebhookRecord) -> TestFired:
    """Write a test event for this endpoint alone. Raises Conflict when it is disabled."""
    require_active(record)
    fired_at, occasion = iso(now()), new_id()
    body = {"message": "This is a test.", "webhook_id": record.id, "fired_at": fired_at}
    events.add(
        tx,
        partner_id=record.partner_id,
        environment=record.environment,
        type=EventType.WEBHOOK_TEST.value,
        body=body,
        once=(occasion,),
    )
    event_id = events.event_id(EventType.WEBHOOK_TEST.value, occasion)
    return {"webhook_id": record.id, "event_id": event_id, "fired_at": fired_at}


def require_active(record: WebhookRecord) -> WebhookRecord:
    """Return the endpoint when it is active. Raises Conflict."""
    if not record.is_active:
        raise Conflict(
            f"This endpoint is disabled: {record.disabled_reason} Set is_active to true first.",
            disabled_reason=record.disabled_reason,
        )
    return record


def webhook_json(record: WebhookRecord) -> WebhookShown:
    """Return an endpoint as the API shows it, without its secrets."""
    overlaps = record.previous_until is not None and record.previous_until > now()
    return {
        "id": record.id,
        "url": record.url,
        "name": record.name,
        "enabled_events": record.enabled_events,
        "is_active": record.is_active,
        "disabled_reason": record.disabled_reason,
        "disabled_at": iso(record.disabled_at),
        "failing_since": iso(record.failing_since),
        "previous_secret_valid_until": iso(record.previous_until) if overlaps else None,
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
    }
