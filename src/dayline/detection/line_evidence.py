"""What the network of single lines (`features/talk_kind.py`) says of candidates.

Its log-odds join the kind of a candidate as the wording does. With speaker labels their mean joins; on labelled days of
half an hour and more it decides besides how much the words of the playbook count, and the topic cues, which are counts
of phrases, count for nothing. Without labels the boundaries gain as well: where a conversation begins, the lines after
the boundary read more like a customer's than those before. There the network takes private talk for a customer's more
often than notes to oneself or broadcasts, so that on such days of half an hour and more not only the mean joins, but
what share of the lines it takes for each kind of talk; in shorter recordings it is the sum over the square root of the
number of lines. Words alone are read, so talk in another language than English gets nothing, and neither does a day on
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

SHARE_WEIGHTS = (1.2, 0.0, 0.95, -0.45, -1.05, -1.4)
"""Without speaker labels, weights of the logarithms of the share of the lines that is of each of `talk_kind.KINDS`."""

LEAST_SHARE, SHARE_MEAN_WEIGHT, SHARE_LIMITS = 0.03, 0.6, (-5.0, 4.0)
"""What is added to every share, the weight of the mean beside them, and limits of the result."""

SHARE_LEVEL, SHARE_LEVEL_WITHOUT_PLAYBOOK = -6.1, -4.9
"""Log-odds that are added to those of the shares, with a playbook and without."""

PLAYBOOK_SHARE, PLAYBOOK_IN_FAVOUR, PLAYBOOK_IN_FAVOUR_BY_LINES = 0.5, 0.75, 0.33
"""Where the shares count, what is left of the playbook's log-odds, how much of those above zero is added to it, and how
much of them per unit of the mean of the lines."""

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
    mean = np.clip(means(h.talk_kind, found.first, found.last), -MEAN_LIMIT, MEAN_LIMIT)
    is_short = short_recordings.applies(u)
    if not u.has_voices:
        told = SUM_WEIGHT * of_spans(h.talk_kind - SUM_MIDDLE, found.first, found.last)
        h.added["lines"] = np.where(is_english, np.clip(trust(h) * told, *SUM_LIMITS), 0.0)
        if not is_short and "whole" not in h.added:
            _weigh_shares(h, share, mean)
        return
    h.added["lines"] = share * (WEIGHT_OF_SHORT if is_short else WEIGHT_OF_DAYS) * (mean - MEAN_MIDDLE)
    if not is_short:
        _weigh_words(h, share, mean)


def _weigh_shares(h: DayFeatures, share: F, mean: F) -> None:
    """Let the shares of the kinds of talk count without speaker labels, in place of topic cues and missing numbers.

    Args:
        h: the day.
        share: how much of this applies to each candidate, shape (m,).
        mean: mean of the lines of each candidate, shape (m,).
    """
    for name in {"numbers", *topic_cues.NAMES} & set(h.added):
        h.added[name] = (1.0 - share) * h.added[name]
    h.added["lines"] = (1.0 - share) * h.added["lines"] + share * by_shares(h, mean)
    if "playbook" in h.added:
        told = h.added["playbook"]
        factor = PLAYBOOK_IN_FAVOUR + PLAYBOOK_IN_FAVOUR_BY_LINES * mean
        h.added["playbook"] = told + share * ((PLAYBOOK_SHARE - 1.0) * told + factor * np.maximum(told, 0.0))


def by_shares(h: DayFeatures, mean: F) -> F:
    """Return the log-odds by the shares of the kinds of talk among the lines of each candidate, shape (m,).

    mean: mean of the lines of each candidate, shape (m,).
    """
    first, last = h.candidates.first, h.candidates.last
    total = np.vstack([np.zeros((1, h.kind_shares.shape[1])), np.cumsum(h.kind_shares, axis=0)])
    shares = (total[last] - total[first]) / (last - first)[:, None]
    level = SHARE_LEVEL if "playbook" in h.added else SHARE_LEVEL_WITHOUT_PLAYBOOK
    told = np.log(shares + LEAST_SHARE) @ np.array(SHARE_WEIGHTS) + SHARE_MEAN_WEIGHT * mean + level
    return np.clip(told, *SHARE_LIMITS)


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
