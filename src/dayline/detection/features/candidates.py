"""Intervals that may be one conversation, and the features of each: edges, voices, roles, rates of dialogue acts.

Levels that reveal the source of a text (speed of speech, length of lines, recogniser confidence, hour of the day) are
left out on purpose: they help only on the days they were learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features import boundary_features, dialogue_acts
from dayline.detection.features.speaker_roles import SpeakerRoles
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

MAX_CANDIDATES = 6000
_MAX_SECONDS = 3 * 3600.0
_MIN_SECONDS, _MIN_LINES = 20.0, 4
_CUT, _CUT_GAP_SECONDS = 0.5, 60.0
_PLACES_PER_HOUR, _PLACES_FLOOR = 45, 60
_TRADE = ("price", "offer", "ask_need", "request", "next_step", "confirm", "objection")
_RATES = (
    *_TRADE,
    "intro",
    "office",
    "told",
    "third",
    "family",
    "memo",
    "call_in",
    "broadcast",
    "you",
    "we",
    "self",
    "question",
    "answer",
    "backchannel",
    "past",
    "opinion",
    "number",
    "when",
    "thanks",
    "hold",
)
_RELATIVE = (
    *_TRADE,
    "you",
    "third",
    "told",
    "office",
    "family",
    "question",
    "answer",
    "past",
    "opinion",
    "number",
    "when",
)
_ROLES = (
    "question",
    "offer",
    "ask_need",
    "request",
    "price",
    "you",
    "answer",
    "thanks",
    "confirm",
    "backchannel",
    "words",
)

EDGE_NAMES = (
    "seconds",
    "start_chance",
    "end_chance",
    "inside_chance_sum",
    "inside_chance_most",
    "gap_before",
    "gap_after",
    "gap_inside",
    "hello_at_start",
    "bye_at_end",
    "bye_before_start",
    "hello_after_end",
    "hello_inside",
    "bye_inside",
    "aside_at_start",
    "recording_starts",
    "recording_ends",
)
VOICE_NAMES = (
    "labelled",
    "rep_share",
    "exchange",
    "exchange_others",
    "local",
    "main_other_share",
    "other_count",
    "elsewhere_main",
    "bins_main",
    "leak_before",
    "leak_after",
    "hub_others",
    "elsewhere_all",
)
ROLE_NAMES = tuple(f"rep_{a}" for a in _ROLES)
RATE_NAMES = ("trade", *(f"rate_{a}" for a in _RATES))
RELATIVE_NAMES = ("relative_trade", *(f"relative_{a}" for a in _RELATIVE))
NAMES: tuple[str, ...] = (*EDGE_NAMES, *VOICE_NAMES, *ROLE_NAMES, *RATE_NAMES, *RELATIVE_NAMES)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Possible conversations, m of them.

    Attributes:
        first, last: lines [first, last).
        start, end: seconds of the recording.
        prior: log probability, by the boundaries alone, that exactly this interval is one conversation.
    """

    first: I
    last: I
    start: F
    end: F
    prior: F

    def __len__(self) -> int:
        return len(self.first)


def propose(utterances: UtteranceArrays, boundary_chance: F, limit: int = MAX_CANDIDATES) -> Candidates:
    """Return the intervals most likely to be one conversation, at most `limit`, ordered by first and last line."""
    n = len(utterances)
    p = np.clip(boundary_chance, 1e-3, 1 - 1e-3)
    p[0] = p[n] = 1 - 1e-3
    hours = (utterances.finish_seconds - utterances.begin_seconds) / 3600
    keep = min(n + 1, int(_PLACES_FLOOR + _PLACES_PER_HOUR * hours))
    places = np.sort(np.argsort(-p, kind="stable")[:keep])
    places = places[p[places] > 0.004]
    stay = np.concatenate([[0.0], np.cumsum(np.log1p(-p))])
    reach = np.maximum.accumulate(utterances.end)
    a, b = np.triu_indices(len(places), k=1)
    first, last = places[a], places[b]
    start, end = utterances.start[first % n], reach[last - 1]
    ok = (last - first >= _MIN_LINES) & (end - start >= _MIN_SECONDS) & (end - start <= _MAX_SECONDS)
    first, last, start = first[ok], last[ok], start[ok]
    prior = np.log(p[first]) + np.log(p[last]) + stay[last] - stay[first + 1]
    best = np.sort(np.argsort(-prior, kind="stable")[:limit])
    first, last, start, prior = first[best], last[best], start[best], prior[best]
    end = np.array([utterances.end[i:j].max() for i, j in zip(first, last, strict=True)]) if len(first) else np.zeros(0)
    return Candidates(first, last, start, end, prior)


