"""Rows as repositories return them: frozen dataclasses without types of the database library.

A new column of a session, an analysis or a segment is declared three times: in its table, in a migration and here, in
the record and, when code changes it, in the changes. A test compares all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import itemgetter
from typing import Any, TypedDict, TypeVar, cast, get_type_hints

import sqlalchemy as sa
from sqlalchemy import CursorResult

from dayline.domain.json_types import JsonObject
from dayline.domain.status import AnalysisStatus, ChunkStatus, SegmentStatus, SessionKind, SessionStatus
from dayline.domain.stored_json import (
    AnalysisOptions,
    ChunkNotes,
    FileFacts,
    RecordedAtSource,
    Rollup,
    SegmentKind,
    SessionOptions,
    SessionUsage,
    StoredError,
    StoredInterval,
    StoredReason,
    StoredSegment,
)

R = TypeVar("R")


def as_dict(row: Any) -> JsonObject:
    """Return a row's columns by name."""
    return dict(row._mapping)


def to_record(kind: type[R], row: Any) -> R:
    """Build a record from a row that holds at least its fields; statuses become their enums."""
    mapping = row._mapping
    return _built(kind, [mapping[name] for name in _names(kind)])


def _built(kind: type[R], values: list[Any]) -> R:
    for place, members in _enums_of(kind):
        values[place] = members[values[place]]
    return kind(*values)


@cache
def _enums_of(kind: type[Any]) -> tuple[tuple[int, dict[str, StrEnum]], ...]:
    """Return the places of a record's statuses, each with its enum's members by value."""
    hints = get_type_hints(kind)
    places = ((place, hints[name]) for place, name in enumerate(_names(kind)))
    return tuple(
        (place, {member.value: member for member in hint})
        for place, hint in places
        if isinstance(hint, type) and issubclass(hint, StrEnum)
    )


def to_records(kind: type[R], rows: Iterable[sa.Row[*tuple[Any, ...]]]) -> list[R]:
    """Build records from the rows of one statement."""
    if not isinstance(rows, CursorResult):
        return [to_record(kind, row) for row in rows]
    cursor = cast("CursorResult[*tuple[Any, ...]]", rows)
    keys = list(cursor.keys())
    values_of = itemgetter(*(keys.index(name) for name in _names(kind)))
    return [_built(kind, list(values_of(row))) for row in cursor.all()]


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of a record's fields, in the order of its constructor."""
    return tuple(field.name for field in fields(kind))


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One all-day session."""

    id: str
    partner_id: str
    environment: str
    org_id: str
    rep_id: str
    recording_url: str | None
    file_key: str | None
    options: SessionOptions
    metadata: JsonObject
    status: SessionStatus
    stage: str
    percent: float
    run: int
    revision: int
    is_ingested: bool
    duration_seconds: float | None
    speech_seconds: float | None
    transcribed_seconds: float
    usage: SessionUsage
    rollup: Rollup | None
    error: StoredError | None
    cancel_requested_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime
    recorded_at: datetime | None = None
    recorded_at_source: RecordedAtSource | None = None
    audio: FileFacts | None = None
    speaker_names: dict[str, str] | None = None
    attempts: int = 0
    kind: SessionKind = SessionKind.DAY


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk of the day's speech."""

    session_id: str
    number: int
    start_seconds: float
    end_seconds: float
    speech_seconds: float
    status: ChunkStatus
    attempts: int
    notes: ChunkNotes | None
    error: str | None


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """One customer conversation of a session."""

    id: str
    session_id: str
    number: int
    start_seconds: float
    end_seconds: float
    confidence: float | None
    title: str | None
    kind: SegmentKind
    status: SegmentStatus
    analysis_id: str | None
    reasons: list[StoredReason]
    revision: int


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """One kept state of a session's segments and timeline; `segments` as the API shows them."""

    number: int
    author: str
    changes: list[JsonObject]
    segments: list[StoredSegment]
    timeline: list[StoredInterval]
    created_at: datetime


class RevisionChanges(TypedDict, total=False):
    """Parts of a kept state that code changes."""

    segments: list[StoredSegment]
    timeline: list[StoredInterval]


@dataclass(frozen=True, slots=True)
class AnalysisRecord:
    """One analysis, without its two large parts."""

    id: str
    partner_id: str
    environment: str
    parent_session_id: str | None
    segment_id: str | None
    org_id: str
    rep_id: str
    status: AnalysisStatus
    is_current: bool
    recording_url: str | None
    file_key: str | None
    transcript_url: str | None
    callback_url: str | None
    options: AnalysisOptions
    metadata: JsonObject
    start_seconds: float | None
    end_seconds: float | None
    duration_seconds: float | None
    playbook_id: str | None
    playbook_version: int | None
    overall_score: int | None
    error: StoredError | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    attempts: int = 0
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event. `number` orders all events; `body` is what webhooks send."""

    number: int
    id: str
    partner_id: str
    environment: str
    session_id: str | None
    analysis_id: str | None
    type: str
    body: JsonObject
    callback_url: str | None
    created_at: datetime


class SessionChanges(TypedDict, total=False):
    """Columns of a session that code changes."""

    recording_url: str | None
    options: SessionOptions
    metadata: JsonObject
    status: SessionStatus
    stage: str
    percent: float
    run: int
    revision: int
    is_ingested: bool
    duration_seconds: float | None
    speech_seconds: float | None
    transcribed_seconds: float
    usage: SessionUsage
    rollup: Rollup | None
    error: StoredError | None
    cancel_requested_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    attempts: int
    audio: FileFacts | None
    speaker_names: dict[str, str] | None
    recorded_at: datetime | None
    recorded_at_source: RecordedAtSource | None


class AnalysisChanges(TypedDict, total=False):
    """Columns of an analysis that code changes."""

    recording_url: str | None
    options: AnalysisOptions
    playbook_id: str | None
    playbook_version: int | None
    status: AnalysisStatus
    is_current: bool
    duration_seconds: float | None
    transcript: JsonObject | None
    result: JsonObject | None
    overall_score: int | None
    error: StoredError | None
    started_at: datetime | None
    completed_at: datetime | None
    archived_at: datetime | None
    attempts: int


class SegmentChanges(TypedDict, total=False):
    """Columns of a segment that code changes."""

    start_seconds: float
    end_seconds: float
    confidence: float
    title: str | None
    kind: SegmentKind
    status: SegmentStatus
    analysis_id: str | None
    reasons: list[StoredReason]
    revision: int
