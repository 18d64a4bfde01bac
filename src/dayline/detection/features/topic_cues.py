"""Topic cues: trade and address are evidence for a customer conversation; family, office and broadcast against it.

The weights are set by hand and never fitted: trees on these rates learned the style of their training dialogues and
found 4 % of the conversations of another corpus. The weight of their sum is fitted within each day (`mixture.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features import candidates

F = NDArray[np.float64]

_TRADE = ("price", "offer", "ask_need", "next_step", "objection", "request")
# name: (acts whose rates per 100 words are added, weight, limit of the rate, offset and floor in log-odds). The floors:
# natural sales talk has few trade phrases per word, so their absence is weak evidence.
_WEIGHTS: dict[str, tuple[tuple[str, ...], float, float, float, float]] = {
    "trade": (_TRADE, 0.25, 10.0, -0.9, -0.3),
    "address": (("you",), 0.12, 8.3, -0.4, -0.1),
    "greeting": (("intro",), 0.6, 1.5, 0.0, 0.0),
    "family": (("family",), -1.2, 3.0, 0.0, -3.6),
    "office": (("office", "told"), -0.8, 3.0, 0.0, -2.4),
    "broadcast": (("broadcast",), -1.0, 2.0, 0.0, -2.0),
}
NAMES: tuple[str, ...] = tuple(_WEIGHTS)


def score(rows: F) -> dict[str, F]:
    """Return the log-odds of each cue on one scale, for rows of `candidates.measure`; shape (rows,) each."""
    out: dict[str, F] = {}
    for name, (names, weight, limit, offset, floor) in _WEIGHTS.items():
        rate = sum((rows[:, candidates.NAMES.index(f"rate_{a}")] for a in names), np.zeros(len(rows)))
        out[name] = np.maximum(weight * np.minimum(rate, limit) + offset, floor)
    return out


def relative(parts: dict[str, F], usual: Mapping[str, float], slope: float, total: F) -> dict[str, F]:
    """Split the log-odds of all cues among them by their distances from the day's mean.

    Args:
        parts: values of `score`.
        usual: the day's mean of each cue.
        slope: log-odds per unit.
        total: log-odds of all cues, shape (rows,); the part not explained by the distances is shared evenly.
    """
    away = {name: slope * (values - usual[name]) for name, values in parts.items()}
    left = (total - sum(away.values(), np.zeros(len(total)))) / len(parts)
    return {name: values + left for name, values in away.items()}
