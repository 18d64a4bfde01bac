"""Boundaries by fixed rules for recordings without other talk to compare with.

Two cases: recordings under half an hour without speaker labels, and recordings of one unbroken conversation. In short
recordings with labels the forests propose and judge boundaries as on a whole day.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features import boundary_features, candidates
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]

SHORT_SECONDS = 1800.0
_PARTED_SECONDS, _MAYBE_SECONDS, _ALWAYS_SECONDS = 1.2, 6.0, 150.0
_OTHER_VOICES_SECONDS = 2.5
_CHANCE_AT, _CHANCE_ELSEWHERE = 0.95, 0.05
_UNBROKEN_SECONDS, _UNBROKEN_GAP_SECONDS, _UNBROKEN_TALK_SHARE = 9000.0, 300.0, 0.6


def applies(utterances: UtteranceArrays) -> bool:
    """Whether a recording is shorter than half an hour."""
    return utterances.finish_seconds - utterances.begin_seconds < SHORT_SECONDS


def has_rules(utterances: UtteranceArrays) -> bool:
    """Whether fixed rules propose and judge the boundaries of a recording: it is short and has no speaker labels."""
    return applies(utterances) and not utterances.has_voices


def chance(utterances: UtteranceArrays, count: F, learned: F) -> F:
    """Return the probability of an edge at each place, shape (n + 1,): high where a rule cuts, at most 0.05 elsewhere.

    The rules cut at a short pause between leave-taking and greeting, at a longer pause next to leave-taking or
    greeting, and at any very long pause.
    """
    n, gap = len(utterances), boundary_features.gaps(utterances)
    hello = boundary_features.column(count, "greet") + 2 * boundary_features.column(count, "intro")
    leave = 2 * boundary_features.column(count, "bye") + 0.5 * boundary_features.column(count, "thanks")
    out = np.minimum(learned, _CHANCE_ELSEWHERE)
    out[0] = out[n] = _CHANCE_AT
    for i in range(1, n):
        left, greeted = leave[max(0, i - 4) : i], hello[i : i + 4]
        parted = left[-3:].sum() >= 2 and greeted.sum() >= 1
        maybe = left.sum() >= 2 or greeted[:3].sum() >= 1
        limit = _PARTED_SECONDS if parted else _MAYBE_SECONDS if maybe else _ALWAYS_SECONDS
        if gap[i] >= limit:
            out[i] = _CHANCE_AT
    return out


def edge_log_odds(rows: F) -> F:
    """Return the log-odds that a candidate runs from one cut to the next. rows: `candidates.measure`."""
    at = np.log(_CHANCE_AT / (1 - _CHANCE_AT)) - 0.1
    start, end, inside = (
        rows[:, candidates.NAMES.index(f)] for f in ("start_chance", "end_chance", "inside_chance_most")
    )
    return np.where((start > at) & (end > at) & (inside < at), 2.5, -4.0)


def unbroken(utterances: UtteranceArrays, count: F) -> bool:
    """Whether a recording of up to 2.5 hours is one conversation: dense speech, no long silence, no leave-taking."""
    seconds = utterances.finish_seconds - utterances.begin_seconds
    gap = boundary_features.gaps(utterances)
    if not SHORT_SECONDS <= seconds <= _UNBROKEN_SECONDS or float(gap.max()) > _UNBROKEN_GAP_SECONDS:
        return False
    if float(utterances.talk.sum()) < _UNBROKEN_TALK_SHARE * seconds:
        return False
    hello = boundary_features.column(count, "greet") + 2 * boundary_features.column(count, "intro")
    leave = 2 * boundary_features.column(count, "bye") + 0.5 * boundary_features.column(count, "thanks")
    pauses = (i for i in range(1, len(utterances)) if gap[i] >= _OTHER_VOICES_SECONDS)
    return not any(leave[max(0, i - 3) : i].sum() >= 2 and hello[i : i + 4].sum() >= 1 for i in pauses)


def with_whole(found: candidates.Candidates, utterances: UtteranceArrays) -> candidates.Candidates:
    """Return the candidates and, last, the whole recording as one candidate."""
    n = len(utterances)
    return candidates.Candidates(
        np.append(found.first, 0),
        np.append(found.last, n),
        np.append(found.start, utterances.start[0]),
        np.append(found.end, utterances.end.max()),
        np.append(found.prior, 0.0),
    )


def whole_log_odds(found: candidates.Candidates) -> F:
    """Return the log-odds of the edges of an unbroken recording: only the last candidate, the whole, is likely."""
    out = np.full(len(found), -1.5)
    out[-1] = 2.5
    return out
