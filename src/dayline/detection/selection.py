"""Select candidates of a day that do not overlap and have the largest expected number of correct reports.

Weighted interval scheduling: exact, in time m log m for m candidates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features.candidates import Candidates
from dayline.detection.gbdt import logistic

F = NDArray[np.float64]

KIND_LEVEL, EDGE_LEVEL = 1.9, 0.5
"""Subtracted from the log-odds of kind and boundaries: both were fitted to data with many true conversations."""

KIND_LEVEL_OF_SHORT = 1.3
"""The level of the kind in a recording under half an hour.

Most talk of a day is no visit, most of a short recording is; and with hardly any other talk to compare with, the
evidence that is weighed within the day says less.
"""

PRICE, PRICE_WITHOUT_LABELS, PRICE_OF_SHORT = 0.5, 0.35, 0.3
"""Probability that a report must exceed; the sum of the excess over all reports is maximised.

Without speaker labels all probabilities are low, and a recording under half an hour is likelier to be a visit than
any part of a day: the price of long labelled days would leave too few reports.
"""


def kind_level(*, is_short: bool) -> float:
    """Return the level of the kind of a day. is_short: the recording is under half an hour."""
    return KIND_LEVEL_OF_SHORT if is_short else KIND_LEVEL


def chance(kind: F, edge: F, level: float = KIND_LEVEL) -> F:
    """Return the probability before calibration that a report with these log-odds of kind and boundaries is correct.

    level: `kind_level` of the day.
    """
    return logistic(kind - level) * logistic(edge - EDGE_LEVEL)


def price(has_voices: bool, *, is_short: bool = False) -> float:
    """Return the price of a report on a day with or without labels. is_short: the recording is under half an hour."""
    if not has_voices:
        return PRICE_WITHOUT_LABELS
    return PRICE_OF_SHORT if is_short else PRICE


def best_set(spans: Candidates, chance: F, price: float) -> list[int]:
    """Return the indices of the selected candidates in order of time.

    Args:
        spans: candidates of a day.
        chance: probability that each is correct, shape (m,).
        price: cost of a report; a candidate below it is never selected.
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
