"""Turn the scores of a candidate into the probability that a report of it is correct.

A logistic regression on their product, the reports per hour and the circumstances (labels, short recording, reader,
memory of earlier days), fitted to reports of the detector's own selection on businesses that no model was trained on
(`bench/detection/calibration`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt, selection
from dayline.detection.day_features import DayFeatures
from dayline.detection.features import short_recordings
from dayline.detection.reader_fusion import Reading

F = NDArray[np.float64]

_SCORES: tuple[str, ...] = ("bias", "chance", "short", "reports_per_hour")
NAMES: tuple[str, ...] = (
    *_SCORES,
    *(f"unlabelled_{name}" for name in _SCORES),
    *(f"known_{name}" for name in _SCORES if name != "short"),
    "read",
    "supported",
)
_CHANCE_LIMIT = 0.999
_RATE_LIMITS = (-3.0, 2.0)
"""Limits of the logarithm of the reports per hour."""

_READ_SHARE = 0.5


def chosen(h: DayFeatures, kind: F | None = None, edge: F | None = None) -> list[int]:
    """Return the reported candidates in order of time. kind, edge: log-odds to use instead of the day's own."""
    u = h.utterances
    price = selection.price(u.has_voices, is_short=short_recordings.applies(u))
    return selection.best_set(h.candidates, _chance(h, kind, edge), price)


def inputs(h: DayFeatures, reading: Reading | None, kind: F | None = None, edge: F | None = None) -> F:
    """Return the inputs of the regression, shape (m, len(NAMES)).

    The log-odds of the chance, how many reports there are per hour of a day, and the circumstances are used: few
    reports in a long recording are more often errands of a day with hardly a visit. With the separate scores, the
    length, the median of the day or its clearest other report as further inputs, the regression was no more accurate
    on businesses that it was not fitted to.

    Args:
        h: the day.
        reading: what a reader found.
        kind, edge: log-odds without memory and reader, in place of `kind_log_odds` and `edge`.
    """
    chance = np.clip(_chance(h, kind, edge), 1 - _CHANCE_LIMIT, _CHANCE_LIMIT)
    m, is_short = len(chance), short_recordings.applies(h.utterances)
    values: dict[str, F | float] = {
        "bias": 1.0,
        "chance": np.log(chance / (1 - chance)),
        "short": float(is_short),
        "reports_per_hour": 0.0 if is_short else _log_rate(h, len(chosen(h, kind, edge))),
    }
    if not h.utterances.has_voices:
        values |= {f"unlabelled_{name}": value for name, value in values.items()}
    if h.days_known and h.utterances.has_voices and kind is None:
        values |= {name: values[name.removeprefix("known_")] for name in NAMES if name.startswith("known_")}
    if reading is not None and reading.windows_read:
        supported = np.zeros(m)
        supported[list(reading.supports)] = 1.0
        lines = np.concatenate([[0], np.cumsum(reading.read)])
        share = (lines[h.candidates.last] - lines[h.candidates.first]) / (h.candidates.last - h.candidates.first)
        values |= {"read": (share > _READ_SHARE).astype(np.float64), "supported": supported}
    out = np.zeros((m, len(NAMES)))
    for name, value in values.items():
        out[:, NAMES.index(name)] = value
    return out


def confidence(h: DayFeatures, reading: Reading | None, kind: F | None = None, edge: F | None = None) -> F:
    """Return the probability that a report of each candidate is correct, shape (m,)."""
    return gbdt.logistic(inputs(h, reading, kind, edge) @ gbdt.table("confidence"))


def _log_rate(h: DayFeatures, reports: int) -> float:
    """Return the logarithm of the reports per hour of recording; a day without a report counts as one with one."""
    hours = (h.utterances.finish_seconds - h.utterances.begin_seconds) / 3600
    return float(np.clip(np.log(max(1, reports) / hours), *_RATE_LIMITS))


def _chance(h: DayFeatures, kind: F | None, edge: F | None) -> F:
    odds = h.kind_log_odds if kind is None else kind
    level = selection.kind_level(is_short=short_recordings.applies(h.utterances))
    return selection.chance(odds, (h.edge if edge is None else edge)[: len(odds)], level)
