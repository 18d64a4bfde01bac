"""Convert float to int16: bring it to scale, remove the offset, raise the level slowly where speech is very quiet.

A recorder that turned its gain down, or a float file 50 dB under full scale, loses its speech in the rounding to 16
bits and under the thresholds of the VAD. The level is measured on the louder frames of the last minutes, so that
pauses are not raised, and only where frames differ in level as speech and pauses do, so that steady noise stays
quiet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.domain.clip import SAMPLE_RATE_HZ

_FRAME = SAMPLE_RATE_HZ * 32 // 1000
_QUIET_DB = -42.0
"""Recordings whose louder frames lie over this level stay as they are."""
_AIM_DB = -28.0
_MAX_GAIN_DB = 60.0
_FALL_DB_PER_SECOND = 0.1
"""How slowly the remembered level follows a recording that gets quieter: 5 minutes for 30 dB."""
_SPEECH_SPREAD_DB = 10.0
_DIGITAL_SILENCE_DB = -115.0
_OFFSET = 0.002
_WORTH_TELLING_DB = 6.0
_HIGHEST_PEAK = 4.0
"""Float files may go over full scale by some dB; 12 dB is beyond any mastering."""
_OVER_SCALE_DB = 3.0
_INTEGER_SCALES = (2.0**7, 2.0**15, 2.0**23, 2.0**31, 2.0**32)


class LevelControl:
    """Converts blocks of float samples to int16 and keeps the gain between them."""

    def __init__(self) -> None:
        self._level_db: float | None = None
        self._gain_db = 0.0
        self.largest_gain_db = 0.0
        self.raised_seconds = 0.0
        self._scale = 1.0

    def to_int16(self, block: NDArray[np.float32]) -> NDArray[np.int16]:
        """Return the block as int16; samples over full scale are clipped."""
        block = self._within_scale(block)
        offset = float(block.mean()) if len(block) else 0.0
        if abs(offset) > _OFFSET:
            block = block - np.float32(offset)
        is_first = self._level_db is None
        before_db, after_db = self._gain_db, self._next_gain_db(block)
        if is_first:
            before_db = after_db  # the first speech is raised from its first word on
        self._gain_db = after_db
        if before_db <= 0.0 and after_db <= 0.0:
            scaled = block * np.float32(32768)
        else:
            # A lower gain applies at once, so that louder sound is not clipped; a higher one is reached over the block.
            start_db = min(before_db, after_db)
            ramp_db = np.linspace(start_db, after_db, num=len(block), dtype=np.float32)
            scaled = np.asarray(block * np.power(np.float32(10), ramp_db / 20) * np.float32(32768), np.float32)
            self.largest_gain_db = max(self.largest_gain_db, after_db)
            self.raised_seconds += len(block) / SAMPLE_RATE_HZ
        np.rint(scaled, out=scaled)
        np.clip(scaled, -32768, 32767, out=scaled)
        return scaled.astype(np.int16)

    def warnings(self) -> list[str]:
        """Return sentences when the recording was lowered or raised."""
        told: list[str] = []
        if self._scale > 1.0:
            told.append(
                f"The samples are stored as numbers far over full scale; they were divided by {self._scale:.0f}."
            )
        if self.largest_gain_db >= _WORTH_TELLING_DB:
            told.append(
                f"The recording is very quiet: {self.raised_seconds:.0f} s were raised "
                f"by up to {self.largest_gain_db:.0f} dB before recognition."
            )
        return told

    def _within_scale(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the block with full scale at 1: integers written as floats are divided, single peaks clipped.

        The divisor is that of the whole recording: it only grows.
        """
        peak = largest(block)
        if peak > _HIGHEST_PEAK:
            levels = _frame_levels_db(block)
            if len(levels) and float(np.percentile(levels, 95)) > _OVER_SCALE_DB:
                self._scale = max(self._scale, next(scale for scale in _INTEGER_SCALES if scale >= peak))
            else:
                block = np.clip(block, -self._scale, self._scale)
        return block if self._scale == 1.0 else block / np.float32(self._scale)

    def _next_gain_db(self, block: NDArray[np.float32]) -> float:
        levels = _frame_levels_db(block)
        if len(levels) < 4:
            return self._gain_db
        levels = levels[levels > _DIGITAL_SILENCE_DB]
        seconds = len(block) / SAMPLE_RATE_HZ
        if self._level_db is not None:
            self._level_db -= _FALL_DB_PER_SECOND * seconds
        if len(levels) >= 4:
            low, loud = np.percentile(levels, (20, 95))
            is_speech_like = loud - low >= _SPEECH_SPREAD_DB
            if loud >= _QUIET_DB or is_speech_like:
                self._level_db = max(float(loud), self._level_db if self._level_db is not None else -np.inf)
        if self._level_db is None:
            return 0.0
        gain_db = min(2 * (_QUIET_DB - self._level_db), _AIM_DB - self._level_db, _MAX_GAIN_DB)
        return max(0.0, gain_db)


def largest(samples: NDArray[np.float32]) -> float:
    """Return the largest magnitude; NaN when a sample is no number."""
    return float(max(samples.max(initial=0.0), -samples.min(initial=0.0)))


def _frame_levels_db(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the RMS level in dBFS of each whole frame of 32 ms."""
    frames = block[: len(block) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return 10 * np.log10(np.einsum("ij,ij->i", frames, frames) / _FRAME + np.float32(1e-13))