def split_residue(utterances: UtteranceArrays, boundary_chance: F, taken: Sequence[tuple[int, int]] = ()) -> Candidates:
    """Cut the lines outside `taken` at likely boundaries and at silences of a minute; leave out short parts."""
    n = len(utterances)
    gap = boundary_features.gaps(utterances)
    free = np.ones(n, dtype=bool)
    for a, b in taken:
        free[a:b] = False
    parts: list[tuple[int, int]] = []
    for i in np.flatnonzero(free):
        row = int(i)
        follows = bool(parts) and parts[-1][1] == row
        if follows and boundary_chance[row] <= _CUT and gap[row] <= _CUT_GAP_SECONDS:
            parts[-1] = (parts[-1][0], row + 1)
        else:
            parts.append((row, row + 1))
    kept = [
        (a, b)
        for a, b in parts
        if b - a >= _MIN_LINES and utterances.end[a:b].max() - utterances.start[a] >= _MIN_SECONDS
    ]
    first = np.array([a for a, _ in kept], dtype=np.int64)
    last = np.array([b for _, b in kept], dtype=np.int64)
    end = np.array([utterances.end[a:b].max() for a, b in kept], dtype=np.float64)
    return Candidates(first, last, utterances.start[first], end, np.zeros(len(kept)))


def measure(utterances: UtteranceArrays, roles: SpeakerRoles, count: F, boundary_chance: F, spans: Candidates) -> F:
    """Return the features of each candidate: shape (m, len(NAMES)), NaN where unknown."""
    parts = (
        _edges(utterances, count, boundary_chance, spans),
        _voices(utterances, roles, spans),
        _roles(utterances, roles, count, spans),
        _rates(utterances, count, spans),
    )
    return np.hstack(parts)


def _sums(values: F, spans: Candidates) -> F:
    total = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return total[spans.last] - total[spans.first]


def _edges(utterances: UtteranceArrays, count: F, chance: F, s: Candidates) -> F:
    n, m = len(utterances), len(s)
    gap = boundary_features.gaps(utterances)
    p = np.clip(chance, 1e-3, 1 - 1e-3)
    logit = np.log(p / (1 - p))
    inside = np.concatenate([[0.0], np.cumsum(-np.log1p(-p))])
    hello = boundary_features.column(count, "greet") + 2 * boundary_features.column(count, "intro")
    leave = 2 * boundary_features.column(count, "bye") + 0.5 * boundary_features.column(count, "thanks")
    aside = (
        boundary_features.column(count, "memo")
        + boundary_features.column(count, "call_in")
        + boundary_features.column(count, "family")
    )
    h, b, q = (np.concatenate([[0.0], np.cumsum(v)]) for v in (hello, leave, aside))
    lo, hi, k = s.first, s.last, 6
    mid_a, mid_b = np.minimum(lo + k, hi), np.maximum(hi - k, lo)
    length = np.maximum(s.end - s.start, 1.0)
    out = np.empty((m, len(EDGE_NAMES)))
    out[:, 0] = np.log(length)
    out[:, 1], out[:, 2] = logit[lo], logit[hi]
    out[:, 3] = inside[hi] - inside[lo + 1]
    out[:, 4] = most(logit, lo + 1, hi, -7.0)
    out[:, 5], out[:, 6] = np.log1p(gap[lo]), np.log1p(gap[hi])
    out[:, 7] = np.log1p(most(gap, lo + 1, hi, 0.0))
    out[:, 8] = h[np.minimum(lo + k, hi)] - h[lo]
    out[:, 9] = b[hi] - b[np.maximum(hi - k, lo)]
    out[:, 10] = b[lo] - b[np.maximum(lo - k, 0)]
    out[:, 11] = h[np.minimum(hi + k, n)] - h[hi]
    out[:, 12] = (h[np.maximum(mid_b, mid_a)] - h[mid_a]) / length * 300
    out[:, 13] = (b[np.maximum(mid_b, mid_a)] - b[mid_a]) / length * 300
    out[:, 14] = q[np.minimum(lo + k, hi)] - q[lo]
    out[:, 15] = s.start - utterances.begin_seconds < 3
    out[:, 16] = utterances.finish_seconds - s.end < 3
    return out


def most(values: F, lo: I, hi: I, empty: float) -> F:
    """Return the largest value in [lo, hi) per span, by a table of maxima over powers of two."""
    n = len(values)
    table = [values]
    while (1 << len(table)) <= n:
        half = 1 << (len(table) - 1)
        top = table[-1]
        table.append(np.maximum(top[: len(top) - half], top[half:]))
    out = np.full(len(lo), empty)
    width = hi - lo
    level = np.zeros(len(lo), dtype=np.int64)
    some = width > 0
    level[some] = np.floor(np.log2(width[some])).astype(np.int64)
    for k, row in enumerate(table):
        at = some & (level == k)
        if at.any():
            out[at] = np.maximum(row[lo[at]], row[hi[at] - (1 << k)])
    return out


