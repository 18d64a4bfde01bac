"""What is talked about, in fixed weights: trade and address speak for a visit; family, office and broadcast against it.

The weights are set by hand and never fitted. Trees that were given these rates learned the style of their training
dialogues and nothing else: on another corpus they found 4 % of the visits. Fixed weights with limits carry over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.boundaries.evidence import spans

F = NDArray[np.float64]

_TRADE = ("price", "offer", "ask_need", "next_step", "objection", "request")
# name: (acts whose rates per 100 words are added, weight, limit of the rate, offset and floor in log-odds). The floors:
# natural sales talk holds few phrases of trade per word, so that their absence may say little.
_WEIGHTS: dict[str, tuple[tuple[str, ...], float, float, float, float]] = {
    "trade": (_TRADE, 0.25, 10.0, -0.9, -0.3),
    "address": (("you",), 0.12, 8.3, -0.4, -0.1),
    "greeting": (("intro",), 0.6, 1.5, 0.0, 0.0),
    "family": (("family",), -1.2, 3.0, 0.0, -3.6),
    "office": (("office", "told"), -0.8, 3.0, 0.0, -2.4),
    "broadcast": (("broadcast",), -1.0, 2.0, 0.0, -2.0),
}
NAMES: tuple[str, ...] = tuple(_WEIGHTS)


def log_odds(rows: F) -> dict[str, F]:
    """Log-odds that each subject adds to "this is a visit", for rows of `spans.measure`; shape (rows,) each."""
    out: dict[str, F] = {}
    for name, (names, weight, limit, offset, floor) in _WEIGHTS.items():
        rate = sum((rows[:, spans.NAMES.index(f"rate_{a}")] for a in names), np.zeros(len(rows)))
        out[name] = np.maximum(weight * np.minimum(rate, limit) + offset, floor)
    return out
