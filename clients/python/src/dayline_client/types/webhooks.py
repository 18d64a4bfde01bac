"""Webhook endpoints and the delivery log."""

from __future__ import annotations

from typing import Literal, Required, TypedDict

EventName = Literal[
    "all_day_session.processing_started",
    "all_day_session.detected",
    "all_day_session.completed",
    "all_day_session.failed",
    "all_day_session.corrected",
    "analysis.completed",
    "analysis.failed",
    "webhook.test",
]
EnabledEvent = Literal[
    "*",
    "all_day_session.processing_started",
    "all_day_session.detected",
    "all_day_session.completed",
    "all_day_session.failed",
    "all_day_session.corrected",
    "analysis.completed",
    "analysis.failed",
    "webhook.test",
    "persona.assigned",
    "methodology.assigned",
    "profile.synthesized",
    "playbook.draft.completed",
    "playbook.published",
    "insights.generated",
]
DeliveryStatus = Literal["pending", "succeeded", "failed", "cancelled"]


class WebhookRequest(TypedDict, total=False):
    """An endpoint to register."""

    url: Required[str]
    name: str | None
    enabled_events: Required[list[EnabledEvent]]


class WebhookChange(TypedDict, total=False):
    """Changes of an endpoint; fields that are not sent stay unchanged."""

    url: str | None
    name: str | None
    enabled_events: list[EnabledEvent] | None
    is_active: bool | None


class Webhook(TypedDict):
    """An endpoint, with the reason if it is disabled."""

    id: str
    url: str
    name: str | None
    enabled_events: list[EnabledEvent]
    is_active: bool
    disabled_reason: str | None
    disabled_at: str | None
    failing_since: str | None
    previous_secret_valid_until: str | None
    created_at: str
    updated_at: str


class WebhookWithSecret(Webhook):
    """An endpoint with its secret, which is shown only once."""

    signing_secret: str | None


class TestFired(TypedDict):
    """A queued test event."""

    webhook_id: str
    event_id: str
    fired_at: str


class Attempt(TypedDict):
    """One attempt of a delivery."""

    id: str
    number: int
    status_code: int | None
    error: str | None
    duration_seconds: float
    attempted_at: str


class Delivery(TypedDict):
    """Delivery of one event to one URL."""

    id: str
    event_id: str
    event_type: EventName
    webhook_id: str | None
    url: str
    status: DeliveryStatus
    attempt_count: int
    next_attempt_at: str | None
    last_status_code: int | None
    last_error: str | None
    delivered_at: str | None
    created_at: str
    attempts: list[Attempt]


class Replayed(TypedDict):
    """Number of events sent again; repeat from `next_since` until it is None."""

    count: int
    next_since: str | None


class CallbackSecret(TypedDict):
    """Secret that signs deliveries to the callback_url of single requests."""

    signing_secret: str | None
    previous_secret_valid_until: str | None
