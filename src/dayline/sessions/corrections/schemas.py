"""Corrections as they are sent, and revisions as they are shown."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from dayline.domain.json_types import JsonObject
from dayline.domain.stored_json import StoredInterval
from dayline.http.schemas import WHOLE, RequestModel, Timestamp, Uuid
from dayline.sessions.corrections import model as corrections
from dayline.sessions.schemas import SegmentShown

_Seconds = Annotated[float, Field(ge=0, le=7 * 86400, allow_inf_nan=False)]
_Title = Annotated[str, Field(min_length=1, max_length=200)]


class AdjustChange(RequestModel):
    """Move the boundaries of a segment, or give it another title."""

    op: Literal["adjust"]
    segment_id: Uuid
    start_seconds: _Seconds | None = None
    end_seconds: _Seconds | None = None
    title: _Title | None = None

    def change(self) -> corrections.Change:
        """Return the change."""
        return corrections.Adjust(self.segment_id, self.start_seconds, self.end_seconds, self.title)


class SplitChange(RequestModel):
    """Cut a segment in two; the first part keeps the id."""

    op: Literal["split"]
    segment_id: Uuid
    at_seconds: _Seconds

    def change(self) -> corrections.Change:
        """Return the change."""
        return corrections.Split(self.segment_id, self.at_seconds)


class MergeChange(RequestModel):
    """Join neighbouring segments and what lies between them; the first keeps its id."""

    op: Literal["merge"]
    segment_ids: Annotated[list[Uuid], Field(min_length=2, max_length=100)]

    def change(self) -> corrections.Change:
        """Return the change."""
        return corrections.Merge(tuple(self.segment_ids))


class RelabelChange(RequestModel):
    """Give a segment that is no customer conversation another label."""

    op: Literal["relabel"]
    segment_id: Uuid
    kind: Literal["internal", "personal", "broadcast", "unknown"]

    def change(self) -> corrections.Change:
        """Return the change."""
        return corrections.Relabel(self.segment_id, self.kind)


class AddChange(RequestModel):
    """Add a customer conversation."""

    op: Literal["add"]
    start_seconds: _Seconds
    end_seconds: _Seconds
    title: _Title | None = None

    def change(self) -> corrections.Change:
        """Return the change."""
        return corrections.Add(self.start_seconds, self.end_seconds, self.title)


class RemoveChange(RequestModel):
    """Remove a segment that is no conversation."""

    op: Literal["remove"]
    segment_id: Uuid

    def change(self) -> corrections.Change:
        """Return the change."""
        return corrections.Remove(self.segment_id)


class LabelChange(RequestModel):
    """Label a part of the day that is no customer conversation."""

    op: Literal["label"]
    start_seconds: _Seconds
    end_seconds: _Seconds
    label: Literal["internal", "personal", "broadcast", "other_speech", "silence"]

    def change(self) -> corrections.Change:
        """Return the change."""
        return corrections.Label(self.start_seconds, self.end_seconds, self.label)


AnyChange = Annotated[
    AdjustChange | SplitChange | MergeChange | RelabelChange | AddChange | RemoveChange | LabelChange,
    Field(discriminator="op"),
]


class Corrections(RequestModel):
    """Changes that are made together or not at all. `revision` is the one that they start from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "revision": 0,
                    "changes": [
                        {
                            "op": "adjust",
                            "segment_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
                            "end_seconds": 1834.5,
                        },
                        {"op": "add", "start_seconds": 4000.0, "end_seconds": 4321.0, "title": "Second visit"},
                    ],
                }
            ]
        }
    )

    revision: Annotated[int, Field(ge=0), WHOLE]
    changes: Annotated[list[AnyChange], Field(min_length=1, max_length=100)]


class CorrectionPreview(TypedDict):
    """Effect of a correction."""

    reanalyze: Annotated[
        list[Uuid], Field(description="Segments that would be analysed again; new ones under their future id.")
    ]
    retire: Annotated[list[Uuid], Field(description="Segments that would be removed.")]


class RestoreRequest(RequestModel):
    """`revision` is the one that is to be replaced, as it was read; left out: whichever is present."""

    revision: Annotated[int, Field(ge=0), WHOLE] | None = None


class RevisionShown(TypedDict):
    """One state of a day's segments, and the changes that led to it."""

    number: int
    author: str
    created_at: Timestamp
    changes: list[JsonObject]
    segments: list[SegmentShown]


class RevisionWithTimeline(RevisionShown):
    """One state of a day's segments and of its timeline."""

    timeline: list[StoredInterval]


class RevisionPage(TypedDict):
    """Revisions, newest first."""

    data: list[RevisionShown]
    next_cursor: None
