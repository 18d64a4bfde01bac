"""Difference between the talk just inside a candidate and the talk just outside of it.

At every boundary of a candidate the kind of talk is scored in a window of lines before and in one after, with all
evidence of the day. At a correct boundary the kind changes, also when voices are not distinguished.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection import day_evidence
from dayline.detection.day_features import DayFeatures, Fitted, kind_rows
from dayline.detection.features import boundary_features, candidates

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

WINDOW_WORDS = (60, 200)
_BREAK_SECONDS = 90.0
"""A window ends at a silence of this length."""

_LIMIT = 8.0

NAMES: tuple[str, ...] = (
    *(
        f"{name}_{words}"
        for words in WINDOW_WORDS
        for name in ("start_inside", "start_outside", "start_change", "end_inside", "end_outside", "end_change")
    ),
    "lowest_inside",
    "lowest_below_whole",
)


def measure(h: DayFeatures, fitted: Fitted, spans: candidates.Candidates, kind: F) -> F:
    """Return the features of each span: shape (m, len(NAMES)), NaN where nothing is said.

    Args:
        h: the day.
        fitted: levels of its evidence.
        spans: lines of the spans.
        kind: log-odds of the kind of the whole spans, shape (m,).
    """
    out = np.full((len(spans), len(NAMES)), np.nan)
    if not len(spans):
        return out
    places = np.unique(np.concatenate([spans.first, spans.last]))
    at_start, at_end = np.searchsorted(places, spans.first), np.searchsorted(places, spans.last)
    column = 0
    for words in WINDOW_WORDS:
        before, after = _reach(h, places, words)
        left = local_kind(h, fitted, before, places)
        right = local_kind(h, fitted, places, after)
        for inside, outside in ((right[at_start], left[at_start]), (left[at_end], right[at_end])):
            out[:, column], out[:, column + 1], out[:, column + 2] = inside, outside, inside - outside
            column += 3
        if words == WINDOW_WORDS[0]:
            lowest = -candidates.most(-np.nan_to_num(right, nan=_LIMIT), at_start, _fits(after, spans.last), np.nan)
            out[:, -2], out[:, -1] = lowest, lowest - np.clip(kind, -_LIMIT, _LIMIT)
    return out


def local_kind(h: DayFeatures, fitted: Fitted, first: I, last: I) -> F:
    """Return the log-odds of the kind of lines [first, last), within -8 and 8; NaN for an empty range."""
    some = np.flatnonzero(last > first)
    out = np.full(len(first), np.nan)
    if not len(some):
        return out
    a, b, u = first[some], last[some], h.utterances
    end = np.maximum.accumulate(u.end)[b - 1]
    spans = candidates.Candidates(a, b, u.start[a], end, np.zeros(len(a)))
    rows = candidates.measure(u, h.roles, h.act_counts, h.boundary_chance, spans)
    odds = day_evidence.kind_log_odds(kind_rows(rows, h.language, a, b), u.has_voices)
    odds += sum(day_evidence.of_spans(h, fitted, rows, a, b).values(), np.zeros(len(a)))
    out[some] = np.clip(odds, -_LIMIT, _LIMIT)
    return out


def _reach(h: DayFeatures, places: I, words: int) -> tuple[I, I]:
    """Return the first line of the window before each place and the end of the window after it."""
    u = h.utterances
    n = len(u)
    total = np.concatenate([[0.0], np.cumsum(u.words)])
    breaks = np.concatenate([[0], np.flatnonzero(boundary_features.gaps(u)[1:n] > _BREAK_SECONDS) + 1, [n]])
    before = np.searchsorted(total, total[places] - words, side="right") - 1
    after = np.searchsorted(total, total[places] + words, side="left")
    # At a long silence the window before the place is empty; the lines that follow belong to the window after it.
    last_break = breaks[np.searchsorted(breaks, places, side="right") - 1]
    next_break = breaks[np.minimum(np.searchsorted(breaks, places, side="right"), len(breaks) - 1)]
    return np.maximum(np.maximum(before, 0), last_break), np.minimum(np.minimum(after, n), next_break)


def _fits(after: I, last: I) -> I:
    """Count the places whose following window ends within each span; windows end in the order of the places."""
    return np.searchsorted(after, last, side="right")
