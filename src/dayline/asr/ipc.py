"""Messages between a process and its recogniser child: JSON values and the raw bytes of a frame.

Nothing is unpickled, so a faulty child can send wrong values but cannot run code in its parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TypedDict, cast, final

import numpy as np

from dayline.asr.answer_checks import ChunkTranscript
from dayline.asr.ports import EngineMisconfigured, Limits
from dayline.domain.clip import Clip
from dayline.domain.errors import DaylineError, InvalidRequest, Unavailable
from dayline.domain.transcript import Utterance, Word
from dayline.processes.frames import Closed

_ERRORS: dict[str, type[DaylineError]] = {e.__name__: e for e in (Unavailable, InvalidRequest, EngineMisconfigured)}


class WordJson(TypedDict):
    """A `Word`."""

    text: str
    start_seconds: float
    end_seconds: float
    confidence: float | None
    speaker: str | None


class UtteranceJson(TypedDict):
    """An `Utterance`."""

    start_seconds: float
    end_seconds: float
    text: str
    speaker: str | None
    confidence: float | None
    words: list[WordJson]


class ChunkJson(TypedDict):
    """A `ChunkTranscript`."""

    utterances: list[UtteranceJson]
    retried_clips: int
    dropped_lines: int
    audio_seconds: float
    language: str | None
    engine: str
    is_demo_quality: bool
    language_seconds: dict[str, float]


class LimitsJson(TypedDict):
    """The `Limits` of an engine."""

    max_clip_seconds: float
    languages: list[str] | None
    gives_words: bool
    gives_word_confidence: bool
    gives_speakers: bool
    is_remote: bool
    is_demo_quality: bool


class ErrorJson(TypedDict):
    """An error of the domain: the name of its class, its message and its code."""

    kind: str
    message: str
    code: str


@final
class Failed(TypedDict):
    """Frame of a child that could not do what it was asked."""

    error: ErrorJson


@final
class Loaded(TypedDict):
    """First frame of a child whose engine is ready."""

    name: str
    limits: LimitsJson


class Request(TypedDict):
    """Header of a request: rows of `pack_clips`, and the language asked for."""

    clips: list[list[float]]
    language: str | None


@final
class Transcribed(TypedDict):
    """Answer to a request."""

    chunk: ChunkJson


def pack_clips(clips: Sequence[Clip]) -> tuple[list[list[float]], bytes]:
    """Return (rows of [start_seconds, samples], little-endian int16 bytes of all clips)."""
    rows = [[float(c.start_seconds), float(len(c.samples))] for c in clips]
    return rows, b"".join(np.ascontiguousarray(c.samples, dtype="<i2").tobytes() for c in clips)


def unpack_clips(rows: Sequence[Sequence[float]], body: bytes) -> list[Clip]:
    """Undo `pack_clips`. Raises `Closed` when the lengths do not fit."""
    samples = np.frombuffer(body, dtype="<i2")
    clips: list[Clip] = []
    at = 0
    for start_seconds, count in rows:
        clips.append(Clip(samples[at : at + int(count)], start_seconds))
        at += int(count)
    if at != len(samples):
        raise Closed
    return clips


def chunk_to_json(chunk: ChunkTranscript) -> ChunkJson:
    """Return a chunk's transcript as plain JSON values."""
    return cast(ChunkJson, asdict(chunk))


def chunk_from_json(data: ChunkJson) -> ChunkTranscript:
    """Undo `chunk_to_json`."""
    return ChunkTranscript(
        utterances=tuple(_utterance(u) for u in data["utterances"]),
        retried_clips=data["retried_clips"],
        dropped_lines=data["dropped_lines"],
        audio_seconds=data["audio_seconds"],
        language=data["language"],
        engine=data["engine"],
        is_demo_quality=data["is_demo_quality"],
        language_seconds=data["language_seconds"],
    )


def _utterance(data: UtteranceJson) -> Utterance:
    return Utterance(
        data["start_seconds"],
        data["end_seconds"],
        data["text"],
        data["speaker"],
        data["confidence"],
        tuple(Word(**word) for word in data["words"]),
    )


def limits_from_json(data: LimitsJson) -> Limits:
    """Build limits from the child's greeting."""
    languages = data["languages"]
    return Limits(
        max_clip_seconds=data["max_clip_seconds"],
        languages=None if languages is None else tuple(languages),
        gives_words=data["gives_words"],
        gives_word_confidence=data["gives_word_confidence"],
        gives_speakers=data["gives_speakers"],
        is_remote=data["is_remote"],
        is_demo_quality=data["is_demo_quality"],
    )


def error_to_json(error: DaylineError) -> ErrorJson:
    """Return an error of the domain as plain JSON values; a kind that is not in the table becomes `Unavailable`."""
    kind = type(error).__name__
    return {"kind": kind if kind in _ERRORS else "Unavailable", "message": error.message, "code": error.code}


def error_from_json(data: ErrorJson) -> DaylineError:
    """Undo `error_to_json`."""
    return _ERRORS.get(data["kind"], Unavailable)(data["message"], code=data["code"])
