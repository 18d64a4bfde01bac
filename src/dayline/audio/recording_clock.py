"""Places decoded frames on the recording's own clock and resamples them to 16 kHz.

A time stamp is trusted when it persists: a difference to the count of samples becomes silence, or is cut,
only when it still exists half a second later. Containers with coarse or jittering stamps (Matroska in
milliseconds, recorders that stamp by the wall clock) therefore keep every sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from av import AudioFifo, AudioFrame, AudioResampler
from numpy.typing import NDArray

from dayline.audio.stream_facts import StreamFacts, unsupported
from dayline.domain.clip import SAMPLE_RATE_HZ

GROUP_SECONDS = 10
"""Frames are gathered into groups of this length, and a block is yielded for each."""

_PIECE_SECONDS = 2
"""How much of a group goes into one resampling call: what a processor's cache holds takes half the time of a group."""

_MAX_GROUP_VALUES = 8_000_000
_MIN_RATE_HZ, _MAX_RATE_HZ, _MAX_CHANNELS = 4_000, 384_000, 8
_SMALLEST_GAP_SECONDS = 0.05
_SETTLE_SECONDS = 0.5
_LARGEST_OVERLAP_SECONDS = 2.0
_SILENCE_BLOCK = 10 * SAMPLE_RATE_HZ

Samples = NDArray[np.float32]
"""Samples of shape (channels, n) at 16 kHz; full scale is 1."""


