"""Orgs, reps, voices, playbooks and prompts."""

from __future__ import annotations

from typing import Any, Literal, Required, TypedDict

PromptType = Literal["scoring_criterion", "evaluation_focus", "disqualifier", "other"]


class PiiPolicy(TypedDict, total=False):
    """Policy of an org for personal data."""

    retain_transcript_days: int | None
    retain_analysis_days: int | None
    redact_fields: list[Literal["email", "phone", "card", "iban", "ssn"]] | None


class OrgRequest(TypedDict, total=False):
    """An org to create or change; fields that are not sent stay unchanged."""

    org_id: Required[str]
    name: str | None
    timezone: str | None
    industry: str | None
    default_environment: str | None
    default_sales_motion: str | None
    default_recording_type: str | None
    pii_policy: PiiPolicy | None
    settings: dict[str, Any] | None


class Org(TypedDict):
    """An org."""

    org_id: str
    name: str | None
    timezone: str | None
    industry: str | None
    default_environment: str | None
    default_sales_motion: str | None
    default_recording_type: str | None
    pii_policy: PiiPolicy | None
    settings: dict[str, Any]
    archived_at: str | None
    created_at: str
    updated_at: str


class RepRequest(TypedDict, total=False):
    """A rep to create or change; fields that are not sent stay unchanged."""

    rep_id: Required[str]
    name: str | None
    email: str | None
    metadata: dict[str, Any] | None


class Rep(TypedDict):
    """A rep."""

    org_id: str
    rep_id: str
    name: str | None
    email: str | None
    metadata: dict[str, Any]
    archived_at: str | None
    has_voice: bool
    created_at: str
    updated_at: str


class Consent(TypedDict):
    """Consent to keeping the voice: by whom, when, and to which wording."""

    given_by: str
    given_at: str
    text: str


class VoiceRequest(TypedDict):
    """A recording of the rep alone, and the rep's consent."""

    file_key: str
    consent: Consent


class Voice(TypedDict):
    """An enrolled voice, without the voice print."""

    org_id: str
    rep_id: str
    embedder: str
    speech_seconds: float
    consent: Consent
    created_at: str


class DetectorMemory(TypedDict):
    """The detector's memory of an org."""

    days: int
    stems: int
    updated_at: str | None


class DetectorMemoryReceipt(TypedDict):
    """Receipt of the deletion of the detector's memory."""

    org_id: str
    deleted_at: str
    days: int
    session_ids: list[str]


class PlaybookRequest(TypedDict, total=False):
    """A playbook to create: how a team sells, in its own words."""

    content: Required[str]
    rep_id: str | None
    name: str | None
    is_active: bool | None
    file_name: str | None
    metadata: dict[str, Any] | None


class PlaybookChange(TypedDict, total=False):
    """Changes of a playbook; fields that are not sent stay unchanged."""

    content: str | None
    rep_id: str | None
    name: str | None
    is_active: bool | None
    file_name: str | None
    metadata: dict[str, Any] | None


class PlaybookListed(TypedDict):
    """A playbook without its text."""

    id: str
    org_id: str
    rep_id: str | None
    name: str | None
    is_active: bool
    file_name: str | None
    metadata: dict[str, Any]
    version: int
    content_length: int
    created_at: str
    updated_at: str


class Playbook(PlaybookListed):
    """A playbook at its newest version."""

    content: str


class VersionListed(TypedDict):
    """One version of a playbook, without its text."""

    playbook_id: str
    version: int
    name: str | None
    file_name: str | None
    metadata: dict[str, Any]
    content_length: int
    created_at: str


class PlaybookVersion(VersionListed):
    """One version of a playbook."""

    content: str


class PromptRequest(TypedDict, total=False):
    """A question of an org for every analysis, beyond the six pillars."""

    title: Required[str]
    prompt_content: Required[str]
    description: str | None
    prompt_type: PromptType | None
    order_index: int | None
    is_active: bool | None


class PromptChange(TypedDict, total=False):
    """Changes of a prompt; fields that are not sent stay unchanged."""

    title: str | None
    prompt_content: str | None
    description: str | None
    prompt_type: PromptType | None
    order_index: int | None
    is_active: bool | None


class Prompt(TypedDict):
    """A prompt."""

    id: str
    org_id: str
    title: str
    prompt_content: str
    description: str | None
    prompt_type: PromptType
    order_index: int
    is_active: bool
    created_at: str
    updated_at: str


class OrgReceipt(TypedDict):
    """Receipt of the deletion of an org or a rep."""

    org_id: str
    rep_id: str | None
    deleted_at: str
    sessions: int
    analyses: int
    rows: dict[str, int]
    objects: list[str]
    engine_records: int
