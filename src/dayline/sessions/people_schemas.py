"""Schemas of what people add to a day: notes, names of voices, a new address, hits of a search."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from dayline.domain.stored_json import NoteVisibility
from dayline.http.schemas import Address, RequestModel, Timestamp, Uuid

SpeakerNames = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=64)], Annotated[str, Field(min_length=1, max_length=120)] | None
    ],
    Field(min_length=1, max_length=100, description="Names by label of the transcript; null takes a name away."),
]


class NoteRequest(RequestModel):
    """A note at a second of the day."""

    at_seconds: Annotated[float, Field(ge=0, le=7 * 86400, allow_inf_nan=False)]
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    segment_id: Uuid | None = Field(default=None, description="The conversation that it is about.")
    visibility: NoteVisibility = Field(
        default="org", description="org: all who may see the day; rep: its rep and coaches; coaches: coaches only."
    )


class NoteShown(TypedDict):
    """A note at a second of the day."""

    id: Uuid
    at_seconds: float
    segment_id: Uuid | None
    text: str
    visibility: NoteVisibility
    author: str
    author_role: str
    created_at: Timestamp


class NotePage(TypedDict):
    """The notes of a day in its order. There is always one page."""

    data: list[NoteShown]
    next_cursor: None


class SpeakersShown(TypedDict):
    """The names that people gave to the voices of a day."""

    speaker_names: dict[str, str]


class RecordingAddress(RequestModel):
    """A new address of the same recording."""

    recording_url: Address = Field(description="HTTPS URL of the file that was processed.")


class SearchHit(TypedDict):
    """An utterance that holds every word of the query."""

    session_id: Uuid
    segment_id: Annotated[Uuid | None, Field(description="The conversation that it was said in, if it was in one.")]
    org_id: str
    rep_id: str
    start_seconds: float
    end_seconds: float
    speaker: str | None
    text: str
    recorded_at: Timestamp | None
    created_at: Timestamp


class SearchPage(TypedDict):
    """Hits, those of the newest days first."""

    data: list[SearchHit]
    next_cursor: str | None
