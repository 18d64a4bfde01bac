"""Mix several channels or sound tracks into one voice track, with a decision for every ten seconds.

A plain average cancels sound in opposite phase (a badly wired microphone: left = -right is silence) and halves
sound on one side only. So each block is analysed first: silent sides are left out, sides in opposite phase
are inverted, a late copy of the same sound is left out, and the rest is mixed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dayline.domain.clip import SAMPLE_RATE_HZ

_SILENT_BELOW_LOUDEST = 0.03
"""A side 30 dB under the loudest one counts as silent."""
_SILENCE = 1e-7
_INVERTED_BELOW = -0.4
_LATE_COPY_OVER = 0.7
_MAX_LAG_SAMPLES = 32
"""Two milliseconds: microphones 70 cm apart."""
_LISTENED_SAMPLES = 1 << 16
_WORTH_TELLING_SECONDS = 2.0


@dataclass(slots=True)
class MixReport:
    """How many seconds of sound were treated in which way.

    Attributes:
        mixed_seconds: two or more sides were put together.
        inverted_seconds: a side in opposite phase was inverted before.
        late_copy_seconds: a side that repeats another one up to 2 ms later was left out.
        used_seconds: for each side, how long it was used.
    """

    mixed_seconds: float = 0.0
    inverted_seconds: float = 0.0
    late_copy_seconds: float = 0.0
    used_seconds: list[float] = field(default_factory=list[float])


class Mixer:
    """Mixes blocks of shape (sides, n) to one voice track of shape (n,)."""

    def __init__(self) -> None:
        self.report = MixReport()

    def mix(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return one side out of all. Samples are float, full scale is 1."""
        sides = block.shape[0]
        seconds = block.shape[1] / SAMPLE_RATE_HZ
        used = self.report.used_seconds
        used.extend([0.0] * (sides - len(used)))
        if sides == 1:
            used[0] += seconds
            return block[0]
        power = np.sqrt(np.einsum("ij,ij->i", block, block) / max(1, block.shape[1]))
        loudest = int(power.argmax())
        if power[loudest] <= _SILENCE:
            return block[loudest]
        kept, signs, shared = [loudest], [1.0], 0.0
        used[loudest] += seconds
        has_inverted = has_late_copy = False
        for side in range(sides):
            if side == loudest or power[side] <= power[loudest] * _SILENT_BELOW_LOUDEST:
                continue
            likeness, lag = _likeness(block[loudest], block[side])
            if abs(likeness) >= _LATE_COPY_OVER and lag != 0:
                has_late_copy = True
                continue
            is_inverted = likeness <= _INVERTED_BELOW
            has_inverted |= is_inverted
            kept.append(side)
            signs.append(-1.0 if is_inverted else 1.0)
            shared += abs(likeness)
            used[side] += seconds
        self.report.inverted_seconds += seconds * has_inverted
        self.report.late_copy_seconds += seconds * has_late_copy
        self.report.mixed_seconds += seconds * (len(kept) > 1)
        # Sides with the same sound are averaged; sides with different people (a call) are added, each at its own
        # level.
        weights = np.array(signs, np.float32) / np.float32(1.0 + shared)
        return np.asarray(weights @ block[kept], np.float32)

    def warnings(self, noun: str) -> list[str]:
        """Return sentences about the mixing; `noun` names a side: channel, or sound track."""
        report, told = self.report, list[str]()
        if report.inverted_seconds >= _WORTH_TELLING_SECONDS:
            told.append(
                f"Two {noun}s stand in opposite phase for {report.inverted_seconds:.0f} s: "
                "one was inverted, otherwise they would cancel each other."
            )
        if report.late_copy_seconds >= _WORTH_TELLING_SECONDS:
            told.append(
                f"A {noun} repeats another one a moment later for {report.late_copy_seconds:.0f} s: "
                "the louder one was used."
            )
        return told


def _likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[float, int]:
    """Return the correlation of largest magnitude within two milliseconds, and its lag in samples."""
    start = max(0, (len(one) - _LISTENED_SAMPLES) // 2)
    a = one[start : start + _LISTENED_SAMPLES]
    b = other[start : start + _LISTENED_SAMPLES]
    if len(a) <= 4 * _MAX_LAG_SAMPLES:
        return 0.0, 0
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    if scale <= _SILENCE:
        return 0.0, 0
    core = a[_MAX_LAG_SAMPLES:-_MAX_LAG_SAMPLES]
    lags = range(-_MAX_LAG_SAMPLES, _MAX_LAG_SAMPLES + 1)
    found = {
        lag: float(np.dot(core, b[_MAX_LAG_SAMPLES + lag : len(b) - _MAX_LAG_SAMPLES + lag])) / scale for lag in lags
    }
    best = max(lags, key=lambda lag: abs(found[lag]))
    # A lag is used only when it correlates clearly better than none.
    return (found[best], best) if abs(found[best]) > abs(found[0]) + 0.1 else (found[0], 0)
