"""Partners, their keys and their callback secret, as they are asked for and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from dayline.http.schemas import FreeObject, RequestModel, ResponseModel, Uuid

PlanTier = Literal["starter", "growth", "scale", "premier", "internal"]
Environment = Literal["sandbox", "production"]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Email = Annotated[str, Field(min_length=3, max_length=320, pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$")]
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


class PartnerShown(ResponseModel):
    """A tenant. While `suspended_at` is set, its keys do not work."""

    id: str
    name: str
    contact_email: str
    plan_tier: PlanTier
    healthcare: bool
    suspended_at: datetime | None
    settings: FreeObject
    notes: str | None
    created_at: datetime
    updated_at: datetime


class KeyRequest(RequestModel):
    """A new key for a partner."""

    partner_id: Uuid
    environment: Environment
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=32)] | None = Field(
        default=None, description="Left out: partner:read and partner:write."
    )
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    description: Annotated[str, Field(max_length=2000)] | None = None


class KeyShownOnce(ResponseModel):
    """A key at the one moment in which its text is shown."""

    id: str
    key: str | None = Field(
        description="The whole key. null when the same request is answered again for its Idempotency-Key."
    )
    key_id: str
    key_prefix: str
    environment: Environment
    partner_id: str
    scopes: list[str]
    name: str | None
    description: str | None
    created_at: datetime
    warning: str


class CallbackSecret(ResponseModel):
    """What signs deliveries to the callback_url of single requests."""

    signing_secret: str | None = Field(description="`whsec_...`; null in the repeated answer of a rotation.")
    previous_secret_valid_until: datetime | None = Field(description="Until then the secret before also signs.")


class PartnerPage(ResponseModel):
    """Partners, newest first."""

    data: list[PartnerShown]
    next_cursor: str | None


class KeyShown(ResponseModel):
    """A key without its secret."""

    id: str
    key_id: str = Field(description="The id that stands in the text of the key.")
    key_prefix: str
    environment: Literal["sandbox", "production", "admin"]
    partner_id: str | None
    scopes: list[str]
    name: str | None
    description: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyPage(ResponseModel):
    """Keys, newest first."""

    data: list[KeyShown]
    next_cursor: str | None


class QueueShown(ResponseModel):
    """One queue of the workflow engine."""

    name: str
    waiting: int
    running: int
    oldest_waiting_seconds: float | None


class QueueState(ResponseModel):
    """Every queue that has work."""

    queues: list[QueueShown]


class WorkerShown(ResponseModel):
    """One worker process."""

    id: str
    seen_seconds_ago: float
    is_alive: bool


class WorkerList(ResponseModel):
    """Workers that hold a lease."""

    workers: list[WorkerShown]