def _voices(utterances: UtteranceArrays, roles: SpeakerRoles, s: Candidates) -> F:
    out = np.full((len(s), len(VOICE_NAMES)), np.nan)
    out[:, 0] = float(utterances.has_voices)
    if not utterances.has_voices or not len(s):
        return out
    n, mass = len(utterances), boundary_features.other_mass(utterances, roles)
    inside = _sums(mass, s)
    total = mass.sum(axis=0)
    others = inside.sum(axis=1)
    talk = _sums(utterances.talk[:, None], s)[:, 0]
    known = _sums((utterances.talk * (utterances.voice >= 0))[:, None], s)[:, 0]
    rep = _sums((utterances.talk * roles.rep)[:, None], s)[:, 0]
    out[:, 1] = np.where(known > 0, rep / np.maximum(known, 0.2), np.nan)
    is_rep = roles.rep > 0.4
    has = utterances.voice >= 0
    step = np.zeros((n, 2))
    pair = has[1:] & has[:-1] & (utterances.voice[1:] != utterances.voice[:-1])
    step[1:, 0] = pair & (is_rep[1:] != is_rep[:-1])
    step[1:, 1] = pair & ~is_rep[1:] & ~is_rep[:-1]
    lines = np.maximum(s.last - s.first, 1)
    out[:, 2:4] = _sums(step, s) / lines[:, None]
    share = inside / np.maximum(others, 0.2)[:, None]
    some = others > 1.0
    local = inside / np.maximum(total, 0.2)[None, :]
    out[:, 4] = np.where(some, (share * local).sum(axis=1), np.nan)
    main = inside.argmax(axis=1)
    out[:, 5] = np.where(some, share.max(axis=1), np.nan)
    out[:, 6] = np.where(some, 1 / np.maximum((share**2).sum(axis=1), 1e-3), 0.0)
    rows = np.arange(len(s))
    there = inside[rows, main]
    out[:, 7] = np.where(some, np.log1p(np.maximum(total[main] - there, 0)) - np.log1p(there), np.nan)
    bins = ((utterances.start - utterances.begin_seconds) // 600).astype(np.int64)
    per_bin = np.zeros((int(bins.max()) + 1, mass.shape[1]))
    np.add.at(per_bin, bins, mass)
    out[:, 8] = np.where(some, (per_bin > 3.0).sum(axis=0)[main] - (talk / 600), np.nan)
    cum = np.vstack([np.zeros((1, mass.shape[1])), np.cumsum(mass, axis=0)])
    early = np.searchsorted(utterances.start, s.start - 300)
    late = np.searchsorted(utterances.start, s.end + 300)
    before = np.maximum(cum[s.first] - cum[np.minimum(early, s.first)], 0)
    after = np.maximum(cum[np.maximum(late, s.last)] - cum[s.last], 0)
    out[:, 9] = np.where(some, (share * (before / (before + inside + 1))).sum(axis=1), np.nan)
    out[:, 10] = np.where(some, (share * (after / (after + inside + 1))).sum(axis=1), np.nan)
    out[:, 11] = np.where(some, (share * roles.hub[None, : mass.shape[1]]).sum(axis=1), np.nan)
    away = np.maximum(total[None, :] - inside - before - after, 0)
    out[:, 12] = np.where(some, (share * np.log1p(away)).sum(axis=1), np.nan)
    return out


def _roles(utterances: UtteranceArrays, roles: SpeakerRoles, count: F, s: Candidates) -> F:
    """Return how much more often the rep does each act than the others: log of the smoothed ratio of counts."""
    if not utterances.has_voices:
        return np.full((len(s), len(ROLE_NAMES)), np.nan)
    cols = [boundary_features.column(count, a) if a != "words" else utterances.words / 10 for a in _ROLES]
    values = np.stack(cols, axis=1)
    other = np.where(utterances.voice >= 0, 1 - roles.rep, 0.0)
    mine, theirs = _sums(values * roles.rep[:, None], s), _sums(values * other[:, None], s)
    return np.log((mine + 1) / (theirs + 1))


def _rates(utterances: UtteranceArrays, count: F, s: Candidates) -> F:
    cols = [dialogue_acts.INDEX[a] for a in _RATES]
    trade = count[:, [dialogue_acts.INDEX[a] for a in _TRADE]].sum(axis=1, keepdims=True)
    values = np.hstack([trade, count[:, cols]])
    words = _sums(utterances.words[:, None], s)
    rate = (_sums(values, s) + 0.3) / (words + 60) * 100
    names = ("trade", *_RATES)
    pick = [names.index(a) for a in ("trade", *_RELATIVE)]
    day = (values.sum(axis=0) + 0.3) / (utterances.words.sum() + 60) * 100
    relative = np.log(
        (_sums(values, s) + 60 * day[None, :] / 100 + 0.2)
        / (words / 100 * day[None, :] + 60 * day[None, :] / 100 + 0.2)
    )
    return np.hstack([rate, relative[:, pick]])
