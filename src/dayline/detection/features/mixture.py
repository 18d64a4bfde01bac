"""Two groups of one day: what its visits measure, what the rest does, and where a stretch stands between the two.

The level of an evidence differs from trade to trade and from recogniser to recogniser; what it is worth is how far it
parts the visits from the rest *of the same day*. So a mixture of two groups is fitted inside the recording by a few
rounds of expectation and maximisation (Dempster, Laird and Rubin 1977), started and held by what voices and roles say
of every stretch. An evidence that does not part them (colleagues who talk of the trade all day, natural talk without
set phrases) ends with a weight near nothing by itself.
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
    """How one evidence is weighed. visits, rest, spread: levels before anything was heard.

    gap: least distance of the visits from the rest. reach: which quantile of the likely visits is their level; above
    one half where service talk of other kinds may be taken for visits at first. slope: log-odds per unit. middle: the
    point of no evidence, as a share of the way from the rest to the visits. full: distance at which it weighs fully.
    limit: of the log-odds, below and above. held: how many stretches the first visits' level is worth.
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
    """What the visits and the rest of a day measure, and how far the rest spreads."""

    visits: float
    rest: float
    spread: float


_HELD_REST, _HELD_SPREAD = 2.0, 4.0


def fit(values: Mapping[str, F], kind: F, weight: F, evidence: Mapping[str, Evidence]) -> dict[str, Level]:
    """Levels of a day for each evidence. values: per evidence and stretch, shape (stretches,).

    kind: log-odds from voices and roles that a stretch is a visit. weight: how much a stretch says, 0..1.
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
    """Log-odds that each value is a visit's, shape of x: zero where the day's visits do not stand above its rest."""
    middle = level.rest + e.middle * (level.visits - level.rest)
    return np.clip(slope(e, level) * (x - middle), -e.limit[0], e.limit[1])


def slope(e: Evidence, level: Level) -> float:
    """Log-odds per unit on this day: less where the rest spreads widely or the visits stand near it, never negative."""
    distance = max(0.0, level.visits - level.rest)
    return e.slope * min(1.0, e.spread / level.spread) * min(1.0, distance / e.full)


def _quantile(x: F, weight: F, share: float) -> float:
    order = np.argsort(x, kind="stable")
    total = np.cumsum(weight[order])
    return float(x[order][min(len(x) - 1, int(np.searchsorted(total, share * total[-1])))]) if total[-1] > 0 else 0.0


def _logistic(x: F) -> F:
    return 0.5 * (1 + np.tanh(0.5 * x))
