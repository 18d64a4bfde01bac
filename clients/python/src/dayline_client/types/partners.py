"""Partners, keys, uploads, and the state of the service."""

from __future__ import annotations

from typing import Any, Literal, Required, TypedDict

PlanTier = Literal["starter", "growth", "scale", "premier", "internal"]
Environment = Literal["sandbox", "production"]


class PartnerRequest(TypedDict, total=False):
    """A new tenant of the installation."""

    name: Required[str]
    contact_email: Required[str]
    plan_tier: PlanTier
    healthcare: bool
    notes: str | None
    settings: dict[str, Any]


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
    """A key at the one moment in which its text is shown."""

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
    """A file that is to be uploaded straight to the object store."""

    file_name: Required[str]
    content_type: Required[str]
    size_bytes: int | None


class UploadLink(TypedDict):
    """Where to PUT the file, and the key to submit afterwards."""

    upload_url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    file_key: str
    expires_at: str


class Health(TypedDict):
    """The state of the service."""

    status: str
