"""Corrections of a day's segments, and the resulting revisions."""

from __future__ import annotations

from typing import Any, Literal, Required, TypedDict

from dayline_client.types.sessions import Segment, Stretch


class Adjust(TypedDict, total=False):
    """Move the boundaries of a segment, or change its title."""

    op: Required[Literal["adjust"]]
    segment_id: Required[str]
    start_seconds: float | None
    end_seconds: float | None
    title: str | None


class Split(TypedDict):
    """Cut a segment in two."""

    op: Literal["split"]
    segment_id: str
    at_seconds: float


class Merge(TypedDict):
    """Join neighbouring segments."""

    op: Literal["merge"]
    segment_ids: list[str]


class Relabel(TypedDict):
    """Change a segment to another label than customer conversation."""

    op: Literal["relabel"]
    segment_id: str
    kind: Literal["internal", "personal", "broadcast", "unknown"]


class Add(TypedDict, total=False):
    """Mark an interval of the day as a customer conversation."""

    op: Required[Literal["add"]]
    start_seconds: Required[float]
    end_seconds: Required[float]
    title: str | None


class Remove(TypedDict):
    """Remove a segment that is not a conversation."""

    op: Literal["remove"]
    segment_id: str


class Label(TypedDict):
    """Label an interval of the day that is not a customer conversation."""

    op: Literal["label"]
    start_seconds: float
    end_seconds: float
    label: Literal["internal", "personal", "broadcast", "other_speech", "silence"]


Change = Adjust | Split | Merge | Relabel | Add | Remove | Label


class CorrectionPreview(TypedDict):
    """Ids of segments that would be analysed again, and of those that would be removed."""

    reanalyze: list[str]
    retire: list[str]


class Corrections(TypedDict):
    """Changes that are applied together or not at all."""

    revision: int
    changes: list[Change]


class Revision(TypedDict):
    """One revision of a day's segments, and the changes that led to it."""

    number: int
    author: str
    created_at: str
    changes: list[dict[str, Any]]
    segments: list[Segment]


class RevisionWithTimeline(Revision):
    """One revision of a day's segments and timeline."""

    timeline: list[Stretch]


class Revisions(TypedDict):
    """Every revision, newest first; always one page."""

    data: list[Revision]
    next_cursor: None
