"""Source of a recording's bytes, and the limits under which they are decoded."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dayline.domain.clip import SAMPLE_RATE_HZ
from dayline.domain.errors import InvalidRecording

FRAME_SAMPLES = 512
FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE_HZ
SCRATCH_UNUSABLE = "scratch_unusable"
"""Code of a failure to write working copies: the disk is full, or its folder cannot be written."""


class ByteSource(Protocol):
    """Random access to the bytes of one recording; may block while they are being fetched."""

    @property
    def size_bytes(self) -> int | None:
        """Length of the recording, or None while it is unknown."""
        ...

    @property
    def is_seekable(self) -> bool:
        """True when any offset can be read at the same cost; False when bytes come in order only."""
        ...

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; short or empty only at the end. Raises DaylineError."""
        ...


class LocalFile:
    """A recording that lies on this machine's disk."""

    is_seekable = True

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InvalidRecording(
                "The recording's file is not there any more. Upload it again.", code="invalid_recording_url"
            ) from error
        self._lock = threading.Lock()
        self.size_bytes: int | None = os.fstat(self._file.fileno()).st_size

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`."""
        with self._lock:
            return os.pread(self._file.fileno(), size, offset)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> LocalFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """Settings of speech detection; thresholds are on the model's probability per 32 ms frame."""

    on: float = 0.38
    off: float = 0.23
    min_speech_seconds: float = 0.25
    min_silence_seconds: float = 0.4
    pad_seconds: float = 0.15
    max_clip_seconds: float = 20.0
    chunk_speech_seconds: float = 120.0
    """Speech per chunk once the day is running; the first chunks are smaller, so that workers start early."""


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """Limits of one recording. Beyond them ingest fails with a clear error."""

    min_seconds: float = 10.0
    max_seconds: float = 24 * 3600.0
    max_gap_seconds: float = 4 * 3600.0
    """Longest hole in the recording's clock that is kept as silence; a longer one is closed and reported."""
    memory_bytes: int = 1_500_000_000
    """Address space of the decoder process."""
    cpu_seconds: int = 2 * 3600
    wall_seconds: float = 8 * 3600.0
    stall_seconds: float = 120.0
    """Longest time without a message of the decoder while it waits for no bytes."""


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """Progress of an ingest."""

    decoded_seconds: float
    speech_seconds: float
    fraction: float | None
    """Share of the recording's bytes that went through the decoder, where the size is known."""
