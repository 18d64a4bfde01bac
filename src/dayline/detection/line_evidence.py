"""What the network of single lines (`features/talk_kind.py`) says of candidates.

Its log-odds join the kind of a candidate as the wording does. With speaker labels their mean joins; on labelled days of
half an hour and more it decides besides how much the words of the playbook count, and the topic cues, which are counts
of phrases, count for nothing. Without labels their sum over the square root of the number of lines joins, and the
boundaries gain as well: where a conversation begins, the lines after the boundary read more like a customer's than
those before. Words alone are read, so talk in another language than English gets nothing, and neither does a day on
which the network takes most talk for a customer's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection import counter_evidence
from dayline.detection.day_features import DayFeatures
from dayline.detection.features import short_recordings, topic_cues

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

WEIGHT_OF_DAYS, WEIGHT_OF_SHORT, MEAN_MIDDLE, MEAN_LIMIT = 2.0, 1.0, 0.3, 2.0
"""Weights of the mean with speaker labels, on days and in recordings under half an hour, the mean that says nothing and
its limit.

So talk of a kind that the network never saw is not decided by it alone.
"""

SUM_WEIGHT, SUM_MIDDLE, SUM_LIMITS = 0.2, 0.25, (-1.0, 2.0)
"""Weight of the sum without speaker labels, log-odds of a line that says nothing, and limits of the result."""

PLAYBOOK_BY_LINES = 0.5
"""By how much of themselves the playbook's log-odds for a visit grow per unit of the mean of the lines."""

PRIOR_LINES = 5.0
"""Lines that say nothing, added to those of a candidate."""

CONTRAST_WEIGHT, CONTRAST_LINES, CONTRAST_LIMIT = 0.1, 5, 3.0
"""Weight of the difference at each end without speaker labels, the lines on either side, and its limit."""

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
    """Add the evidence of the lines to the kind of each candidate, once all other evidence but the votes is there."""
    u, found = h.utterances, h.candidates
    _, is_english = counter_evidence.language_of(u, found.first, found.last)
    share = trust(h) * is_english.astype(np.float64)
    if not u.has_voices:
        told = SUM_WEIGHT * of_spans(h.talk_kind - SUM_MIDDLE, found.first, found.last)
        h.added["lines"] = np.where(is_english, np.clip(trust(h) * told, *SUM_LIMITS), 0.0)
        return
    mean = np.clip(means(h.talk_kind, found.first, found.last), -MEAN_LIMIT, MEAN_LIMIT)
    is_short = short_recordings.applies(u)
    h.added["lines"] = share * (WEIGHT_OF_SHORT if is_short else WEIGHT_OF_DAYS) * (mean - MEAN_MIDDLE)
    if not is_short:
        _weigh_words(h, share, mean)


def _weigh_words(h: DayFeatures, share: F, mean: F) -> None:
    """Let the playbook's words for a visit count by the mean of the lines, and the topic cues for nothing.

    Args:
        h: the day.
        share: how much of this applies to each candidate, shape (m,).
        mean: mean of the lines of each candidate, shape (m,).
    """
    for name in topic_cues.NAMES:
        h.added[name] = (1.0 - share) * h.added[name]
    if "playbook" in h.added:
        told = h.added["playbook"]
        h.added["playbook"] = told + share * PLAYBOOK_BY_LINES * mean * np.maximum(told, 0.0)


def add_to_boundaries(h: DayFeatures) -> None:
    """Add the contrast of the lines at both ends to the boundaries of each candidate."""
    u, found = h.utterances, h.candidates
    _, is_english = counter_evidence.language_of(u, found.first, found.last)
    told = contrast(h.talk_kind, found.first, found.last)
    h.edge = h.edge + np.where(is_english, trust(h) * CONTRAST_WEIGHT * told, 0.0)


def of_spans(lines: F, first: I, last: I) -> F:
    """Return the sum of the log-odds of lines [first, last) by the square root of their number, shape (m,)."""
    return _sums(lines, first, last) / np.sqrt(last - first + PRIOR_LINES)


def means(lines: F, first: I, last: I) -> F:
    """Return the mean of the log-odds of lines [first, last) and some that say nothing, shape (m,)."""
    return _sums(lines, first, last) / (last - first + PRIOR_LINES)


def _sums(lines: F, first: I, last: I) -> F:
    total = np.concatenate([[0.0], np.cumsum(lines)])
    return total[last] - total[first]


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
