"""Search results."""

from __future__ import annotations

from typing import Literal, TypedDict


class TextPart(TypedDict):
    """A part of a text; all parts in order make up the text."""

    text: str
    is_match: bool


class Place(TypedDict):
    """Position of words of the query."""

    where: Literal["title", "person", "words"]
    at_seconds: float | None
    line_start_seconds: float | None
    speaker: str | None
    parts: list[TextPart]


class ConversationFound(TypedDict):
    """A conversation that contains every word of the query."""

    session_id: str
    segment_id: str
    analysis_id: str | None
    org_id: str
    rep_id: str
    recorded_at: str
    title: str | None
    people: list[str]
    start_seconds: float
    end_seconds: float
    overall_score: int | None
    places: list[Place]
    place_count: int
