"""All-day sessions: what is submitted, shown and corrected. Times and offsets are seconds of the recording."""

from __future__ import annotations

from typing import Any, Literal, Required, TypedDict

SessionStatus = Literal["queued", "transcribing", "detecting", "analyzing", "completed", "failed"]
SegmentStatus = Literal["detected", "below_threshold", "analyzing", "analyzed", "failed"]
JobStatus = Literal["queued", "processing", "completed", "failed"]
Kind = Literal["customer", "internal", "personal", "broadcast", "unknown"]
Label = Literal["customer", "internal", "personal", "broadcast", "other_speech", "silence"]


class PromptOverride(TypedDict):
    """A prompt for the conversations of one job."""

    title: str
    content: str


class Appointment(TypedDict, total=False):
    """Time of an appointment: in seconds of the recording, or as timestamps."""

    start_seconds: float | None
    end_seconds: float | None
    starts_at: str | None
    ends_at: str | None
    label: str | None


class SessionOptions(TypedDict, total=False):
    """Processing options of a day."""

    auto_analyze: bool | None
    min_confidence: float | None
    callback_url: str | None
    language: str | None
    skip_diarization: bool | None
    playbook_id: str | None
    appointments: list[Appointment] | None
    prompt_overrides: list[PromptOverride] | None


class SessionRequest(TypedDict, total=False):
    """A day to submit. Exactly one of recording_url and file_key."""

    org_id: Required[str]
    rep_id: Required[str]
    recording_url: str | None
    file_key: str | None
    recorded_at: str | None
    options: SessionOptions | None
    metadata: dict[str, Any] | None


class SessionAccepted(TypedDict):
    """An accepted session."""

    id: str
    status: SessionStatus
    created_at: str


class Problem(TypedDict):
    """Cause of a failure; `code` is stable."""

    code: str
    message: str
    details: dict[str, Any]


class Progress(TypedDict):
    """Progress of a session."""

    stage: str
    percent: float
    transcribed_seconds: float
    spans_done: int
    spans_total: int | None
    eta_seconds: float | None


class Audio(TypedDict):
    """Whether and how the recording can be played."""

    playable: bool
    source: Literal["upload", "url", "none"]
    reason: str | None
    container: str | None
    seek: Literal["exact", "approximate"]
    has_seek_table: bool
    browser: Literal["native", "clip_only"]
    checked_at: str | None


class Reason(TypedDict):
    """One reason for a decision, with the time in seconds to jump to."""

    about: str
    text: str
    at_seconds: float
    weight: float


class Segment(TypedDict):
    """One customer conversation of a day."""

    id: str
    index: int
    start_seconds: float
    end_seconds: float
    confidence: float | None
    title: str | None
    kind: Kind
    status: SegmentStatus
    analysis_id: str | None
    reasons: list[Reason]
    revision: int


class Session(TypedDict):
    """A session and its segments."""

    id: str
    status: SessionStatus
    created_at: str
    recorded_at: str | None
    recorded_at_source: Literal["request", "container"] | None
    org_id: str
    rep_id: str
    recording_url: str | None
    file_key: str | None
    options: SessionOptions
    metadata: dict[str, Any]
    started_at: str | None
    completed_at: str | None
    duration_seconds: float | None
    progress: Progress
    revision: int
    segments_detected: int
    segments_analyzed: int
    segments_failed: int
    segments_below_threshold: int
    segments: list[Segment]
    audio: Audio
    speaker_names: dict[str, str]
    rollup: dict[str, Any] | None
    usage: dict[str, Any]
    error: Problem | None


class SessionSummary(TypedDict):
    """One row of a list of days. `strip`: [label, seconds] pairs from 0 to the end."""

    id: str
    status: SessionStatus
    created_at: str
    recorded_at: str | None
    recorded_at_source: Literal["request", "container"] | None
    completed_at: str | None
    org_id: str
    rep_id: str
    duration_seconds: float | None
    revision: int
    segments_detected: int
    segments_analyzed: int
    segments_failed: int
    segments_below_threshold: int
    customer_seconds: float
    overall_score: float | None
    is_demo_quality: bool
    audio: Audio
    progress: Progress
    error: Problem | None
    strip: list[list[str | float]] | None


class Segments(TypedDict):
    """The segments of a day in order of time; always one page."""

    revision: int
    data: list[Segment]
    next_cursor: None


class Stretch(TypedDict):
    """An interval of the day with one label."""

    start_seconds: float
    end_seconds: float
    label: Label
    reasons: list[Reason]


class Timeline(TypedDict):
    """Timeline of the day: every second has exactly one label."""

    session_id: str
    revision: int
    duration_seconds: float
    stretches: list[Stretch]


class Utterance(TypedDict):
    """Continuous speech of one voice."""

    start: float
    end: float
    speaker: str | None
    transcript: str
    text: str


class Word(TypedDict):
    """One word."""

    word: str
    start: float
    end: float
    confidence: float | None
    speaker: str | None


class Transcript(TypedDict):
    """A transcript."""

    text: str
    utterances: list[Utterance]
    words: list[Word]
    word_count: int
    duration_seconds: float


class DayTranscript(Transcript):
    """Transcript of a day. During processing, `covered` lists the [start, end] of the transcribed parts."""

    is_partial: bool
    covered: list[list[float]]


class Waveform(TypedDict):
    """The largest magnitude per point, 0 to 1."""

    session_id: str
    duration_seconds: float | None
    start_seconds: float
    end_seconds: float
    point_seconds: float
    peaks: list[float]


class AnalysisHandle(TypedDict):
    """An analysis that has been queued."""

    id: str
    status: JobStatus
    created_at: str


class AnalyzeSegment(TypedDict, total=False):
    """Options of one analysis of a segment that replace those of the session."""

    playbook_id: str | None
    prompt_overrides: list[PromptOverride] | None


class Receipt(TypedDict):
    """Receipt of a deletion: everything that was removed."""

    id: str
    deleted_at: str
    rows: dict[str, int]
    objects: list[str]
    engine_records: int


class SeekPoint(TypedDict):
    """A frame of the recording at which playback can start."""

    seconds: float
    byte: int


class SeekTable(TypedDict):
    """Byte offsets of seconds in the recording; empty for files that players can seek in without it."""

    session_id: str
    points: list[SeekPoint]


class LiveEvent(TypedDict):
    """One message of an event stream: `event` is an event type, `progress` or `end`; `id` can be used to resume."""

    event: str
    id: str | None
    data: dict[str, Any]
