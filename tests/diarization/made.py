"""Days made of vectors: voices as directions, rooms as what all voices of a conversation share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dayline.diarization.voice_windows import VoiceWindows

DIMENSIONS = 256


@dataclass
class MadeDay:
    windows: VoiceWindows
    truth: np.ndarray
    """Number of the voice in each window; 0 is the rep."""


def voice(number: int) -> np.ndarray:
    """A voice as the encoder would give it: non-negative, so that strangers are alike by about .5."""
    return np.abs(np.random.default_rng(1000 + number).standard_normal(DIMENSIONS)) * 1.2


def day(casts: list[list[int]], *, turns: int = 20, seed: int = 1, gap_seconds: float = 60.0) -> MadeDay:
    """Conversations of the given casts, who take turns of two to eight windows."""
    draw = np.random.default_rng(seed)
    starts: list[float] = []
    rows: list[np.ndarray] = []
    truth: list[int] = []
    clock = 10.0
    for cast in casts:
        room = draw.standard_normal(DIMENSIONS) * 0.25
        for turn in range(turns):
            who = cast[turn % len(cast)]
            for _ in range(int(draw.integers(2, 9))):
                row = np.maximum(voice(who) + room + draw.standard_normal(DIMENSIONS) * 0.35, 0)
                rows.append(row / np.linalg.norm(row))
                starts.append(clock)
                truth.append(who)
                clock += 0.8
            clock += 1.2
        clock += gap_seconds
    start = np.array(starts)
    return MadeDay(VoiceWindows("made", start, start + 1.6, np.array(rows, np.float16)), np.array(truth))
