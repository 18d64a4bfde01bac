"""Requests and responses of webhook routes. Field names are the public contract's."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from dayline.domain.status import DeliveryStatus
from dayline.domain.stored_json import EnabledEvent, EventName
from dayline.http.schemas import Address, RequestModel, Timestamp


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
    enabled_events: EnabledEvents = Field(default_factory=list[EnabledEvent])
    is_active: bool = Field(
        default_factory=bool,
        description="False cancels pending deliveries and stops further ones; true enables the endpoint again.",
    )


class WebhookShown(TypedDict):
    """An endpoint. Its secret is never shown again."""

    id: str
    url: str
    name: str | None
    enabled_events: list[EnabledEvent]
    is_active: bool
    disabled_reason: Annotated[str | None, Field(description="Why nothing is sent.")]
    disabled_at: Timestamp | None
    failing_since: Annotated[Timestamp | None, Field(description="First failure after the last success.")]
    previous_secret_valid_until: Annotated[
        Timestamp | None, Field(description="Until then the previous secret signs as well.")
    ]
    created_at: Timestamp
    updated_at: Timestamp


class WebhookWithSecret(WebhookShown):
    """An endpoint with its secret, which is shown once."""

    signing_secret: Annotated[
        str | None,
        Field(
            description="`whsec_...`. Shown once: null when the same request is answered again for its Idempotency-Key."
        ),
    ]


class WebhookPage(TypedDict):
    """Endpoints, newest first."""

    data: list[WebhookShown]
    next_cursor: str | None


class TestFired(TypedDict):
    """A test event that was queued."""

    webhook_id: str
    event_id: str
    fired_at: Timestamp


class AttemptShown(TypedDict):
    """One attempt. Of the answer only the status code is kept."""

    id: Annotated[str, Field(description="Value of the header X-Parlay-Delivery.")]
    number: int
    status_code: int | None
    error: str | None
    duration_seconds: float
    attempted_at: Timestamp


class DeliveryShown(TypedDict):
    """One event and one address that it is sent to."""

    id: str
    event_id: Annotated[str, Field(description="Value of the header `webhook-id`, the same at every attempt.")]
    event_type: EventName
    webhook_id: Annotated[str | None, Field(description="null for the callback_url of a request.")]
    url: Annotated[str, Field(description="Without its query, which may hold a secret.")]
    status: DeliveryStatus
    attempt_count: int
    next_attempt_at: Annotated[
        Timestamp | None, Field(description="null while an older event of the session is pending.")
    ]
    last_status_code: int | None
    last_error: str | None
    delivered_at: Timestamp | None
    created_at: Timestamp
    attempts: list[AttemptShown]


class DeliveryPage(TypedDict):
    """Deliveries, newest first."""

    data: list[DeliveryShown]
    next_cursor: str | None


class Replayed(TypedDict):
    """What is sent again."""

    count: Annotated[int, Field(description="Events that are sent again.")]
    next_since: Annotated[Timestamp | None, Field(description="Pass as `since` to go on; null when nothing is left.")]
