"""Transcripts and waveforms of sessions as they are shown. Field names are the public contract's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from dayline.http.schemas import Uuid
from dayline.sessions.schemas import Seconds


class UtteranceShown(TypedDict):
    """Continuous speech of one voice, on the recording's clock."""

    start: float
    end: float
    speaker: str | None
    transcript: str
    text: str


class WordShown(TypedDict):
    """One word, on the recording's clock."""

    word: str
    start: float
    end: float
    confidence: float | None
    speaker: str | None


class TranscriptShown(TypedDict):
    """A transcript."""

    text: str
    utterances: list[UtteranceShown]
    words: list[WordShown]
    word_count: int
    duration_seconds: float


class DayTranscript(TranscriptShown):
    """Transcript of a day, or of a part of it."""

    is_partial: Annotated[bool, Field(description="The day is still being transcribed; `covered` is finished.")]
    covered: Annotated[list[list[float]], Field(description="[start, end] in seconds of what has been transcribed.")]


class WaveformPart(TypedDict):
    """The largest magnitude per point, 0 to 1, of a part of a recording."""

    start_seconds: float
    end_seconds: float
    point_seconds: float
    peaks: list[float]


class WaveformShown(WaveformPart):
    """The largest magnitude per point, 0 to 1, for drawing."""

    session_id: Uuid
    duration_seconds: float | None


class SeekPoint(TypedDict):
    """A frame of the recording that playing can begin with."""

    seconds: Seconds
    byte: Annotated[int, Field(ge=0)]


class SeekTable(TypedDict):
    """A place of the recording for every ten seconds; empty for files with a table of their own."""

    session_id: Uuid
    points: list[SeekPoint]
