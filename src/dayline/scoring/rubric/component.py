"""A component of a pillar, and the curves by which a figure becomes a share of its weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dayline.scoring.conversation import Quote


@dataclass(frozen=True, slots=True)
class Component:
    """One known part of a pillar.

    Attributes:
        key: its name in the documentation.
        weight: share of the pillar, 0..100.
        share: share of the weight that is reached, 0..1.
        counted: the fact or figure in words.
        quotes: supporting quotes; empty for figures counted or estimated over the whole conversation.
        is_estimate: whether it is an estimate, which bears on the score and is not stated in feedback.

    """

    key: str
    weight: float
    share: float
    counted: str
    quotes: tuple[Quote, ...] = ()
    is_estimate: bool = False


def rising(amount: float, full: float) -> float:
    """Return 0..1, increasing with the square root of the amount up to `full`: the first counts more than the tenth."""
    return min(1.0, math.sqrt(max(0.0, amount) / full)) if full > 0 else 0.0


def falling(value: float, best: float, worst: float) -> float:
    """Return 1 at or beyond `best`, 0 at or beyond `worst`, linear in between."""
    share = (worst - value) / (worst - best)
    return max(0.0, min(1.0, share))
