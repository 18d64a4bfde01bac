"""Shapes of the JSON that rows carry: options, usage, failures, reasons, facts about the recording."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from typing_extensions import TypedDict

from dayline.domain.json_types import JsonObject
from dayline.domain.status import SegmentStatus

Environment: TypeAlias = Literal["sandbox", "production"]
KeyEnvironment: TypeAlias = Literal["sandbox", "production", "admin"]
PlanTier: TypeAlias = Literal["starter", "growth", "scale", "premier", "internal"]
PromptType: TypeAlias = Literal["scoring_criterion", "evaluation_focus", "disqualifier", "other"]
NoteVisibility: TypeAlias = Literal["rep", "coaches", "org"]
IntervalLabel: TypeAlias = Literal["customer", "internal", "personal", "broadcast", "other_speech", "silence"]
SegmentKind: TypeAlias = Literal["customer", "internal", "personal", "broadcast", "unknown"]
RecordedAtSource: TypeAlias = Literal["request", "container"]
DeliveryState: TypeAlias = Literal["pending", "succeeded", "failed", "cancelled"]
EventName: TypeAlias = Literal[
    "all_day_session.processing_started",
    "all_day_session.detected",
    "all_day_session.completed",
    "all_day_session.failed",
    "all_day_session.corrected",
    "analysis.completed",
    "analysis.failed",
    "webhook.test",
]
EnabledEvent: TypeAlias = Literal[
    "*",
    "all_day_session.processing_started",
    "all_day_session.detected",
    "all_day_session.completed",
    "all_day_session.failed",
    "all_day_session.corrected",
    "analysis.completed",
    "analysis.failed",
    "webhook.test",
    "persona.assigned",
    "methodology.assigned",
    "profile.synthesized",
    "playbook.draft.completed",
    "playbook.published",
    "insights.generated",
]
"""Names that an endpoint may enable: ours, `*` for all of them, and those of the Parlay API that are never sent."""


class PiiPolicy(TypedDict, total=False):
    """Retention of transcripts and results of an org, and what is redacted in transcripts."""

    retain_transcript_days: int | None
    retain_analysis_days: int | None
    redact_fields: list[str]


class OrgDetails(TypedDict, total=False):
    """Facts about an org that only the partner uses."""

    default_environment: str | None
    default_sales_motion: str | None
    default_recording_type: str | None


class Consent(TypedDict):
    """Consent to keep a voice: by whom, when, and its text."""

    given_by: str
    given_at: str
    text: str


class StoredError(TypedDict):
    """Failure of a job, with a code of the error catalogue."""

    code: str
    message: str
    details: JsonObject


class StoredReason(TypedDict):
    """One reason for a decision, with the second it refers to."""

    about: str
    text: str
    at_seconds: float
    weight: float


TITLE_BY_HAND = "title"
"""What a reason of a segment is about whose title a person gave. No analysis changes such a title."""


def is_titled_by_hand(reasons: list[StoredReason]) -> bool:
    """Return whether a person gave a segment its title."""
    return any(reason["about"] == TITLE_BY_HAND for reason in reasons)


_QUOTE = re.compile(r"(?::|, as in|, from)? “.*”(?: on)?", re.DOTALL)


def without_quotes(reasons: list[StoredReason]) -> list[StoredReason]:
    """Return reasons without the words of the recording that they quote: "a greeting follows", and its time."""
    return [{**reason, "text": _QUOTE.sub("", reason["text"])} for reason in reasons]


class StoredInterval(TypedDict):
    """A part of a day under one label."""

    start_seconds: float
    end_seconds: float
    label: IntervalLabel
    reasons: list[StoredReason]


class StoredSegment(TypedDict):
    """One customer conversation of a day, as the API shows it and as revisions keep it."""

    id: str
    index: int
    start_seconds: float
    end_seconds: float
    confidence: float | None
    title: str | None
    kind: SegmentKind
    status: SegmentStatus
    analysis_id: str | None
    reasons: list[StoredReason]
    revision: int


class MemoryCounts(TypedDict):
    """Counts of one session for the detector's memory, by hashed stem.

    visits, other: lines with the stem in customer conversations and in other talk.
    people: different speakers who said it.
    """

    visits: dict[str, int]
    other: dict[str, int]
    people: dict[str, int]


class StoredPrompt(TypedDict):
    """A prompt of one job."""

    title: str
    content: str


class StoredAppointment(TypedDict, total=False):
    """When a customer was expected, in seconds of the recording or as moments."""

    start_seconds: float | None
    end_seconds: float | None
    starts_at: str | None
    ends_at: str | None
    label: str | None


class SessionOptions(TypedDict, total=False):
    """Options of a session. The session of a single call carries options of its analysis."""

    auto_analyze: bool
    min_confidence: float
    callback_url: str | None
    language: str | None
    skip_diarization: bool
    playbook_id: str | None
    appointments: list[StoredAppointment]
    prompt_overrides: list[StoredPrompt]
    transcript_url: str | None


class AnalysisOptions(TypedDict, total=False):
    """Options of an analysis."""

    playbook_content: str | None
    playbook_id: str | None
    language: str | None
    skip_diarization: bool
    prompt_overrides: list[StoredPrompt]


class RecordingFacts(TypedDict, total=False):
    """Facts about a recording from the decoder."""

    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    bad_packets: int
    gaps_seconds: float
    warnings: list[str]


class NamedVoice(TypedDict):
    """A voice of a day under its label."""

    label: str
    first_seconds: float
    speech_seconds: float


class SpeakerUsage(TypedDict):
    """Result of naming the speakers, with warnings."""

    voices: int
    rep_confidence: float | None
    warnings: list[str]


class SessionUsage(TypedDict, total=False):
    """Resources that a session used, and its engines."""

    recording: RecordingFacts
    wall_seconds: dict[str, float]
    transcriber: str | None
    is_demo_quality: bool
    retried_clips: int
    dropped_lines: int
    words: int
    speakers: SpeakerUsage
    detector: JsonObject
    analyst: str | None
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    audio_seconds: float | None
    speech_seconds: float | None


class FileFacts(TypedDict, total=False):
    """Facts about a recording's file, for playback.

    sampled_hash: hash of its beginning, middle and end. has_seek_table: whether places of its seconds are kept.
    problem: why it cannot be played; None or absent when it can.
    """

    size_bytes: int | None
    etag: str | None
    sampled_hash: str
    has_seek_table: bool
    is_constant_rate: bool | None
    problem: str | None
    checked_at: str | None


class ChunkNotes(TypedDict, total=False):
    """How a chunk was transcribed, or the code of the failure that it ended with."""

    engine: str | None
    language: str | None
    language_seconds: dict[str, float]
    is_demo_quality: bool
    retried_clips: int
    dropped_lines: int
    wall_seconds: float
    finished_at_seconds: float
    code: str


class RollupSegment(TypedDict):
    """The best or the weakest conversation of a day."""

    id: str
    index: int
    title: str
    overall_score: int


class Rollup(TypedDict):
    """A day in one object: counts, mean scores, talk metrics, outcomes and a summary in sentences."""

    conversations: int
    analyzed: int
    customer_talk_seconds: float
    average_scores: dict[str, int | None]
    best_segment: RollupSegment | None
    worst_segment: RollupSegment | None
    talk_metrics: dict[str, float | None]
    outcomes: dict[str, int]
    summary: str
