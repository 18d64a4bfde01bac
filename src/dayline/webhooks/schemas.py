"""Requests and responses of webhook routes. Field names are the public contract's."""

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
"""Names that an endpoint may enable: ours, `*` for all of them, and those of the Parlay API that are never sent."""

DeliveryStatus = Literal["pending", "succeeded", "failed", "cancelled"]


def _each_once(names: list[EnabledEvent]) -> list[EnabledEvent]:
    return list(dict.fromkeys(names))


EnabledEvents = Annotated[list[EnabledEvent], Field(min_length=1, max_length=32), AfterValidator(_each_once)]
EndpointName = Annotated[str, Field(min_length=1, max_length=200)]


class WebhookRequest(RequestModel):
    """An endpoint to register."""

    url: Address = Field(description="HTTPS URL that takes POSTs and answers 2xx within 30 seconds.")
    name: EndpointName | None = Field(default=None, description="A name for people.")
    enabled_events: EnabledEvents = Field(
        description="Events to send: `*` for all of them. Names of the Parlay API that this version never sends are "
        "accepted."
    )


class WebhookChange(RequestModel):
    """Changes of an endpoint; fields that are not sent stay as they are."""

    # Factories instead of defaults: the document then shows no default, because leaving a field out changes nothing.
    url: Address = Field(default_factory=str, description="Where events are sent from now on.")
    name: EndpointName | None = None
    enabled_events: EnabledEvents = Field(default_factory=list)
    is_active: bool = Field(
        default_factory=bool,
        description="False cancels pending deliveries and stops further ones; true enables the endpoint again.",
    )


class WebhookShown(ResponseModel):
    """An endpoint. Its secret is never shown again."""

    id: str
    url: str
    name: str | None
    enabled_events: list[EnabledEvent]
    is_active: bool
    disabled_reason: str | None = Field(description="Why nothing is sent.")
    disabled_at: datetime | None
    failing_since: datetime | None = Field(description="First failure after the last success.")
    previous_secret_valid_until: datetime | None = Field(description="Until then the previous secret signs as well.")
    created_at: datetime
    updated_at: datetime


class WebhookWithSecret(WebhookShown):
    """An endpoint with its secret, which is shown once."""

    signing_secret: str | None = Field(
        description="`whsec_...`. Shown once: null when the same request is answered again for its Idempotency-Key."
    )


class WebhookPage(ResponseModel):
    """Endpoints, newest first."""

    data: list[WebhookShown]
    next_cursor: str | None


class TestFired(ResponseModel):
    """A test event that was queued."""

    webhook_id: str
    event_id: str
    fired_at: datetime


class AttemptShown(ResponseModel):
    """One attempt. Of the answer only the status code is kept."""

    id: str = Field(description="Value of the header X-Parlay-Delivery.")
    number: int
    status_code: int | None
    error: str | None
    duration_seconds: float
    attempted_at: datetime


class DeliveryShown(ResponseModel):
    """One event and one address that it is sent to."""

    id: str
    event_id: str = Field(description="Value of the header `webhook-id`, the same at every attempt.")
    event_type: EventName
    webhook_id: str | None = Field(description="null for the callback_url of a request.")
    url: str = Field(description="Without its query, which may hold a secret.")
    status: DeliveryStatus
    attempt_count: int
    next_attempt_at: datetime | None = Field(description="null while an older event of the session is pending.")
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
    """What is sent again."""

    count: int = Field(description="Events that are sent again.")
    next_since: datetime | None = Field(description="Pass as `since` to go on; null when nothing is left.")