class RecordingClock:
    """Turns frames into blocks of samples without gap or overlap.

    origin_seconds: the stamp at which the recording begins; None takes the first frame's stamp.
    max_gap_seconds: a longer leap of the stamps moves the origin instead of making silence.
    has_clock: whether the container keeps times of its own. Without them FFmpeg counts on with the duration of the
        first frames, so that stamps are wrong as soon as the sample rate changes; from there samples are counted.
    """

    def __init__(
        self, facts: StreamFacts, *, max_gap_seconds: float, origin_seconds: float | None, has_clock: bool = True
    ) -> None:
        self._facts, self._max_gap_seconds = facts, max_gap_seconds
        self._origin_seconds = origin_seconds
        self._has_clock, self._trusts_stamps = has_clock, True
        self._signature: tuple[int, str, str] | None = None
        self._resampler: AudioResampler | None = None
        self._fifo = AudioFifo()
        self._rate = 0
        self._tick_seconds = 0.0
        self._channels = 1
        self._group = 0
        self._start_seconds = 0.0
        """Where the present run of samples began, on the recording's clock."""
        self._run_samples = 0
        self._given = 0
        self._waiting: list[tuple[AudioFrame, float]] = []
        """Frames whose stamps differ from the count, each with its difference in seconds."""
        self._waiting_samples = 0

    @property
    def seconds(self) -> float:
        """Seconds yielded so far."""
        return self._given / SAMPLE_RATE_HZ

    def push(self, frame: AudioFrame) -> Iterator[Samples]:
        """Take the next frame and yield what is ready."""
        signature = (frame.sample_rate, frame.layout.name, frame.format.name)
        if signature != self._signature:
            yield from self._settle()
            yield from self._drain()
            self._trusts_stamps = self._has_clock or self._signature is None
            self._begin(frame, signature)
        difference_seconds = 0.0
        pts = frame.pts if self._trusts_stamps else None
        if pts is not None and self._tick_seconds:
            stamp_seconds = pts * self._tick_seconds
            difference_seconds = self._difference_seconds(stamp_seconds)
            if not -_LARGEST_OVERLAP_SECONDS <= difference_seconds <= self._max_gap_seconds:
                yield from self._settle()
                self._move_origin(stamp_seconds)
                difference_seconds = 0.0
        elif self._waiting:
            difference_seconds = self._waiting[-1][1]
        if not self._waiting and abs(difference_seconds) < _SMALLEST_GAP_SECONDS:
            yield from self._write(frame)
            return
        self._waiting.append((frame, difference_seconds))
        self._waiting_samples += frame.samples
        is_back = abs(difference_seconds) < _SMALLEST_GAP_SECONDS
        if is_back or self._waiting_samples >= _SETTLE_SECONDS * self._rate:
            yield from self._settle()

    def finish(self) -> Iterator[Samples]:
        """Yield what is still held."""
        if self._waiting and max(abs(difference) for _, difference in self._waiting) < _SETTLE_SECONDS:
            # Too little follows to tell a gap from jitter, and the end of a recording has no clock to keep.
            self._waiting = [(frame, 0.0) for frame, _ in self._waiting]
        yield from self._settle()
        yield from self._drain()

    def _begin(self, frame: AudioFrame, signature: tuple[int, str, str]) -> None:
        channels = len(frame.layout.channels)
        if not _MIN_RATE_HZ <= frame.sample_rate <= _MAX_RATE_HZ or not 1 <= channels <= _MAX_CHANNELS:
            raise unsupported(
                f"The recording claims {frame.sample_rate} Hz and {channels} channels. "
                f"Send {_MIN_RATE_HZ} to {_MAX_RATE_HZ} Hz and at most {_MAX_CHANNELS} channels."
            )
        if not self._facts.sample_rate_hz:
            self._facts.sample_rate_hz, self._facts.channels = frame.sample_rate, channels
        self._signature, self._rate, self._channels = signature, frame.sample_rate, channels
        # Constant within a stream; reading it from every frame costs as much as the rest of this class.
        self._tick_seconds = float(frame.time_base) if frame.time_base else 0.0
        self._group = min(frame.sample_rate * GROUP_SECONDS, _MAX_GROUP_VALUES // channels)

    def _position_seconds(self) -> float:
        return self._start_seconds + (self._run_samples / self._rate if self._rate else 0.0)

    def _difference_seconds(self, stamp_seconds: float) -> float:
        """Return by how much the stamp exceeds the time that the count of samples gives the next frame."""
        expected_seconds = self._start_seconds + (self._run_samples + self._waiting_samples) / self._rate
        if self._origin_seconds is None:
            self._origin_seconds = stamp_seconds - expected_seconds
        return stamp_seconds - self._origin_seconds - expected_seconds

    def _move_origin(self, stamp_seconds: float) -> None:
        """Join the sound after a leap of the clock without a pause."""
        if self._given or self._run_samples:
            self._facts.clock_jumps += 1
            if self._facts.clock_jumps == 1:
                self._facts.warnings.append(
                    "The recording's clock jumps: sound after a jump was joined without a pause."
                )
        self._origin_seconds = stamp_seconds - self._position_seconds()

    def _settle(self) -> Iterator[Samples]:
        """Write the waiting frames; a difference that all of them share is a gap or an overlap, any other is jitter."""
        frames = [frame for frame, _ in self._waiting]
        differences = [difference for _, difference in self._waiting]
        self._waiting, self._waiting_samples = [], 0
        moved_seconds = 0.0
        for index, frame in enumerate(frames):
            rest = [difference - moved_seconds for difference in differences[index:]]
            lasting = min(rest) if min(rest) > 0 else max(rest) if max(rest) < 0 else 0.0
            if lasting >= _SMALLEST_GAP_SECONDS:
                yield from self._drain()
                yield from self._silence(lasting)
                moved_seconds += lasting
            elif lasting <= -_SMALLEST_GAP_SECONDS:
                skip = min(frame.samples, round(-lasting * self._rate))
                moved_seconds -= skip / self._rate
                if skip == frame.samples:
                    continue
                yield from self._drain()
                frame = without_start(frame, skip)
            yield from self._write(frame)

    def _write(self, frame: AudioFrame) -> Iterator[Samples]:
        frame.pts = None
        self._run_samples += frame.samples
        self._fifo.write(frame)
        if self._fifo.samples >= self._group:
            yield from self._resample()

    def _silence(self, seconds: float) -> Iterator[Samples]:
        if self._given == 0 and self._run_samples == 0:
            self._facts.starts_at_seconds = seconds
        else:
            self._facts.gaps_seconds += seconds
        self._start_seconds += seconds
        left = self._owed()
        while left > 0:
            count = min(left, _SILENCE_BLOCK)
            self._given += count
            left -= count
            yield np.zeros((self._channels, count), np.float32)

    def _owed(self) -> int:
        return round(self._position_seconds() * SAMPLE_RATE_HZ) - self._given

    def _resample(self) -> Iterator[Samples]:
        if self._resampler is None:
            assert self._signature is not None
            self._resampler = AudioResampler("flt", self._signature[1], SAMPLE_RATE_HZ)
        piece = self._rate * _PIECE_SECONDS
        frames: list[Any] = []
        while self._fifo.samples:
            frames += self._resampler.resample(self._fifo.read(min(piece, self._fifo.samples)))
        yield from self._out(frames)

    def _drain(self) -> Iterator[Samples]:
        """Give out everything held, and start the next run exactly where this one should have ended."""
        if self._fifo.samples:
            yield from self._resample()
        if self._resampler is not None:
            yield from self._out(self._resampler.resample(None))
            owed = self._owed()
            if 0 < owed <= SAMPLE_RATE_HZ:
                self._given += owed
                yield np.zeros((self._channels, owed), np.float32)
        self._resampler, self._fifo = None, AudioFifo()
        self._start_seconds, self._run_samples = self._position_seconds(), 0

    def _out(self, frames: list[Any]) -> Iterator[Samples]:
        """Yield what the resampler gave as one block, without what exceeds the clock."""
        parts = [
            np.frombuffer(frame.planes[0], np.float32, count=frame.samples * self._channels)
            for frame in frames
            if frame is not None and frame.samples
        ]
        if not parts:
            return
        values = parts[0] if len(parts) == 1 else np.concatenate(parts)
        block = values.reshape(-1, self._channels).T[:, : max(0, self._owed())].copy()
        self._given += block.shape[1]
        if block.shape[1]:
            yield block


def without_start(frame: AudioFrame, skip: int) -> AudioFrame:
    """Return the frame without its first `skip` samples."""
    values = frame.to_ndarray()
    per_sample = 1 if frame.format.is_planar else len(frame.layout.channels)
    rest = np.ascontiguousarray(values[:, skip * per_sample :])
    shorter = AudioFrame.from_ndarray(cast(Any, rest), format=frame.format.name, layout=frame.layout.name)
    shorter.sample_rate = frame.sample_rate
    return shorter
