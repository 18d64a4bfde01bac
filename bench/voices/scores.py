"""Scores of a diarisation against known speakers, on 10 ms frames."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

FRAMES_PER_SECOND = 100


def frames_of(turns: Sequence[tuple[float, float, int]], count: int) -> NDArray[np.int64]:
    """Return the label of each frame, -1 where no turn is."""
    out = np.full(count, -1)
    for start, end, label in turns:
        out[round(start * FRAMES_PER_SECOND) : round(end * FRAMES_PER_SECOND)] = label
    return out


SHORT_PAUSE_SECONDS = 0.3
"""Pauses of one speaker up to this length are speech in the reference, as in NIST's Rich Transcription evaluations
(evaluation plan of RT-09)."""


def without_short_pauses(truth: NDArray[np.integer], seconds: float = SHORT_PAUSE_SECONDS) -> NDArray[np.integer]:
    """Return the reference with pauses of up to `seconds` between speech of one speaker filled."""
    filled = truth.copy()
    for start, end in pairwise((np.flatnonzero(np.diff(truth)) + 1).tolist()):
        is_short = truth[start] == -1 and end - start <= round(seconds * FRAMES_PER_SECOND)
        if is_short and truth[start - 1] == truth[end] >= 0:
            filled[start:end] = truth[end]
    return filled


def scores(truth: NDArray[np.integer], found: NDArray[np.integer], collar_seconds: float = 0.25) -> dict[str, float]:
    """Return purity, coverage, confusion and DER; frames within the collar of a change of the truth are not in DER."""
    both = (truth >= 0) & (found >= 0)
    table = np.zeros((int(truth.max()) + 1, int(found.max()) + 1))
    np.add.at(table, (truth[both], found[both]), 1)
    total = max(table.sum(), 1)
    rows, cols = linear_sum_assignment(-table)
    right = dict(zip(cols.tolist(), rows.tolist(), strict=True))
    named = np.array([right.get(c, -2) for c in range(table.shape[1])] + [-1])[found]
    edges = np.flatnonzero(np.diff(truth)) + 1
    counted = truth > -2  # -2 is speech of several at once
    reach = int(collar_seconds * FRAMES_PER_SECOND)
    for e in edges:
        counted[max(0, e - reach) : e + reach] = False
    speech = max(int(((truth >= 0) & counted).sum()), 1)
    wrong = counted & (truth != named)
    return {
        "purity": float(table.max(0).sum() / total),
        "coverage": float(table.max(1).sum() / total),
        "confusion": float(1 - table[rows, cols].sum() / total),
        "missed": float((wrong & (truth >= 0) & (found < 0)).sum() / speech),
        "false": float((wrong & (truth == -1)).sum() / speech),
        "der": float(wrong.sum() / speech),
        "voices": float(len(np.unique(found[both]))),
    }


def rep_scores(truth: NDArray[np.integer], found: NDArray[np.integer], rep: int, label: int) -> tuple[float, float]:
    """Return precision and recall of the rep's frames, where both say that somebody speaks."""
    both = (truth >= 0) & (found >= 0)
    said, is_rep = found[both] == label, truth[both] == rep
    hit = float((said & is_rep).sum())
    return hit / max(int(said.sum()), 1), hit / max(int(is_rep.sum()), 1)
