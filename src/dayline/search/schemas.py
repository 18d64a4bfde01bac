"""Conversations as a search shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from dayline.http.schemas import ResponseModel, Uuid


class TextPart(ResponseModel):
    """A piece of a text. All parts in order are the text."""

    text: str
    is_match: bool = Field(description="Whether the query found these words; highlight them.")


class PlaceShown(ResponseModel):
    """A place with words of the query."""

    where: Literal["title", "person", "words"] = Field(
        description="In the title, in a person's name, or in what was said."
    )
    at_seconds: float | None = Field(description="When the first of these words was said; null outside of `words`.")
    line_start_seconds: float | None = Field(
        description="When the line with them begins, as the transcript shows it; null outside of `words`."
    )
    speaker: str | None = Field(description="The label of the voice that said them.")
    parts: list[TextPart] = Field(description="The line with them; one over 600 characters is cut around them.")


class ConversationFound(ResponseModel):
    """A conversation that holds every word of the query."""

    session_id: Uuid
    segment_id: Uuid
    analysis_id: Uuid | None
    org_id: str
    rep_id: str
    recorded_at: datetime = Field(description="When its day was recorded; when unknown, its submission.")
    title: str | None
    people: list[str] = Field(description="The prospect's name, and the names that people gave to its voices.")
    start_seconds: Annotated[float, Field(ge=0)]
    end_seconds: Annotated[float, Field(ge=0)]
    overall_score: int | None
    places: list[PlaceShown] = Field(description="Up to 5, those with most of the words, in their order.")
    place_count: Annotated[int, Field(ge=0)] = Field(description="How many there are.")


class SearchPage(ResponseModel):
    """Conversations, newest first."""

    data: list[ConversationFound]
    next_cursor: str | None
    is_complete: bool = Field(description="False while days from before an upgrade are still being added to the index.")
