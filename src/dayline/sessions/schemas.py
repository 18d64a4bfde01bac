"""Sessions as they are submitted and shown. Field names are the public contract's."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from dayline.domain.json_types import JsonObject
from dayline.domain.status import AnalysisStatus, SegmentStatus, SessionStatus
from dayline.domain.stored_json import (
    RecordedAtSource,
    Rollup,
    SegmentKind,
    SessionOptions,
    SessionUsage,
    StoredError,
    StoredInterval,
    StoredReason,
)
from dayline.http.schemas import (
    Address,
    DocumentedAs,
    FreeObject,
    Id,
    Language,
    Moment,
    PromptOverrides,
    RequestModel,
    Timestamp,
    Uuid,
)

Status = Literal["queued", "transcribing", "detecting", "analyzing", "completed", "failed"]
Seconds = Annotated[float, Field(ge=0)]

FileKey = Annotated[str, Field(min_length=1, max_length=512)]


_SECONDS = ("start_seconds", "end_seconds")
_MOMENTS = ("starts_at", "ends_at")
_ONE_INTERVAL = [
    {
        "required": list(given),
        "properties": {
            **{name: {"type": kind} for name in given},
            **{name: {"type": "null"} for name in absent},
        },
    }
    for given, absent, kind in ((_SECONDS, _MOMENTS, "number"), (_MOMENTS, _SECONDS, "string"))
]


class Appointment(RequestModel):
    """A time at which a customer was expected, in seconds of the recording or as moments."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": _ONE_INTERVAL}  # pyright: ignore[reportArgumentType] - plain JSON
    )

    start_seconds: Seconds | None = None
    end_seconds: Seconds | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    label: Annotated[str, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_interval(self) -> Self:
        seconds = (self.start_seconds, self.end_seconds)
        moments = (self.starts_at, self.ends_at)
        if (None in seconds) == (None in moments) or seconds.count(None) == 1 or moments.count(None) == 1:
            raise PydanticCustomError(
                "appointment", "needs start_seconds and end_seconds, or starts_at and ends_at, and not both"
            )
        start, end = seconds if None not in seconds else moments
        if start >= end:  # pyright: ignore[reportOperatorIssue] - both of one kind, neither None
            raise PydanticCustomError("appointment", "must end after it starts")
        return self


class Options(RequestModel):
    """Options of a session."""

    auto_analyze: bool = Field(
        default=True, description="Analyse every conversation at or over `min_confidence`; false stops after detection."
    )
    min_confidence: float = Field(default=0.8, ge=0, le=1, description="Analyse from this confidence on.")
    callback_url: Address | None = Field(default=None, description="HTTPS URL that gets this session's events.")
    language: Language | None = Field(default=None, description="BCP 47 tag, a hint for the transcriber.")
    skip_diarization: bool = Field(
        default=False,
        description="No speaker labels. Voices are measured for finding conversations and deleted with that step, "
        "unless the org's setting `voice_features` is off; nothing about them is shown or kept.",
    )
    playbook_id: Uuid | None = Field(default=None, description="One of the org's playbooks.")
    appointments: Annotated[list[Appointment], Field(max_length=50)] = Field(
        default=[],
        description="When customers were expected: a hint for the detector. Moments count from `recorded_at`.",
    )
    prompt_overrides: PromptOverrides = Field(
        default=[], description="Prompts of this job: they replace stored ones of the same title and add the others."
    )


_EXACTLY_ONE = [
    {
        "required": ["recording_url"],
        "properties": {"recording_url": {"type": "string"}, "file_key": {"type": "null"}},
    },
    {
        "required": ["file_key"],
        "properties": {"file_key": {"type": "string"}, "recording_url": {"type": "null"}},
    },
]


class SessionRequest(RequestModel):
    """A long recording to be searched for conversations. Exactly one of recording_url and file_key."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": _EXACTLY_ONE,  # pyright: ignore[reportArgumentType] - plain JSON
            "examples": [
                {
                    "org_id": "acme-roofing",
                    "rep_id": "rep-17",
                    "recording_url": "https://recordings.example.com/2026-11-22/rep-17.m4a",
                    "options": {"min_confidence": 0.8, "callback_url": "https://app.example.com/hooks/dayline"},
                    "metadata": {"shift": "morning"},
                }
            ],
        }
    )

    org_id: Id = Field(description="Your id of the org. It is created when it does not exist.")
    rep_id: Id = Field(description="Your id of the rep; every segment's analysis belongs to this rep.")
    recording_url: Address | None = Field(
        default=None, description="Publicly reachable HTTPS URL of the audio. It is never re-hosted."
    )
    file_key: FileKey | None = Field(default=None, description="Key of an upload of yours.")
    recorded_at: Moment | None = Field(
        default=None, description="When the recording begins. Left out: the file's own time, where it has one."
    )
    options: Options = Field(default_factory=Options)
    metadata: FreeObject = Field(default={}, description="Anything of yours, up to 16 KiB; returned as given.")

    @model_validator(mode="after")
    def _exactly_one_source(self) -> SessionRequest:
        if (self.recording_url is None) == (self.file_key is None):
            raise PydanticCustomError("one_source", "give exactly one of recording_url and file_key")
        return self


@with_config(
    ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
                    "status": "queued",
                    "created_at": "2026-11-22T08:00:00.000000Z",
                }
            ]
        }
    )
)
class SessionAccepted(TypedDict):
    """A session that was accepted."""

    id: Uuid
    status: SessionStatus
    created_at: Timestamp


class Progress(TypedDict):
    """How far a session has come."""

    stage: str
    percent: Annotated[float, Field(ge=0, le=100)]
    transcribed_seconds: Seconds
    spans_done: Annotated[Annotated[int, Field(ge=0)], Field(description="Pieces of speech that are transcribed.")]
    spans_total: Annotated[
        int | None, Field(description="All pieces of speech; null until the recording has been read.")
    ]
    eta_seconds: Annotated[
        float | None,
        Field(description="How long transcription may still take at the pace so far; null where no pace is known yet."),
    ]


class AudioShown(TypedDict):
    """Whether and how the recording can be listened to."""

    playable: bool
    source: Literal["upload", "url", "none"]
    reason: Annotated[
        str | None,
        Field(description="Why it cannot be played: mock, not_read_yet, recording_gone, recording_changed, no_ranges."),
    ]
    container: str | None
    seek: Annotated[
        Literal["exact", "approximate"],
        Field(description="approximate: the file has no table of times, so players are seconds off. Ask for clips."),
    ]
    has_seek_table: Annotated[
        bool, Field(description="Whether `GET .../audio/seek-table` has places, for mp3 and bare AAC.")
    ]
    browser: Annotated[
        Literal["native", "clip_only"], Field(description="clip_only: browsers do not play this format.")
    ]
    checked_at: Annotated[Timestamp | None, Field(description="When the recording was last checked.")]


class SegmentShown(TypedDict):
    """One customer conversation of a day."""

    id: Uuid
    index: Annotated[int, Field(ge=0)]
    start_seconds: Seconds
    end_seconds: Seconds
    confidence: Annotated[
        Annotated[float, Field(ge=0, le=1)] | None, Field(description="null where a person set the segment.")
    ]
    title: str | None
    kind: SegmentKind
    status: SegmentStatus
    analysis_id: Uuid | None
    reasons: list[StoredReason]
    revision: Annotated[int, Field(ge=0)]


class SessionShown(TypedDict):
    """A session and its segments."""

    id: Uuid
    status: SessionStatus
    created_at: Timestamp
    recorded_at: Annotated[Timestamp | None, Field(description="When the recording begins.")]
    recorded_at_source: Annotated[
        RecordedAtSource | None,
        Field(description="Source of this time: the submission, or the file, whose clock may be wrong."),
    ]
    org_id: str
    rep_id: str
    recording_url: str | None
    file_key: str | None
    options: Annotated[SessionOptions, DocumentedAs(Options)]
    metadata: JsonObject
    started_at: Timestamp | None
    completed_at: Timestamp | None
    duration_seconds: float | None
    progress: Progress
    revision: Annotated[int, Field(ge=0)]
    segments_detected: Annotated[int, Field(ge=0)]
    segments_analyzed: Annotated[int, Field(ge=0)]
    segments_failed: Annotated[int, Field(ge=0)]
    segments_below_threshold: Annotated[int, Field(ge=0)]
    segments: list[SegmentShown]
    audio: AudioShown
    speaker_names: Annotated[dict[str, str], Field(description="Names that people gave to the voices.")]
    rollup: Annotated[Rollup | None, DocumentedAs(JsonObject | None)]
    usage: Annotated[SessionUsage, DocumentedAs(JsonObject)]
    error: StoredError | None


class SessionPage(TypedDict):
    """Sessions, newest first."""

    data: list[SessionShown]
    next_cursor: str | None


class SessionSummary(TypedDict):
    """One row of a list of days."""

    id: Uuid
    status: SessionStatus
    created_at: Timestamp
    recorded_at: Timestamp | None
    recorded_at_source: RecordedAtSource | None
    completed_at: Timestamp | None
    org_id: str
    rep_id: str
    duration_seconds: float | None
    revision: Annotated[int, Field(ge=0)]
    segments_detected: Annotated[int, Field(ge=0)]
    segments_analyzed: Annotated[int, Field(ge=0)]
    segments_failed: Annotated[int, Field(ge=0)]
    segments_below_threshold: Annotated[int, Field(ge=0)]
    customer_seconds: Seconds
    overall_score: float | None
    is_demo_quality: bool
    audio: AudioShown
    progress: Progress
    error: StoredError | None
    strip: Annotated[
        list[list[str | float]] | None,
        Field(description="The day as [label, seconds] runs from 0 to the end; null until conversations are found."),
    ]


class SummaryPage(TypedDict):
    """Summaries of sessions, newest first."""

    data: list[SessionSummary]
    next_cursor: str | None


class SegmentPage(TypedDict):
    """The segments of a day in its order."""

    revision: int
    data: list[SegmentShown]
    next_cursor: None


class TimelineShown(TypedDict):
    """Every second of the day under exactly one label."""

    session_id: Uuid
    revision: int
    duration_seconds: Seconds
    stretches: list[StoredInterval]


class AnalysisHandle(TypedDict):
    """An analysis that has been queued."""

    id: Uuid
    status: AnalysisStatus
    created_at: Timestamp


class AnalyzeSegment(RequestModel):
    """Options of one analysis of a segment in place of the session's."""

    playbook_id: Uuid | None = None
    prompt_overrides: PromptOverrides | None = None


class OutsideReceipt(TypedDict):
    """What a deletion removed outside of Dayline's own tables."""

    objects: list[str]
    engine_records: int


class Receipt(TypedDict):
    """Everything that a deletion removed."""

    id: Uuid
    deleted_at: Timestamp
    rows: dict[str, int]
    objects: list[str]
    engine_records: int
