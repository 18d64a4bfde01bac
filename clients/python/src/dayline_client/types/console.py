"""The caller, people in the web console, and the access log."""

from __future__ import annotations

from typing import Literal, Required, TypedDict

Role = Literal["operator", "coach", "rep", "viewer"]


class LinkRequest(TypedDict, total=False):
    """An invitation: a sign-in link for one person."""

    role: Required[Role]
    partner_id: str | None
    org_ids: list[str] | None
    rep_id: str | None
    name: str | None


class LinkShownOnce(TypedDict):
    """A sign-in link. It is shown only once and works once."""

    id: str
    url: str | None
    role: Role
    expires_at: str


class ConsoleSession(TypedDict):
    """One signed-in person."""

    id: str
    name: str | None
    role: Role
    partner_id: str | None
    org_ids: list[str]
    rep_id: str | None
    key_id: str | None
    is_current: bool
    seen_at: str
    expires_at: str
    created_at: str


class ConsoleSessions(TypedDict):
    """Open sessions, newest first."""

    data: list[ConsoleSession]
    next_cursor: None


class AccessLine(TypedDict):
    """One view, play or change by a person in the console."""

    name: str | None
    role: str | None
    action: str
    subject_id: str | None
    created_at: str


class NoteRequest(TypedDict, total=False):
    """A note at a second of the day."""

    at_seconds: Required[float]
    text: Required[str]
    segment_id: str | None
    visibility: Literal["rep", "coaches", "org"] | None


class Note(TypedDict):
    """A note at a second of the day."""

    id: str
    at_seconds: float
    segment_id: str | None
    text: str
    visibility: Literal["rep", "coaches", "org"]
    author: str
    author_role: str
    created_at: str


class Notes(TypedDict):
    """The notes of a day in order of time."""

    data: list[Note]
    next_cursor: None


class Speakers(TypedDict):
    """The names assigned to the speakers of a day."""

    speaker_names: dict[str, str]


class MyPartner(TypedDict):
    """The tenant that the caller acts for."""

    id: str
    name: str
    plan_tier: str


class MyKey(TypedDict):
    """The key that is used."""

    id: str
    environment: str
    scopes: list[str]
    name: str | None


class MyLimits(TypedDict):
    """Limits of the caller."""

    requests_per_minute: float
    requests_burst: int
    max_body_bytes: int
    max_upload_bytes: int
    org_ids: list[str]
    rep_id: str | None


class MyServer(TypedDict):
    """Version and engines of the server."""

    version: str
    transcriber: str | None
    analyst: str | None
    is_demo_quality: bool


class Me(TypedDict):
    """The caller and its permissions."""

    partner: MyPartner | None
    key: MyKey | None
    role: str
    name: str | None
    scopes: list[str]
    environment: str
    limits: MyLimits
    server: MyServer
