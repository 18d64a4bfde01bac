"""Acoustic profile of every second, from cheap measurements on the frames of the VAD.

Steady peaks in the spectrum over an eighth of a second indicate music (after Scheirer and Slaney, 1997, who
use spectral change among other features); peaks that last for seconds indicate hum. Depth and speed of level
changes in speech indicate a near voice, since reverberation and noise fill the gaps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dayline.audio.ports import FRAME_SAMPLES
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.clip import SAMPLE_RATE_HZ

Floats = NDArray[np.float32]

_PAIR_SAMPLES = 2 * FRAME_SAMPLES
_WINDOW = np.hanning(_PAIR_SAMPLES + 1)[:-1].astype(np.float32)
_BIN_HZ = SAMPLE_RATE_HZ / _PAIR_SAMPLES
_LOW_BIN, _HIGH_BIN = round(250 / _BIN_HZ), round(4000 / _BIN_HZ)
_SMOOTH_BINS = 13
# In pairs of frames: 128 ms, within which speech has moved on, and 1.5 s, within which music has.
_SHORT_LAG, _LONG_LAG = 2, 23
_SPEECH_AT = 0.4
_FLOOR_POWER = 1e-10
_AUDIBLE_DBFS = -75.0
_COLUMNS = ("frames", "speech", "power", "speech_level", "flux", "lowest", "pairs", "steady", "hum", "bed_pairs", "bed")
_LOWEST = _COLUMNS.index("lowest")


class SoundMeter:
    """Accumulates eleven numbers per second from frames and their speech probabilities.

    Spectra are taken of pairs of frames: that halves their cost and doubles their resolution.
    """

    def __init__(self) -> None:
        self._pairs = 0
        self._odd = (np.zeros((0, FRAME_SAMPLES), np.float32), np.zeros(0, np.float32), np.zeros(0, np.float32))
        self._shapes = np.zeros((_LONG_LAG, _HIGH_BIN - _LOW_BIN), np.float32)
        self._last_level = np.float32(-100.0)
        self._done = bytearray()
        self._open = np.zeros((0, len(_COLUMNS)), np.float32)
        self._open_second = 0

    def push(self, frames: Floats, probabilities: Floats, levels_db: Floats) -> None:
        """Take (n, 512) samples in -1..1 with (n,) probabilities and (n,) levels in dBFS."""
        if len(self._odd[0]):
            frames, probabilities, levels_db = (
                np.concatenate(both) for both in zip(self._odd, (frames, probabilities, levels_db), strict=True)
            )
        even = len(frames) // 2 * 2
        self._odd = (frames[even:].copy(), probabilities[even:].copy(), levels_db[even:].copy())
        if not even:
            return
        rows = self._measure(frames[:even], probabilities[:even], levels_db[:even])
        seconds = (np.arange(self._pairs, self._pairs + len(rows)) * 2 + 1) * FRAME_SAMPLES // SAMPLE_RATE_HZ
        self._pairs += len(rows)
        starts = np.flatnonzero(np.diff(seconds, prepend=-1))
        sums = np.add.reduceat(rows, starts, axis=0)
        sums[:, _LOWEST] = np.minimum.reduceat(rows[:, _LOWEST], starts)
        self._merge(sums, int(seconds[0]))

    def _measure(self, frames: Floats, probabilities: Floats, levels_db: Floats) -> Floats:
        """Return one row of _COLUMNS per pair of frames."""
        change = np.abs(np.diff(levels_db, prepend=self._last_level))
        self._last_level = levels_db[-1]
        speech = (probabilities >= _SPEECH_AT).astype(np.float32)
        steady, hum = self._steadiness(frames)
        two = np.float32(2)
        silent = 1 - np.maximum(speech[::2], speech[1::2])
        rows = np.empty((len(frames) // 2, len(_COLUMNS)), np.float32)
        for column, values in enumerate(
            (
                np.full(len(rows), two),
                _by_pairs(speech),
                _by_pairs(np.power(np.float32(10), levels_db / 10)),
                _by_pairs(speech * levels_db),
                _by_pairs(speech * np.minimum(change, 20)),
                np.minimum(levels_db[::2], levels_db[1::2]),
                np.ones(len(rows), np.float32),
                steady,
                hum,
                silent,
                silent * steady,
            )
        ):
            rows[:, column] = values
        return rows

    def _steadiness(self, frames: Floats) -> tuple[Floats, Floats]:
        """Return how many peaks of each pair's spectrum existed 128 ms and 1.5 s before."""
        found = np.fft.rfft(frames.reshape(-1, _PAIR_SAMPLES) * _WINDOW, axis=1)
        half = _SMOOTH_BINS // 2
        part = found[:, _LOW_BIN - half : _HIGH_BIN + half]
        shapes = _peaks_only(np.log(part.real**2 + part.imag**2 + np.float32(_FLOOR_POWER)))
        history = np.concatenate((self._shapes, shapes))
        self._shapes = history[-_LONG_LAG:]
        now = history[_LONG_LAG:]
        return (
            np.einsum("ij,ij->i", now, history[_LONG_LAG - _SHORT_LAG : -_SHORT_LAG]),
            np.einsum("ij,ij->i", now, history[:-_LONG_LAG]),
        )

    def _merge(self, sums: Floats, first_second: int) -> None:
        if len(self._open) and first_second == self._open_second:
            lowest = min(self._open[0, _LOWEST], sums[0, _LOWEST])
            sums[0] += self._open[0]
            sums[0, _LOWEST] = lowest
        elif len(self._open):
            self._done += self._open.tobytes()
        self._done += sums[:-1].tobytes()
        self._open = sums[-1:]
        self._open_second = first_second + len(sums) - 1

    def finish(self, seconds: int) -> DayProfile:
        """Return the profile of everything that was pushed, in `seconds` rows."""
        if len(self._odd[0]):
            self.push(*self._odd)
        rows = np.frombuffer(bytes(self._done) + self._open.tobytes(), np.float32).reshape(-1, len(_COLUMNS))[:seconds]
        missing = np.zeros((seconds - len(rows), len(_COLUMNS)), np.float32)
        missing[:, _LOWEST] = -100
        return _classified(np.concatenate((rows, missing)))


