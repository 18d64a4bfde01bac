"""Partners, their keys and their callback secret, requests and responses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from dayline.domain.stored_json import Environment, KeyEnvironment, PlanTier
from dayline.http.schemas import Email, FreeObject, RequestModel, Timestamp, Uuid

Name = Annotated[str, Field(min_length=1, max_length=200)]
Notes = Annotated[str, Field(max_length=2000)]
Scope = Annotated[str, Field(min_length=1, max_length=64)]


class PartnerRequest(RequestModel):
    """A new tenant of the installation."""

    name: Name
    contact_email: Email
    plan_tier: PlanTier = "starter"
    healthcare: bool = Field(default=False, description="The partner handles health data.")
    notes: Notes | None = None
    settings: FreeObject = Field(default={})


class PartnerShown(TypedDict):
    """A tenant. While `suspended_at` is set, its keys do not work."""

    id: str
    name: str
    contact_email: str
    plan_tier: PlanTier
    healthcare: bool
    suspended_at: Timestamp | None
    settings: FreeObject
    notes: str | None
    created_at: Timestamp
    updated_at: Timestamp


class KeyRequest(RequestModel):
    """A new key for a partner."""

    partner_id: Uuid
    environment: Environment
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=32)] | None = Field(
        default=None, description="Left out: partner:read and partner:write."
    )
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    description: Annotated[str, Field(max_length=2000)] | None = None


class KeyShownOnce(TypedDict):
    """A new key with its text, shown once."""

    id: str
    key: Annotated[
        str | None,
        Field(description="The whole key. null when the same request is answered again for its Idempotency-Key."),
    ]
    key_id: str
    key_prefix: str
    environment: Environment
    partner_id: str
    scopes: list[str]
    name: str | None
    description: str | None
    created_at: Timestamp
    warning: str


class CallbackSecret(TypedDict):
    """What signs deliveries to the callback_url of single requests."""

    signing_secret: Annotated[str | None, Field(description="`whsec_...`; null in the repeated answer of a rotation.")]
    previous_secret_valid_until: Annotated[
        Timestamp | None, Field(description="Until then the secret before also signs.")
    ]


class PartnerPage(TypedDict):
    """Partners, newest first."""

    data: list[PartnerShown]
    next_cursor: str | None


class KeyShown(TypedDict):
    """A key without its secret."""

    id: str
    key_id: Annotated[str, Field(description="The id that stands in the text of the key.")]
    key_prefix: str
    environment: KeyEnvironment
    partner_id: str | None
    scopes: list[str]
    name: str | None
    description: str | None
    created_at: Timestamp
    last_used_at: Timestamp | None
    revoked_at: Timestamp | None


class KeyPage(TypedDict):
    """Keys, newest first."""

    data: list[KeyShown]
    next_cursor: str | None


class QueueShown(TypedDict):
    """One queue of the workflow engine."""

    name: str
    waiting: int
    running: int
    oldest_waiting_seconds: float | None


class QueueState(TypedDict):
    """Every queue that has work."""

    queues: list[QueueShown]


class WorkerShown(TypedDict):
    """One worker process."""

    id: str
    seen_seconds_ago: float
    is_alive: bool


class WorkerList(TypedDict):
    """Workers that hold a lease."""

    workers: list[WorkerShown]
