"""Webhooks as they are registered and shown. Field names are the public contract's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dayline.http.schemas import Address, RequestModel, ResponseModel

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
DeliveryStatus = Literal["pending", "succeeded", "failed", "cancelled"]


def _each_once(names: list[EventName]) -> list[EventName]:
    return list(dict.fromkeys(names))


EventNames = Annotated[list[EventName], Field(min_length=1, max_length=32), AfterValidator(_each_once)]
EndpointName = Annotated[str, Field(min_length=1, max_length=200)]


class WebhookRequest(RequestModel):
    """An address that wants news."""

    url: Address = Field(description="HTTPS URL that takes POSTs and answers 2xx within 30 seconds.")
    name: EndpointName | None = Field(default=None, description="A name for people.")
    enabled_events: EventNames = Field(description="Which news it wants.")


class WebhookChange(RequestModel):
    """What to change of an endpoint; fields that are not sent stay as they are."""

    # Factories instead of defaults: the document then shows no default, because leaving a field out changes nothing.
    url: Address = Field(default_factory=str, description="Where news goes from now on.")
    name: EndpointName | None = None
    enabled_events: EventNames = Field(default_factory=list)
    is_active: bool = Field(
        default_factory=bool,
        description="False stops deliveries and cancels what is under way; true takes a disabled endpoint up again.",
    )


class WebhookShown(ResponseModel):
    """An endpoint. Its secret is never shown again."""

    id: str
    url: str
    name: str | None
    enabled_events: list[EventName]
    is_active: bool
    disabled_reason: str | None = Field(description="Why nothing is sent any more.")
    disabled_at: datetime | None
    failing_since: datetime | None = Field(description="First failure after the last success.")
    previous_secret_valid_until: datetime | None = Field(description="Until then the secret before also signs.")
    created_at: datetime
    updated_at: datetime


class WebhookWithSecret(WebhookShown):
    """An endpoint at the one moment in which its secret is shown."""

    signing_secret: str | None = Field(
        description="`whsec_...`. Shown once: null when the same request is answered again for its Idempotency-Key."
    )


class WebhookPage(ResponseModel):
    """Endpoints, newest first."""

    data: list[WebhookShown]
    next_cursor: str | None


class TestFired(ResponseModel):
    """A test event on its way."""

    webhook_id: str
    event_id: str
    fired_at: datetime


class AttemptShown(ResponseModel):
    """One try. Nothing of what the receiver answered is kept but the status."""

    id: str = Field(description="What stood in X-Parlay-Delivery.")
    number: int
    status_code: int | None
    error: str | None
    duration_seconds: float
    attempted_at: datetime


class DeliveryShown(ResponseModel):
    """One event on its way to one address."""

    id: str
    event_id: str = Field(description="What stands in `webhook-id`, the same at every try.")
    event_type: EventName
    webhook_id: str | None = Field(description="null: it goes to the callback_url of a request.")
    url: str = Field(description="Without its query, which may hold a secret.")
    status: DeliveryStatus
    attempt_count: int
    next_attempt_at: datetime | None
    last_status_code: int | None
    last_error: str | None
    delivered_at: datetime | None
    created_at: datetime
    attempts: list[AttemptShown]


class DeliveryPage(ResponseModel):
    """Deliveries, newest first."""

    data: list[DeliveryShown]
    next_cursor: str | None


class Replayed(ResponseModel):
    """How much is sent again."""

    count: int = Field(description="Events that are on their way again.")
    next_since: datetime | None = Field(description="Ask again from here; null when everything has been taken.")
