"""Share links as they are made, listed and opened."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from dayline.http.schemas import WHOLE, RequestModel, ResponseModel, Uuid

MAX_HOURS = 30 * 24


class ShareRequest(RequestModel):
    """What a link shows, and for how long."""

    expires_in_hours: Annotated[int, Field(ge=1, le=MAX_HOURS), WHOLE] = Field(
        default=7 * 24, description="How long the link works, 30 days at most."
    )
    audio: bool = Field(default=False, description="Whether the sound of the conversation can be played too.")
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = Field(
        default=None, description="Recipient. Appears in lists and in the access log; the link does not show it."
    )


class ShareShown(ResponseModel):
    """A share link, without its address."""

    id: Uuid
    session_id: Uuid
    segment_id: Uuid
    audio: bool
    name: str | None
    author: str = Field(description="Who made it: a person's name, or the key's id.")
    is_open: bool = Field(description="False once it has expired or was revoked.")
    opened_count: Annotated[int, Field(ge=0)]
    last_opened_at: datetime | None
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


class ShareShownOnce(ShareShown):
    """A new share link. Its address is shown this one time."""

    url: str | None = Field(
        description="The address. null when the same request is answered again for its Idempotency-Key."
    )


class SharePage(ResponseModel):
    """The share links of a session, newest first. There is always one page."""

    data: list[ShareShown]
    next_cursor: None


class SharedLine(ResponseModel):
    """One utterance, in seconds from the beginning of the conversation."""

    start_seconds: Annotated[float, Field(ge=0)]
    end_seconds: Annotated[float, Field(ge=0)]
    speaker: str | None
    text: str


class SharedConversation(ResponseModel):
    """One conversation, as a share link shows it: nothing of its rep, its day, its scores or anything else."""

    title: str | None
    recorded_at: datetime | None = Field(description="When the conversation began; null when unknown.")
    duration_seconds: Annotated[float, Field(ge=0)]
    has_transcript: bool = Field(description="False when the org keeps transcripts no longer than this.")
    lines: list[SharedLine]
    audio: bool = Field(description="Whether its sound may be heard, while the recording is available.")
    is_demo_quality: bool = Field(description="The words come from the fallback recogniser and are mostly wrong.")
    expires_at: datetime
