"""Turn the scores of a candidate into the probability that a report of it is right.

A logistic regression on the scores and the circumstances (labels, length, reader), fitted to reports on businesses
that no model was trained on (`bench/detection/calibration`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt
from dayline.detection.day_features import DayFeatures
from dayline.detection.features import short_recordings
from dayline.detection.reader_fusion import Reading

F = NDArray[np.float64]

NAMES: tuple[str, ...] = (
    "bias",
    "kind",
    "edge",
    "chance",
    "clearest",
    "minutes",
    "unlabelled",
    "unlabelled_kind",
    "short",
    "unlabelled_short",
    "read",
    "supported",
)
_KIND_LIMIT, _EDGE_LIMIT = 5.0, 4.0
_READ_SHARE = 0.5


def inputs(h: DayFeatures, reading: Reading | None, kind: F | None = None) -> F:
    """Inputs of the regression, shape (m, len(NAMES)). kind: log-odds in place of `kind_log_odds`."""
    odds = h.kind_log_odds if kind is None else kind
    m = len(odds)
    chance = gbdt.logistic(odds) * gbdt.logistic(h.edge[:m])
    kind = np.clip(odds, -_KIND_LIMIT, _KIND_LIMIT)
    edge = np.clip(h.edge[:m], -_EDGE_LIMIT, _EDGE_LIMIT)
    out = np.zeros((m, len(NAMES)))
    unlabelled = float(not h.utterances.has_voices)
    short = float(short_recordings.applies(h.utterances))
    values: dict[str, F | float] = {
        "bias": 1.0,
        "kind": kind,
        "edge": edge,
        "chance": chance,
        "clearest": float(chance.max()) if m else 0.0,
        "minutes": np.log1p((h.candidates.end - h.candidates.start)[:m] / 60),
        "unlabelled": unlabelled,
        "unlabelled_kind": unlabelled * kind,
        "short": short,
        "unlabelled_short": unlabelled * short,
    }
    if reading is not None and reading.windows_read:
        supported = np.zeros(m)
        supported[list(reading.supports)] = 1.0
        lines = np.concatenate([[0], np.cumsum(reading.read)])
        share = (lines[h.candidates.last] - lines[h.candidates.first]) / (h.candidates.last - h.candidates.first)
        values |= {"read": (share > _READ_SHARE).astype(np.float64), "supported": supported}
    for name, value in values.items():
        out[:, NAMES.index(name)] = value
    return out


def is_fitted(h: DayFeatures, reading: Reading | None) -> bool:
    """Whether the regression says how likely reports of a day are right.

    A reading that supports nothing does not make a day of mere words surer than it is without one.
    """
    is_supported = reading is not None and bool(reading.supports)
    return is_supported or not short_recordings.knows_words_only(h.utterances)


def confidence(h: DayFeatures, reading: Reading | None, kind: F | None = None) -> F:
    """Probability that a report of each candidate is right, shape (m,).

    On a day without speaker labels that nobody read it is the product of both scores, which told the truth better on
    businesses left out than a regression did.
    """
    if not is_fitted(h, reading):
        odds = h.kind_log_odds if kind is None else kind
        return gbdt.logistic(odds) * gbdt.logistic(h.edge[: len(odds)])
    return gbdt.logistic(inputs(h, reading, kind) @ gbdt.table("confidence"))
