"""What a process and its recogniser child tell each other, as JSON values and raw bytes of a frame.

Nothing is unpickled, so a child that went wrong can at worst send nonsense.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from dayline.asr.answer_checks import ChunkTranscript
from dayline.asr.ports import EngineMisconfigured, Limits
from dayline.domain.clip import Clip
from dayline.domain.errors import DaylineError, InvalidRequest, Unavailable
from dayline.domain.transcript import Utterance, Word
from dayline.processes.frames import Closed

_ERRORS: dict[str, type[DaylineError]] = {e.__name__: e for e in (Unavailable, InvalidRequest, EngineMisconfigured)}


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


def chunk_to_json(chunk: ChunkTranscript) -> dict[str, Any]:
    """Return a chunk's transcript as plain JSON values."""
    return asdict(chunk)


def chunk_from_json(data: dict[str, Any]) -> ChunkTranscript:
    """Undo `chunk_to_json`."""
    utterances = tuple(_utterance(u) for u in data["utterances"])
    values: dict[str, Any] = {**data, "utterances": utterances}
    return ChunkTranscript(**values)


def _utterance(data: dict[str, Any]) -> Utterance:
    values: dict[str, Any] = {**data, "words": tuple(Word(**w) for w in data["words"])}
    return Utterance(**values)


def limits_from_json(data: dict[str, Any]) -> Limits:
    """Build limits from the child's greeting."""
    languages = data["languages"]
    values: dict[str, Any] = {**data, "languages": None if languages is None else tuple(languages)}
    return Limits(**values)


def error_to_json(error: DaylineError) -> dict[str, Any]:
    """Return an error of the domain as plain JSON values; a kind that is not in the table becomes `Unavailable`."""
    kind = type(error).__name__
    return {"kind": kind if kind in _ERRORS else "Unavailable", "message": error.message, "code": error.code}


def error_from_json(data: dict[str, Any]) -> DaylineError:
    """Undo `error_to_json`."""
    return _ERRORS.get(str(data["kind"]), Unavailable)(str(data["message"]), code=str(data["code"]))
