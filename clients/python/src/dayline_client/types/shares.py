"""Share links, and the conversation that a link shows."""

from __future__ import annotations

from typing import TypedDict


class ShareRequest(TypedDict, total=False):
    """Content and lifetime of a share link."""

    expires_in_hours: int | None
    audio: bool | None
    name: str | None


class Share(TypedDict):
    """A share link, without its address."""

    id: str
    session_id: str
    segment_id: str
    audio: bool
    name: str | None
    author: str
    is_open: bool
    opened_count: int
    last_opened_at: str | None
    expires_at: str
    revoked_at: str | None
    created_at: str


class ShareShownOnce(Share):
    """A new share link; `url` is shown only once."""

    url: str | None


class Shares(TypedDict):
    """The share links of a session, newest first."""

    data: list[Share]
    next_cursor: None


class SharedLine(TypedDict):
    """One utterance, in seconds from the beginning of the conversation."""

    start_seconds: float
    end_seconds: float
    speaker: str | None
    text: str


class SharedConversation(TypedDict):
    """One conversation, as a share link shows it."""

    title: str | None
    recorded_at: str | None
    duration_seconds: float
    has_transcript: bool
    lines: list[SharedLine]
    audio: bool
    is_demo_quality: bool
    expires_at: str
