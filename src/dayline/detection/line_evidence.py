"""What the network of single lines (`features/talk_kind.py`) says of candidates.

Its log-odds join the kind of a candidate as the wording does: their sum over the square root of the number of lines.
Without speaker labels the boundaries gain by them as well: where a conversation begins, the lines after the boundary
read more like a customer's than those before. Words alone are read, so talk in another language than English gets
nothing, and neither does a day on which the network takes most talk for a customer's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection import counter_evidence
from dayline.detection.day_features import DayFeatures
from dayline.detection.features import short_recordings

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

WEIGHT_OF_DAYS, WEIGHT = 0.3, 0.2
"""Weight of the sum on labelled days of half an hour and more, and in all other recordings."""

MIDDLE, PRIOR_LINES = 0.25, 5.0
"""Log-odds of a line that says nothing, and lines that are added to those of a candidate."""

CONTRAST_WEIGHT, CONTRAST_LINES, CONTRAST_LIMIT = 0.1, 5, 3.0
"""Weight of the difference at each end without speaker labels, the lines on either side, and its limit."""


LIMITS_OF_DAYS, LIMITS = (-3.0, 3.0), (-1.0, 2.0)
"""Limits of the log-odds on labelled days of half an hour and more, and in all other recordings.

So talk of a kind that the network never saw is not decided by it alone; with labels voices and roles decide beside it.
"""

TRUSTED_TO, TRUSTED_FROM = 0.4, 0.1
"""Mean log-odds of all lines of a day from which the network counts for nothing, and below which it counts in full.

Most talk of a day is no customer conversation. On service days of a source that the network was not trained on the mean
is 1.3, on days of the corpus -0.4; there it takes broadcasts and office talk for customers.
"""


def trust(h: DayFeatures) -> float:
    """Return how much the network counts on a day, 0..1: nothing where it takes most talk for a customer's.

    A recording under half an hour may well be customer talk for the most part, so that there its mean says nothing.
    """
    if short_recordings.applies(h.utterances) or not len(h.talk_kind):
        return 1.0
    return float(np.clip((TRUSTED_TO - h.talk_kind.mean()) / (TRUSTED_TO - TRUSTED_FROM), 0.0, 1.0))


def add_to_kind(h: DayFeatures) -> None:
    """Add the evidence of the lines to the kind of each candidate."""
    u, found = h.utterances, h.candidates
    is_labelled_day = u.has_voices and not short_recordings.applies(u)
    weight, limits = (WEIGHT_OF_DAYS, LIMITS_OF_DAYS) if is_labelled_day else (WEIGHT, LIMITS)
    _, is_english = counter_evidence.language_of(u, found.first, found.last)
    told = of_spans(h.talk_kind - MIDDLE, found.first, found.last)
    h.added["lines"] = np.where(is_english, np.clip(trust(h) * weight * told, *limits), 0.0)


def add_to_boundaries(h: DayFeatures) -> None:
    """Add the contrast of the lines at both ends to the boundaries of each candidate."""
    u, found = h.utterances, h.candidates
    _, is_english = counter_evidence.language_of(u, found.first, found.last)
    told = contrast(h.talk_kind, found.first, found.last)
    h.edge = h.edge + np.where(is_english, trust(h) * CONTRAST_WEIGHT * told, 0.0)


def of_spans(lines: F, first: I, last: I) -> F:
    """Return the sum of the log-odds of lines [first, last) by the square root of their number, shape (m,)."""
    total = np.concatenate([[0.0], np.cumsum(lines)])
    return (total[last] - total[first]) / np.sqrt(last - first + PRIOR_LINES)


def contrast(lines: F, first: I, last: I) -> F:
    """Return how much more the lines inside both ends speak for a customer than those outside, shape (m,)."""
    total, n = np.concatenate([[0.0], np.cumsum(lines)]), len(lines)

    def mean(a: I, b: I) -> F:
        return (total[b] - total[a]) / np.maximum(1, b - a)

    after, before = np.minimum(n, first + CONTRAST_LINES), np.maximum(0, first - CONTRAST_LINES)
    at_start = mean(first, after) - mean(before, first)
    inside, outside = np.maximum(0, last - CONTRAST_LINES), np.minimum(n, last + CONTRAST_LINES)
    at_end = mean(inside, last) - mean(last, outside)
    return np.clip(at_start, -CONTRAST_LIMIT, CONTRAST_LIMIT) + np.clip(at_end, -CONTRAST_LIMIT, CONTRAST_LIMIT)