def _by_pairs(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    return values[::2] + values[1::2]


def _peaks_only(logs: Floats) -> Floats:
    """Return each log spectrum less its own smooth envelope, at unit length, so that products are correlations."""
    half = _SMOOTH_BINS // 2
    sums = np.cumsum(logs, axis=1, dtype=np.float32)
    smooth = np.empty((len(logs), logs.shape[1] - 2 * half), np.float32)
    smooth[:, 0] = sums[:, _SMOOTH_BINS - 1]
    smooth[:, 1:] = sums[:, _SMOOTH_BINS:] - sums[:, :-_SMOOTH_BINS]
    shapes = np.maximum(logs[:, half:-half] - smooth / _SMOOTH_BINS, -1.0)
    shapes -= shapes.mean(axis=1, keepdims=True)
    return shapes / (np.sqrt(np.einsum("ij,ij->i", shapes, shapes))[:, None] + np.float32(1e-3))


def _classified(rows: Floats) -> DayProfile:
    """Convert sums per second to the series of a `DayProfile`."""
    column = dict(zip(_COLUMNS, rows.T, strict=True))
    frames = np.maximum(column["frames"], 1)
    voiced = np.maximum(column["speech"], 1)
    speech = column["speech"] / frames
    level = 10 * np.log10(column["power"] / frames + _FLOOR_POWER)
    talk = speech >= 0.2
    pairs = np.maximum(column["pairs"], 1)
    steady, hum = column["steady"] / pairs, column["hum"] / pairs

    floor = _rolling(column["lowest"], 4, np.minimum)
    over_floor = np.where(talk, column["speech_level"] / voiced - floor, 0)
    flux = column["flux"] / voiced
    near = np.where(talk, 0.3 * _ramp(over_floor, 12, 40) + 0.7 * _ramp(flux, 1.8, 4.5), np.nan)

    audible = level > _AUDIBLE_DBFS
    tonal = _ramp(steady - 0.9 * np.maximum(hum, 0), 0.1, 0.32) * audible
    music = _mean(tonal, 2) * (1 - 0.5 * _mean(speech, 2))
    # What sounds between the words: nothing steady where people talk, the bed of music under a produced voice.
    bed = _mean(column["bed"] * audible, 8) / np.maximum(_mean(column["bed_pairs"], 8), 0.5)
    evenness = _ramp(-_deviation(np.where(talk, column["speech_level"] / voiced, np.nan), 6), -6.0, -1.5)
    produced = 0.75 * _ramp(bed, 0.06, 0.25) + 0.25 * evenness * _ramp(_mean(speech, 6), 0.6, 0.95)
    broadcast = np.where(_mean(speech, 4) > 0.2, produced, 0)
    noise = _ramp(floor, -65, -38) * (1 - _mean(tonal, 2))
    series = (speech, np.clip(level, -100, 0), near, music, broadcast, noise)
    return DayProfile(*(np.asarray(values, np.float32) for values in series))


def _ramp(values: NDArray[np.floating[Any]], low: float, high: float) -> Floats:
    return np.clip((values - low) / (high - low), 0, 1).astype(np.float32)


def _mean(values: NDArray[np.floating[Any]], reach: int) -> Floats:
    """Return the mean over `reach` seconds to either side."""
    if not len(values):
        return values
    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    index = np.arange(len(values))
    low, high = np.maximum(index - reach, 0), np.minimum(index + reach + 1, len(values))
    return ((sums[high] - sums[low]) / (high - low)).astype(np.float32)


def _deviation(values: Floats, reach: int) -> Floats:
    """Return the standard deviation of what is not nan over `reach` seconds to either side; 99 where too few are."""
    known = ~np.isnan(values)
    plain = np.where(known, values, 0).astype(np.float64)
    count = _mean(known.astype(np.float32), reach)
    safe = np.maximum(count, 1e-6)
    mean = _mean(plain, reach) / safe
    square = _mean(plain * plain, reach) / safe
    return np.where(count > 0.3, np.sqrt(np.maximum(square - mean * mean, 0)), 99).astype(np.float32)


def _rolling(values: Floats, reach: int, pick: np.ufunc) -> Floats:
    out = values.copy()
    for shift in range(1, reach + 1):
        out[shift:] = pick(out[shift:], values[:-shift])
        out[:-shift] = pick(out[:-shift], values[shift:])
    return out
