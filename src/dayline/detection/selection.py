"""Picks the stretches of a day that do not overlap and together promise the most right reports.

Weighted interval scheduling: exact, in time m log m for m stretches.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features.candidates import Candidates

F = NDArray[np.float64]

# What a report costs on a day without a clear visit and on one with: beside a clear one, a doubtful stretch is likelier
# to be something else (an errand, a supplier) than on a day on which all visits are hard to tell.
PRICES = (0.5, 0.62)
_CLEAR = (0.8, 0.92)


def price_of_a_report(chance: F) -> float:
    """The price on a day whose stretches have these chances."""
    clearest = float(chance.max()) if len(chance) else 0.0
    return float(np.interp(clearest, _CLEAR, PRICES))


def best_set(spans: Candidates, chance: F, price: float) -> list[int]:
    """Indices of the chosen spans in order of time.

    chance: probability that the span is right, shape (m,). price: what a report costs; a span below it is never taken.
    """
    worth = chance - price
    rows = np.flatnonzero(worth > 0)
    if not len(rows):
        return []
    rows = rows[np.argsort(spans.last[rows], kind="stable")]
    ends = spans.last[rows]
    free = np.searchsorted(ends, spans.first[rows], side="right")
    total = np.zeros(len(rows) + 1)
    taken = np.zeros(len(rows), dtype=bool)
    for i, row in enumerate(rows):
        with_it = float(worth[row]) + total[free[i]]
        taken[i] = with_it > total[i]
        total[i + 1] = max(with_it, total[i])
    out: list[int] = []
    i = len(rows)
    while i > 0:
        if taken[i - 1]:
            out.append(int(rows[i - 1]))
            i = int(free[i - 1])
        else:
            i -= 1
    return out[::-1]
