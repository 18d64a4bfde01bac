"""Why a stretch was judged so: the largest contributions to the decision, in words, each with a second to jump to.

Contributions come from the paths through the trees and from the votes that were added; nothing is told that did not
move the number. Features that say the same thing in several ways are told as one reason.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dayline.detection import scoring
from dayline.detection.features import boundary_features, candidates, dialogue_acts
from dayline.domain.timeline import About, Reason

F = NDArray[np.float64]

_MOST = 4
_SMALLEST = 0.04

_GROUPS: dict[str, tuple[str, ...]] = {
    "voices": ("local", "elsewhere_main", "elsewhere_all", "bins_main", "leak_before", "leak_after", "hub_others"),
    "rep": ("rep_share", "exchange", "exchange_others", "main_other_share", "other_count", "labelled"),
    "roles": candidates.ROLE_NAMES,
    "greeting": ("hello_at_start",),
    "leave": ("bye_at_end",),
    "length": ("seconds",),
}
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names}
_KIND_NAMES = [candidates.NAMES[i] for i in scoring.KIND_COLUMNS]

_PLACE_GROUPS: dict[str, tuple[str, ...]] = {
    "pause": ("gap", "gap_largest_near"),
    "voices": (
        "other_voices_same_8",
        "other_voices_same_25",
        "before_heard_again",
        "after_heard_before",
        "before_ends_for_good",
        "after_never_before",
        "rep_before",
        "rep_after",
        "labelled",
        "same_voice_across",
    ),
    "words": ("cohesion_10", "cohesion_40"),
    "greeting": ("hello_after_3", "hello_after_8", "hello_before_8"),
    "leave": ("bye_before_3", "bye_before_8", "bye_after_8"),
    "aside": ("hold_before", "back_after", "aside_after", "aside_before"),
}
_PLACE_GROUP_OF = {name: group for group, names in _PLACE_GROUPS.items() for name in names}


def of_span(h: scoring.DayFeatures, i: int) -> tuple[Reason, ...]:
    """Reasons of one span: what spoke for and against its kind, what set its start and its end."""
    return (*_kind(h, i), *_place(h, int(h.spans.first[i]), "start"), *_place(h, int(h.spans.last[i]), "end"))


def _kind(h: scoring.DayFeatures, i: int) -> list[Reason]:
    row = h.rows[i : i + 1, :][:, scoring.KIND_COLUMNS]
    shares = scoring.shipped("kind").contributions(row)[0]
    moved: dict[str, float] = {}
    for name, share in zip(_KIND_NAMES, shares, strict=True):
        group = _GROUP_OF[name]
        moved[group] = moved.get(group, 0.0) + float(share)
    for name, values in h.added.items():
        moved[name] = moved.get(name, 0.0) + float(values[i])
    total = sum(abs(v) for v in moved.values()) or 1.0
    order = sorted(moved, key=lambda g: (-abs(moved[g]), g))
    out: list[Reason] = []
    for group in order[:_MOST]:
        weight = moved[group] / total
        if abs(weight) >= _SMALLEST:
            text, at = _words_for(h, i, group, weight > 0)
            out.append(Reason("kind", text, round(at, 2), round(weight, 3)))
    return out


def _words_for(h: scoring.DayFeatures, i: int, group: str, speaks_for: bool) -> tuple[str, float]:
    teller = _TELLERS[group] if group in _TELLERS else _plain_teller(group)
    return teller(h, i, speaks_for)


def _value(h: scoring.DayFeatures, i: int, name: str) -> float:
    return float(h.rows[i, candidates.NAMES.index(name)])


def _start(h: scoring.DayFeatures, i: int) -> float:
    return float(h.spans.start[i])


def _hits(h: scoring.DayFeatures, i: int, names: tuple[str, ...]) -> tuple[int, float]:
    """How often acts occur in a span, and when the line with most of them begins."""
    rows = slice(int(h.spans.first[i]), int(h.spans.last[i]))
    found = h.count[rows][:, [dialogue_acts.INDEX[a] for a in names]].sum(axis=1)
    if not found.any():
        return 0, _start(h, i)
    return int(found.sum()), float(h.utterances.start[rows][int(found.argmax())])


def _voices(h: scoring.DayFeatures, i: int, speaks_for: bool) -> tuple[str, float]:
    rows = slice(int(h.spans.first[i]), int(h.spans.last[i]))
    mass = boundary_features.other_mass(h.utterances, h.roles)
    here = mass[rows].sum(axis=0)
    main = int(here.argmax())
    lines = np.flatnonzero((h.utterances.voice[rows] == main) & (h.roles.rep[rows] < 0.9))
    at = float(h.utterances.start[rows][lines[0]]) if len(lines) else _start(h, i)
    name = h.utterances.voices[main] if h.utterances.voices and here[main] > 0 else None
    if name is None:
        return ("nobody else's voice is told apart here", at)
    share = 100 * here[main] / max(0.2, float(mass[:, main].sum()))
    if speaks_for:
        return f"{name} is heard here: {share:.0f} % of this voice's talk of the day", at
    return f"{name} is heard at other times too: only {share:.0f} % of this voice's talk is here", at


def _rep(h: scoring.DayFeatures, i: int, speaks_for: bool) -> tuple[str, float]:
    share = _value(h, i, "rep_share")
    if np.isnan(share):
        return "no voices are told apart", _start(h, i)
    verb = "takes turns with others" if speaks_for else "does not lead a talk of two"
    return f"the rep speaks {100 * share:.0f} % of it and {verb}", _start(h, i)


def _roles(h: scoring.DayFeatures, i: int, speaks_for: bool) -> tuple[str, float]:
    _, at = _hits(h, i, ("question", "ask_need", "offer"))
    return (
        "who asks and who answers fits a seller and a buyer"
        if speaks_for
        else "who asks and who answers does not fit a sale"
    ), at


def _phrases(
    text: str, names: tuple[str, ...], absent: str
) -> Callable[[scoring.DayFeatures, int, bool], tuple[str, float]]:
    def tell(h: scoring.DayFeatures, i: int, speaks_for: bool) -> tuple[str, float]:
        del speaks_for
        n, at = _hits(h, i, names)
        return (f"{text}: {n} phrases", at) if n else (absent, at)

    return tell


def _book(h: scoring.DayFeatures, i: int, speaks_for: bool) -> tuple[str, float]:
    rows = slice(int(h.spans.first[i]), int(h.spans.last[i]))
    hits = h.book.hits[rows]
    at = float(h.utterances.start[rows][int(hits.argmax())])
    n, of = int(hits.sum()), int(h.book.words[rows].sum())
    return f"{n} of {of} content words stand in the playbook" + (
        "" if speaks_for else ", fewer than visits of the day have"
    ), at


def _shared(h: scoring.DayFeatures, i: int, speaks_for: bool) -> tuple[str, float]:
    rows = slice(int(h.spans.first[i]), int(h.spans.last[i]))
    votes = h.votes.shared[rows] if h.votes is not None else np.zeros(1)
    at = float(h.utterances.start[rows][int(votes.argmax() if speaks_for else votes.argmin())])
    return (
        "it shares its words with the day's other visits"
        if speaks_for
        else "its words are those of the day's other talk"
    ), at


def _length(h: scoring.DayFeatures, i: int, speaks_for: bool) -> tuple[str, float]:
    often = "as visits do" if speaks_for else "as visits seldom do"
    return f"it lasts {(h.spans.end[i] - h.spans.start[i]) / 60:.1f} min, {often}", _start(h, i)


def _plain_teller(group: str) -> Callable[[scoring.DayFeatures, int, bool], tuple[str, float]]:
    texts = {
        "sound": ("it sounds like a person in the room", "it sounds like a broadcast"),
        "hint": ("an appointment stands in the calendar", "no appointment stands in the calendar"),
        "whole": ("the recording is one talk from beginning to end", "the recording holds more than this talk"),
        "address": ("they speak to each other of what the other wants", "they hardly address each other"),
        "unclear": ("a visit stands out clearly", "no voices are told apart, and nothing stands out clearly"),
        "opinion": ("a second opinion takes it for a visit", "a second opinion takes it for something else"),
    }
    yes, no = texts[group]

    def tell(h: scoring.DayFeatures, i: int, speaks_for: bool) -> tuple[str, float]:
        return (yes if speaks_for else no), _start(h, i)

    return tell


_TELLERS: dict[str, Callable[[scoring.DayFeatures, int, bool], tuple[str, float]]] = {
    "voices": _voices,
    "rep": _rep,
    "roles": _roles,
    "trade": _phrases(
        "needs, offers, prices and next steps",
        ("price", "offer", "ask_need", "request", "next_step", "objection"),
        "no needs, offers or prices are talked about",
    ),
    "greeting": _phrases("greeting and introduction", ("greet", "intro"), "nobody greets or introduces themselves"),
    "leave": _phrases("thanks and leave-taking", ("bye", "thanks"), "nobody takes leave"),
    "office": _phrases(
        "customers and the office are talked about",
        ("office", "told", "call_in", "memo"),
        "customers and the office are not talked about",
    ),
    "family": _phrases("family matters", ("family",), "no family matters"),
    "broadcast": _phrases("phrases of a broadcast", ("broadcast",), "no phrases of a broadcast"),
    "playbook": _book,
    "shared": _shared,
    "length": _length,
}


def _place(h: scoring.DayFeatures, row: int, about: About) -> list[Reason]:
    """The two strongest reasons for a place being an edge."""
    at = float(h.utterances.start[row]) if row < len(h.utterances) else float(h.utterances.end.max())
    if about == "end":
        at = float(h.utterances.end[:row].max())
    if row in (0, len(h.utterances)):
        return [
            Reason(about, "nobody speaks in the recording " + ("before" if row == 0 else "after"), round(at, 2), 1.0)
        ]
    shares = scoring.shipped("place").contributions(h.places[row : row + 1])[0]
    moved: dict[str, float] = {}
    for name, share in zip(boundary_features.NAMES, shares, strict=True):
        moved[_PLACE_GROUP_OF[name]] = moved.get(_PLACE_GROUP_OF[name], 0.0) + float(share)
    total = sum(abs(v) for v in moved.values()) or 1.0
    gap = float(np.expm1(h.places[row, 0]))
    texts = {
        "pause": f"{gap:.0f} s of silence",
        "voices": "the voices change",
        "words": "the subject changes",
        "greeting": "a greeting follows",
        "leave": "leave is taken",
        "aside": "a word aside",
    }
    order = sorted((g for g in moved if moved[g] > 0), key=lambda g: (-moved[g], g))
    return [
        Reason(about, texts[g], round(at, 2), round(moved[g] / total, 3))
        for g in order[:2]
        if moved[g] / total >= _SMALLEST
    ]
