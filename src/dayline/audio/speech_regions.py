"""Convert probabilities to clips: hysteresis, padding, and cuts at the quietest place of long speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.audio.ports import FRAME_SAMPLES, FRAME_SECONDS, SpeechSettings


@dataclass(frozen=True, slots=True)
class Region:
    """Speech from frame `start` up to, not including, frame `end`."""

    start: int
    end: int


class RegionFinder:
    """A state machine over frames. A region opens at `on` and closes after enough frames under `off`.

    Natural ends are padded; a region that grows too long is cut at the quietest frame of its last third,
    where neither side is padded, so that no sample is in two clips.
    """

    def __init__(self, settings: SpeechSettings) -> None:
        self._on, self._off = settings.on, settings.off
        self._min_speech = _frames(settings.min_speech_seconds)
        self._min_silence = _frames(settings.min_silence_seconds)
        self._pad = min(_frames(settings.pad_seconds), self._min_silence)
        self._max = int(settings.max_clip_seconds / FRAME_SECONDS) - 2 * self._pad
        if self._max < 3 * self._min_speech:
            raise ValueError("max_clip_seconds is too small for the other settings")
        self._index = 0
        self._start: int | None = None
        self._is_continuation = False
        self._silent = 0
        self._levels: list[float] = []
        self._last_end = 0

    @property
    def oldest_needed(self) -> int:
        """First frame that a later region may still ask for."""
        return max(self._last_end, (self._index if self._start is None else self._start) - self._pad)

    def push(self, probabilities: NDArray[np.float32], levels: NDArray[np.float32]) -> Iterator[Region]:
        """Take one probability and one level (any monotone unit) per frame; yield regions that are complete."""
        for probability, level in zip(probabilities.tolist(), levels.tolist(), strict=True):
            region = self._step(probability, level)
            self._index += 1
            if region is not None:
                yield region

    def finish(self) -> Iterator[Region]:
        """Close what is open at the end of the recording."""
        if self._start is not None:
            end = self._index - self._silent
            region = self._close(end, min(end + self._pad, self._index))
            if region is not None:
                yield region

    def _step(self, probability: float, level: float) -> Region | None:
        if self._start is None:
            if probability >= self._on:
                self._start, self._is_continuation, self._silent, self._levels = self._index, False, 0, [level]
            return None
        self._levels.append(level)
        if probability >= self._off:
            self._silent = 0
        else:
            self._silent += 1
            if self._silent >= self._min_silence:
                end = self._index + 1 - self._silent
                return self._close(end, end + self._pad)
        if self._index + 1 - self._start >= self._max:
            return self._cut(self._start)
        return None

    def _close(self, end: int, padded_end: int) -> Region | None:
        start = self._start
        assert start is not None
        self._start = None
        if end - start < self._min_speech and not self._is_continuation:
            return None
        first = start if self._is_continuation else max(self._last_end, start - self._pad)
        if padded_end <= first:
            return None
        self._last_end = padded_end
        return Region(first, padded_end)

    def _cut(self, start: int) -> Region:
        levels = np.asarray(self._levels, np.float32)
        smooth = np.convolve(np.pad(levels, 1, mode="edge"), np.full(3, 1 / 3, np.float32), mode="valid")
        from_frame = len(levels) * 2 // 3
        length = from_frame + int(np.argmin(smooth[from_frame:-1]))
        region = Region(start if self._is_continuation else max(self._last_end, start - self._pad), start + length)
        self._last_end = region.end
        self._start, self._is_continuation, self._levels = region.end, True, self._levels[length:]
        return region


def _frames(seconds: float) -> int:
    return max(1, round(seconds / FRAME_SECONDS))


class SampleBuffer:
    """Keeps the newest samples until no region can ask for them any more."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.int16)
        self._first_frame = 0

    def push(self, samples: NDArray[np.int16]) -> None:
        """Append samples."""
        self._samples = np.concatenate((self._samples, samples))

    def take(self, region: Region) -> NDArray[np.int16]:
        """Return the samples of a region (a copy; shorter at the very end of the recording)."""
        offset = self._first_frame * FRAME_SAMPLES
        return self._samples[region.start * FRAME_SAMPLES - offset : region.end * FRAME_SAMPLES - offset].copy()

    def drop_before(self, frame: int) -> None:
        """Drop samples before `frame`."""
        if frame > self._first_frame:
            self._samples = self._samples[(frame - self._first_frame) * FRAME_SAMPLES :].copy()
            self._first_frame = frame
