"""Partners, keys, uploads, and the state of the service."""

from __future__ import annotations

from typing import Any, Literal, Required, TypedDict

PlanTier = Literal["starter", "growth", "scale", "premier", "internal"]
Environment = Literal["sandbox", "production"]


class PartnerRequest(TypedDict, total=False):
    """A new tenant of the installation."""

    name: Required[str]
    contact_email: Required[str]
    plan_tier: PlanTier | None
    healthcare: bool | None
    notes: str | None
    settings: dict[str, Any] | None


class Partner(TypedDict):
    """A tenant. While `suspended_at` is set, its keys do not work."""

    id: str
    name: str
    contact_email: str
    plan_tier: PlanTier
    healthcare: bool
    suspended_at: str | None
    settings: dict[str, Any]
    notes: str | None
    created_at: str
    updated_at: str


class KeyRequest(TypedDict, total=False):
    """A new key for a partner."""

    partner_id: Required[str]
    environment: Required[Environment]
    scopes: list[str] | None
    name: str | None
    description: str | None


class KeyShownOnce(TypedDict):
    """A new key with its text, which is shown only once."""

    id: str
    key: str | None
    key_id: str
    key_prefix: str
    environment: Environment
    partner_id: str
    scopes: list[str]
    name: str | None
    description: str | None
    created_at: str
    warning: str


class UploadRequest(TypedDict, total=False):
    """A file to upload directly to the object store."""

    file_name: Required[str]
    content_type: Required[str]
    size_bytes: int | None


class UploadLink(TypedDict):
    """The URL to PUT the file to, and the file_key to submit afterwards."""

    upload_url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    file_key: str
    expires_at: str


class Health(TypedDict):
    """The state of the service."""

    status: str


class Key(TypedDict):
    """A key without its secret."""

    id: str
    key_id: str
    key_prefix: str
    environment: Literal["sandbox", "production", "admin"]
    partner_id: str | None
    scopes: list[str]
    name: str | None
    description: str | None
    created_at: str
    last_used_at: str | None
    revoked_at: str | None


class Queue(TypedDict):
    """One queue of the service."""

    name: str
    waiting: int
    running: int
    oldest_waiting_seconds: float | None


class QueueState(TypedDict):
    """Every queue that has work."""

    queues: list[Queue]


class Worker(TypedDict):
    """One worker process."""

    id: str
    seen_seconds_ago: float
    is_alive: bool


class WorkerList(TypedDict):
    """Workers that hold a lease."""

    workers: list[Worker]
