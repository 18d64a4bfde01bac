"""Turn a day into pages for a reader: choice of the lines, page breaks and formatting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dayline.detection.day_features import DayFeatures
from dayline.detection.features import boundary_features
from dayline.detection.features.day_topic import carries_subject, stem
from dayline.detection.features.playbook import everyday_words
from dayline.detection.features.utterance_arrays import tokenize
from dayline.domain.reading import Page, Purpose, Scope
from dayline.domain.timeline import DayContext

F = NDArray[np.float64]

GATE_LOG_ODDS = -3.0
"""Minimum log-odds of the kind of a candidate whose lines may be shown under `customers_only`."""

GATE_PADDING_LINES = 20
DAY_TOKENS = 100_000
PAGE_TOKENS, PAGE_LINES = 11_000, 900
_CHARACTERS_PER_TOKEN, _LINE_TOKENS = 3.8, 4
_SHORTEST_PAGE = 0.55
_SHOWN_SILENCE_SECONDS = 12.0
_PLAYBOOK_WORDS = 20


def allowed_lines(h: DayFeatures, scope: Scope) -> NDArray[np.bool_]:
    """Return which lines may be shown, shape (n,). `customers_only`: those near a candidate above the minimum."""
    n = len(h.utterances)
    if scope == "whole_day":
        return np.ones(n, dtype=bool)
    out = np.zeros(n, dtype=bool)
    if scope == "off":
        return out
    for i in np.flatnonzero(h.kind_log_odds >= GATE_LOG_ODDS):
        first, last = int(h.candidates.first[i]), int(h.candidates.last[i])
        out[max(0, first - GATE_PADDING_LINES) : last + GATE_PADDING_LINES] = True
    return out


def pages(h: DayFeatures, context: DayContext | None, scope: Scope) -> tuple[list[Page], int]:
    """Return the pages of the lines that may be shown, in order, and the number of pages beyond the day's budget."""
    rows = np.flatnonzero(allowed_lines(h, scope))
    found = [page(h, context, part, i) for i, part in enumerate(_windows(h, rows))]
    out: list[Page] = []
    left = DAY_TOKENS
    for p in found:
        left -= p.tokens
        if left >= 0:
            out.append(p)
    return out, len(found) - len(out)


def page(
    h: DayFeatures,
    context: DayContext | None,
    rows: Sequence[int],
    number: int,
    purpose: Purpose = "read",
    question: str = "",
) -> Page:
    """Format the given lines of a day as a page."""
    text = "\n".join([*_header(h, context), *_lines(h, rows)])
    size = int(len(text) / _CHARACTERS_PER_TOKEN) + _LINE_TOKENS * len(rows)
    return Page(number, purpose, text, tuple(rows), question, size)


def _windows(h: DayFeatures, rows: NDArray[np.int64]) -> list[list[int]]:
    """Cut lines into pages at the longest silence of the last part of each page."""
    gap = boundary_features.gaps(h.utterances)
    size = np.array([len(t) / _CHARACTERS_PER_TOKEN + _LINE_TOKENS for t in h.utterances.texts])
    out: list[list[int]] = []
    left = [int(r) for r in rows]
    while left:
        total = np.cumsum(size[left])
        most = min(PAGE_LINES, int(np.searchsorted(total, PAGE_TOKENS, side="right")))
        if most >= len(left):
            out.append(left)
            break
        low = max(1, int(_SHORTEST_PAGE * most))
        silence = [gap[r] if left[k - 1] == r - 1 else 1e6 for k, r in enumerate(left[low : most + 1], start=low)]
        cut = low + int(np.argmax(silence))
        out.append(left[:cut])
        left = left[cut:]
    return out


def _header(h: DayFeatures, context: DayContext | None) -> list[str]:
    out: list[str] = []
    if context is not None:
        if context.business:
            out.append(f"business: {context.business}")
        if context.sells:
            out.append(f"sells: {context.sells}")
        words = _playbook_words(context)
        if words:
            out.append(f"words of the playbook: {', '.join(words)}")
    if h.utterances.has_voices and float(h.roles.hub.max()) > 0.9:
        out.append(f"probably the rep: {_short(h.utterances.voices[int(h.roles.hub.argmax())])}")
    return [*out, ""]


def _playbook_words(context: DayContext) -> list[str]:
    """Return the most informative words of the playbook: rare in everyday talk, frequent in the playbook."""
    everyday = everyday_words()
    count: dict[str, float] = {}
    for text in (" ".join(context.vocabulary), context.playbook):
        for w in tokenize(text):
            if carries_subject(w):
                count[w] = count.get(w, 0.0) + everyday.of(stem(w))
    return sorted(count, key=lambda w: (-count[w], w))[:_PLAYBOOK_WORDS]


def _lines(h: DayFeatures, rows: Sequence[int]) -> list[str]:
    u = h.utterances
    out: list[str] = []
    voice = -2
    for k, r in enumerate(rows):
        if k:
            before = rows[k - 1]
            if r != before + 1:
                out.append(f"<not shown: {(u.start[r] - u.end[before]) / 60:.0f} min, {_clock(float(u.start[r]))}>")
                voice = -2
            elif u.start[r] - u.end[before] > _SHOWN_SILENCE_SECONDS:
                out.append(f"<{u.start[r] - u.end[before]:.0f} s silence, {_clock(float(u.start[r]))}>")
                voice = -2
        name = ""
        if u.has_voices and int(u.voice[r]) != voice:
            voice = int(u.voice[r])
            name = f"{_short(u.voices[voice])} " if voice >= 0 else "? "
        out.append(f"{k + 1}|{name}{' '.join(u.texts[r].split())}")
    return out


def _short(label: str) -> str:
    head, _, number = label.rpartition("_")
    return f"S{int(number)}" if head.upper() == "SPEAKER" and number.isdigit() else label.replace(" ", "_")


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d}"
