"""Chunks: the speech of some minutes in one scratch file, ready for any worker to transcribe.

File: the magic, a length, a JSON header, then the clips' samples as int16 little endian at 16 kHz. Written
beside its place and renamed, so a chunk file that exists is complete.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.errors import DaylineError

_MAGIC = b"DAYCHNK1"
_LENGTH = struct.Struct("<I")
_FIRST_CHUNK_SPEECH_SECONDS = 30.0
_GROWTH_PER_CHUNK_SECONDS = 5.0
_GOOD_PAUSE_SECONDS = 0.7
_LONG_PAUSE_SECONDS = 60.0
_LEAST_SPEECH_SECONDS = 30.0
_MAX_SPEECH_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Facts of one chunk. `clips` are (start on the recording's clock, first sample in the chunk, samples)."""

    index: int
    start_seconds: float
    end_seconds: float
    speech_seconds: float
    path: Path
    clips: list[tuple[float, int, int]]


class ChunkFacts(TypedDict):
    """A `Chunk` without its path, as JSON."""

    index: int
    start_seconds: float
    end_seconds: float
    speech_seconds: float
    clips: list[tuple[float, int, int]]


@dataclass(frozen=True, slots=True)
class ChunkAudio:
    """A chunk read back: its place in the day and its speech."""

    index: int
    start_seconds: float
    end_seconds: float
    speech_seconds: float
    clips: list[Clip]


def chunk_path(directory: Path, index: int) -> Path:
    """Return the path of chunk `index`."""
    return directory / f"chunk-{index:05d}.pcm"


class ChunkWriter:
    """Packs clips into chunks and writes each as soon as it is full.

    Which clips go together depends on the clips alone, so the same recording always gives the same chunks.
    """

    def __init__(self, directory: Path, chunk_speech_seconds: float) -> None:
        self._directory = directory
        self._full = min(max(chunk_speech_seconds, _LEAST_SPEECH_SECONDS), _MAX_SPEECH_SECONDS)
        self._clips: list[tuple[float, NDArray[np.int16]]] = []
        self._samples = 0
        self.count = 0
        self.speech_seconds = 0.0

    def add(self, start_seconds: float, samples: NDArray[np.int16]) -> None:
        """Take the next clip; clips come in order."""
        if len(samples):
            self._clips.append((start_seconds, samples))
            self._samples += len(samples)
            self.speech_seconds += len(samples) / SAMPLE_RATE_HZ

    def close_if_full(self, quiet_since_seconds: float, now_seconds: float) -> Chunk | None:
        """Write the open chunk if it holds enough for the pause that has passed since its last clip."""
        pause, speech = now_seconds - quiet_since_seconds, self._samples / SAMPLE_RATE_HZ
        target = min(self._full, _FIRST_CHUNK_SPEECH_SECONDS + _GROWTH_PER_CHUNK_SECONDS * self.count)
        enough = (
            (speech >= target and pause >= _GOOD_PAUSE_SECONDS)
            or speech >= min(1.25 * target, _MAX_SPEECH_SECONDS)
            or (speech >= _LEAST_SPEECH_SECONDS and pause >= _LONG_PAUSE_SECONDS)
        )
        return self.close() if enough else None

    def close(self) -> Chunk | None:
        """Write the open chunk; return None when it is empty."""
        if not self._clips:
            return None
        places: list[tuple[float, int, int]] = []
        offset = 0
        for start, samples in self._clips:
            places.append((round(start, 4), offset, len(samples)))
            offset += len(samples)
        last_start, _, last_count = places[-1]
        chunk = Chunk(
            index=self.count,
            start_seconds=places[0][0],
            end_seconds=round(last_start + last_count / SAMPLE_RATE_HZ, 4),
            speech_seconds=round(offset / SAMPLE_RATE_HZ, 4),
            path=chunk_path(self._directory, self.count),
            clips=places,
        )
        _write(chunk, [samples for _, samples in self._clips])
        self._clips, self._samples = [], 0
        self.count += 1
        return chunk


def _write(chunk: Chunk, parts: list[NDArray[np.int16]]) -> None:
    header = json.dumps(chunk_facts(chunk), separators=(",", ":")).encode()
    partial = chunk.path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(_MAGIC + _LENGTH.pack(len(header)) + header)
        for samples in parts:
            file.write(samples.astype("<i2", copy=False).tobytes())
        file.flush()
        os.fsync(file.fileno())
    partial.replace(chunk.path)


def chunk_facts(chunk: Chunk) -> ChunkFacts:
    """Return a chunk as plain JSON values, without its path."""
    return {
        "index": chunk.index,
        "start_seconds": chunk.start_seconds,
        "end_seconds": chunk.end_seconds,
        "speech_seconds": chunk.speech_seconds,
        "clips": chunk.clips,
    }


def chunk_from_facts(facts: ChunkFacts, directory: Path) -> Chunk:
    """Rebuild a chunk from `chunk_facts`; the path is derived, never taken from the facts."""
    index = int(facts["index"])
    return Chunk(
        index=index,
        start_seconds=float(facts["start_seconds"]),
        end_seconds=float(facts["end_seconds"]),
        speech_seconds=float(facts["speech_seconds"]),
        path=chunk_path(directory, index),
        clips=[(float(start), int(offset), int(count)) for start, offset, count in facts["clips"]],
    )


def read_chunk(source: Path | bytes) -> ChunkAudio:
    """Read a chunk file, or its bytes when it travelled through an object store.

    Raises DaylineError (`chunk_damaged`) when it is not a complete chunk.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    try:
        if data[: len(_MAGIC)] != _MAGIC:
            raise ValueError("no chunk")
        (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
        start = len(_MAGIC) + _LENGTH.size
        chunk = chunk_from_facts(json.loads(data[start : start + length]), Path())
        samples = np.frombuffer(data, dtype="<i2", offset=start + length)
        if sum(count for _, _, count in chunk.clips) != len(samples):
            raise ValueError("samples are missing")
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise DaylineError(
            "A chunk file is damaged; the recording has to be ingested again.", code="chunk_damaged"
        ) from error
    clips = [Clip(samples[offset : offset + count], at) for at, offset, count in chunk.clips]
    return ChunkAudio(chunk.index, chunk.start_seconds, chunk.end_seconds, chunk.speech_seconds, clips)
