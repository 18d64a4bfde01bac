"""Compact series of a day: waveform peaks, and the stored form of the profile."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.audio.ports import FRAME_SECONDS
from dayline.domain.acoustic_profile import SERIES, DayProfile
from dayline.domain.errors import DaylineError

MAX_POINTS = 20_000

FRAMES_PER_POINT = 3
POINT_SECONDS = FRAMES_PER_POINT * FRAME_SECONDS
"""Duration of one peak: 96 ms, 450,000 peaks for twelve hours."""

_MAX_KEPT = 900_000
"""Peaks of 24 hours; beyond it neighbours are merged."""

_PROFILE_MAGIC = b"DAYPROF1"
_PEAKS_MAGIC = b"DAYPEAK1"
_PROFILE_HEAD = struct.Struct("<I")
_PEAKS_HEAD = struct.Struct("<dI")
_NOTHING = 255
_MAX_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Peaks:
    """The waveform for drawing: the largest magnitude per point, uint16 where 32768 is full scale."""

    point_seconds: float
    values: NDArray[np.uint16]


class PeakMeter:
    """Collects peaks in bounded memory: when the points run out, neighbours are merged and points get longer."""

    def __init__(self, max_points: int = _MAX_KEPT) -> None:
        self._values = np.zeros(max_points, np.uint16)
        self._count = 0
        self._frames_per_point = FRAMES_PER_POINT
        self._held = np.zeros(0, np.uint16)

    def push(self, frame_peaks: NDArray[np.uint16]) -> None:
        """Take the largest magnitude of each frame."""
        waiting = np.concatenate((self._held, frame_peaks))
        while len(waiting) >= self._frames_per_point:
            whole = min(len(waiting) // self._frames_per_point, len(self._values) - self._count)
            used = whole * self._frames_per_point
            self._values[self._count : self._count + whole] = (
                waiting[:used].reshape(whole, self._frames_per_point).max(axis=1)
            )
            self._count += whole
            waiting = waiting[used:]
            if self._count == len(self._values):
                self._merge()
        self._held = waiting

    def finish(self) -> Peaks:
        """Return the peaks."""
        values = self._values[: self._count]
        if len(self._held):
            values = np.append(values, self._held.max())
        return Peaks(self._frames_per_point * FRAME_SECONDS, values.copy())

    def _merge(self) -> None:
        half = self._count // 2
        self._values[:half] = self._values[: 2 * half].reshape(half, 2).max(axis=1)
        self._count = half
        self._frames_per_point *= 2


def encode_peaks(peaks: Peaks) -> bytes:
    """Return peaks as bytes for storage."""
    body = zlib.compress(peaks.values.astype("<u2").tobytes(), 6)
    return _PEAKS_MAGIC + _PEAKS_HEAD.pack(peaks.point_seconds, len(peaks.values)) + body


def decode_peaks(data: bytes) -> Peaks:
    """Read what `encode_peaks` wrote. Raises DaylineError (`series_damaged`)."""
    body = _body(data, _PEAKS_MAGIC, _PEAKS_HEAD.size)
    point_seconds, count = _PEAKS_HEAD.unpack_from(data, len(_PEAKS_MAGIC))
    raw = _inflate(body, count * 2)
    return Peaks(point_seconds, np.frombuffer(raw, "<u2").astype(np.uint16))


def encode_profile(profile: DayProfile) -> bytes:
    """Return a profile as bytes: each series in one byte per second (shares to 1/250, levels to 0.4 dB), deflated."""
    rows: list[bytes] = []
    for name in SERIES:
        series: NDArray[np.float32] = getattr(profile, name)
        scaled = (series + 100.0) * 2.5 if name == "level_dbfs" else series * 250.0
        steps = np.clip(np.nan_to_num(np.round(scaled), nan=_NOTHING), 0, 250)
        rows.append(np.where(np.isnan(series), _NOTHING, steps).astype(np.uint8).tobytes())
    return _PROFILE_MAGIC + _PROFILE_HEAD.pack(profile.seconds) + zlib.compress(b"".join(rows), 6)


def decode_profile(data: bytes) -> DayProfile:
    """Read what `encode_profile` wrote. Raises DaylineError (`series_damaged`)."""
    body = _body(data, _PROFILE_MAGIC, _PROFILE_HEAD.size)
    (seconds,) = _PROFILE_HEAD.unpack_from(data, len(_PROFILE_MAGIC))
    if seconds > _MAX_SECONDS:
        raise _damaged()
    raw = np.frombuffer(_inflate(body, seconds * len(SERIES)), np.uint8).reshape(len(SERIES), seconds)
    values: dict[str, NDArray[np.float32]] = {}
    for name, row in zip(SERIES, raw, strict=True):
        plain = row.astype(np.float32)
        series = plain / 2.5 - 100.0 if name == "level_dbfs" else plain / 250.0
        series[row == _NOTHING] = np.nan
        values[name] = series.astype(np.float32)
    return DayProfile(**values)


def _body(data: bytes, magic: bytes, head_bytes: int) -> bytes:
    if data[: len(magic)] != magic or len(data) < len(magic) + head_bytes:
        raise _damaged()
    return data[len(magic) + head_bytes :]


def _inflate(body: bytes, expected_bytes: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(body, expected_bytes + 1)
    except zlib.error as error:
        raise _damaged() from error
    if len(raw) != expected_bytes or not stream.eof:
        raise _damaged()
    return raw


def _damaged() -> DaylineError:
    return DaylineError("A stored series of the recording is damaged.", code="series_damaged")
