"""Weight a feature by how well it separates the conversations of one day from the rest of the same day.

The level of a feature differs between trades and between recognisers. A mixture of two groups is fitted inside the
recording by a few rounds of expectation maximisation (Dempster, Laird and Rubin 1977), initialised and regularised by
the scores of voices and roles for every interval. A feature that does not separate the groups (colleagues who talk
about the trade all day, natural talk without set phrases) gets a weight near zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]

_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hyper-parameters of one feature.

    Attributes:
        visits, rest, spread: prior levels of customer conversations and of other talk, and spread of the latter.
        gap: minimum distance between the two levels.
        reach: quantile of the likely conversations that is their level; above one half where service talk of other
            kinds may be mistaken for a conversation at first.
        start: quantile of the first estimate.
        slope: log-odds per unit.
        middle: point of no evidence, as a share of the way from the rest to the conversations.
        full: distance at which the feature has its full weight.
        limit: limits of the log-odds, below and above.
        held: number of intervals that the prior level of conversations is worth.
    """

    visits: float
    rest: float
    spread: float
    gap: float
    reach: float
    start: float
    slope: float
    middle: float
    full: float
    limit: tuple[float, float]
    held: float


@dataclass(frozen=True, slots=True)
class Level:
    """Fitted levels of a day.

    Attributes:
        visits: level of the customer conversations.
        rest: level of other talk.
        spread: standard deviation of other talk.
    """

    visits: float
    rest: float
    spread: float


_HELD_REST, _HELD_SPREAD = 2.0, 4.0


def fit(values: Mapping[str, F], kind: F, weight: F, evidence: Mapping[str, Evidence]) -> dict[str, Level]:
    """Fit the levels of a day for each feature.

    Args:
        values: values per feature, shape (intervals,) each.
        kind: log-odds from voices and roles that an interval is a customer conversation.
        weight: weight of each interval, 0..1.
        evidence: hyper-parameters per feature.
    """
    level = {name: Level(e.visits, e.rest, e.spread) for name, e in evidence.items()}
    if not len(kind):
        return level
    first = weight * _logistic(kind)
    for name, e in evidence.items():
        level[name] = Level(max(e.visits, _quantile(values[name], first, e.start)), e.rest, e.spread)
    for _ in range(_ROUNDS):
        total = kind + sum(
            (log_odds(values[name], e, level[name]) for name, e in evidence.items()), np.zeros(len(kind))
        )
        visit = weight * _logistic(total)
        rest = weight - visit
        for name, e in evidence.items():
            x, sure = values[name], float(visit.sum())
            low = (_HELD_REST * e.rest + float(rest @ x)) / (_HELD_REST + float(rest.sum()))
            high = (e.held * e.visits + sure * _quantile(x, visit, e.reach)) / (e.held + sure)
            square = (_HELD_SPREAD * e.spread**2 + float(rest @ (x - low) ** 2)) / (_HELD_SPREAD + float(rest.sum()))
            level[name] = Level(max(high, low + e.gap), low, float(np.sqrt(square)))
    return level


def log_odds(x: F, e: Evidence, level: Level) -> F:
    """Return the log-odds that each value is a conversation's, shape of x; 0 if they do not exceed the rest."""
    middle = level.rest + e.middle * (level.visits - level.rest)
    return np.clip(slope(e, level) * (x - middle), -e.limit[0], e.limit[1])


def slope(e: Evidence, level: Level) -> float:
    """Return the log-odds per unit on this day, >= 0: less if the rest spreads widely or is near the conversations."""
    distance = max(0.0, level.visits - level.rest)
    return e.slope * min(1.0, e.spread / level.spread) * min(1.0, distance / e.full)


def _quantile(x: F, weight: F, share: float) -> float:
    order = np.argsort(x, kind="stable")
    total = np.cumsum(weight[order])
    if total[-1] <= 0:
        return 0.0
    place = min(len(x) - 1, int(np.searchsorted(total, share * float(total[-1]))))
    return float(x[order[place]])


def _logistic(x: F) -> F:
    return 0.5 * (1 + np.tanh(0.5 * x))
