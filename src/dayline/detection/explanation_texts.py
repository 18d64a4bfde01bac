"""Sentences for the sources of a decision, each with the time of the line that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.detection.day_features import DayFeatures
from dayline.detection.features import boundary_features, candidates, dialogue_acts
from dayline.detection.reader_fusion import Reading
from dayline.domain.timeline import About

F = NDArray[np.float64]

_QUOTE_WORDS = 12


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A sentence and the time in seconds to jump to."""

    text: str
    at_seconds: float


def _rows(h: DayFeatures, i: int) -> slice:
    return slice(int(h.candidates.first[i]), int(h.candidates.last[i]))


def _start(h: DayFeatures, i: int) -> float:
    return float(h.candidates.start[i])


def speaker(h: DayFeatures, row: int) -> str:
    """Return the speaker of a line, as far as known: "the rep", "the other person" or "somebody"."""
    if not h.utterances.has_voices or h.utterances.voice[row] < 0:
        return "somebody"
    return "the rep" if h.roles.rep[row] > 0.5 else "the other person"


def quote(h: DayFeatures, row: int) -> str:
    """Return the first words of a line."""
    words = h.utterances.texts[row].split()
    return " ".join(words[:_QUOTE_WORDS]) + ("…" if len(words) > _QUOTE_WORDS else "")


def _said(h: DayFeatures, row: int, what: str) -> ReasonText:
    return ReasonText(f"{speaker(h, row)} {what}: “{quote(h, row)}”", float(h.utterances.start[row]))


def _strongest_line(h: DayFeatures, i: int, values: F) -> int | None:
    """Return the line of a candidate with the largest value, or None when none is above zero."""
    part = values[_rows(h, i)]
    return int(h.candidates.first[i]) + int(part.argmax()) if len(part) and float(part.max()) > 0 else None


def _line_of_acts(h: DayFeatures, i: int, acts: tuple[str, ...]) -> tuple[int, str] | None:
    """Return the line of a candidate with most of the given dialogue acts, and its most frequent act."""
    columns = [dialogue_acts.INDEX[a] for a in acts]
    part = h.act_counts[_rows(h, i)][:, columns]
    if not len(part) or not part.any():
        return None
    row = int(part.sum(axis=1).argmax())
    return int(h.candidates.first[i]) + row, acts[int(part[row].argmax())]


_ACT_WORDS = {
    "price": "talks about a price",
    "offer": "makes an offer",
    "ask_need": "asks what is needed",
    "next_step": "agrees on a next step",
    "objection": "raises an objection",
    "request": "asks for something",
    "greet": "greets",
    "intro": "introduces themselves",
    "bye": "takes leave",
    "thanks": "says thanks",
    "office": "talks about the office",
    "told": "talks about a customer who is not there",
    "family": "talks about family",
    "broadcast": "uses the words of a broadcast",
}


def _acts(acts: tuple[str, ...], absent: str) -> Callable[[DayFeatures, int, bool], ReasonText | None]:
    """Describe acts: present ones with their line; absent ones only when the absence moved the score."""

    def tell(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
        found = _line_of_acts(h, i, acts)
        against = acts[0] in ("office", "family", "broadcast")
        if found is not None and speaks_for != against:
            return _said(h, found[0], _ACT_WORDS[found[1]])
        if found is None and speaks_for == against:
            return ReasonText(absent, _start(h, i))
        if found is not None:
            few = "less than in the rest of the day" if against else "but seldom for its length"
            return ReasonText(
                f"{speaker(h, found[0])} {_ACT_WORDS[found[1]]}, {few}", float(h.utterances.start[found[0]])
            )
        return None

    return tell


def _wording(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
    scores = h.language.total / np.sqrt(h.language.words + 8.0)
    row = _strongest_line(h, i, scores if speaks_for else -scores)
    if row is None:
        return None
    to_whom = "speaks as with a customer" if speaks_for else "speaks as with somebody else than a customer"
    if speaks_for and speaker(h, row) == "the other person":
        to_whom = "speaks as a customer does"
    return _said(h, row, to_whom)


def _playbook(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
    rows = _rows(h, i)
    hits, words = int(h.playbook.hits[rows].sum()), int(h.playbook.words[rows].sum())
    row = _strongest_line(h, i, h.playbook.told)
    if row is None:
        return ReasonText("no word of the playbook is said", _start(h, i))
    at = float(h.utterances.start[row])
    if speaks_for:
        return ReasonText(f"what is sold comes up: {hits} words of the playbook, as in “{quote(h, row)}”", at)
    return ReasonText(f"only {hits} of {words} content words stand in the playbook", at)


def _memory(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
    if h.memory_lines is None:
        return None
    row = _strongest_line(h, i, h.memory_lines[0] if speaks_for else -h.memory_lines[0])
    if row is None:
        return None
    what = "the subjects are those of earlier customer conversations" if speaks_for else (
        "the subjects are those of other talk on earlier days"
    )  # fmt: skip
    return ReasonText(f"{what}, as in “{quote(h, row)}”", float(h.utterances.start[row]))


def _voices(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
    rows = _rows(h, i)
    mass = boundary_features.other_mass(h.utterances, h.roles)
    here = mass[rows].sum(axis=0)
    main = int(here.argmax())
    if not h.utterances.voices or here[main] <= 0:
        return None
    lines = np.flatnonzero((h.utterances.voice[rows] == main) & (h.roles.rep[rows] < 0.9))
    at = float(h.utterances.start[rows][lines[0]]) if len(lines) else _start(h, i)
    share = 100 * here[main] / max(0.2, float(mass[:, main].sum()))
    name = h.utterances.voices[main]
    if speaks_for:
        return ReasonText(
            f"{name} is heard in this talk and hardly elsewhere: {share:.0f} % of what they say today", at
        )
    return ReasonText(f"{name} is heard at other times too: {share:.0f} % of what they say today is here", at)


def _rep(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
    share = float(h.rows[i, candidates.NAMES.index("rep_share")])
    if np.isnan(share):
        return None
    end = "and takes turns with somebody else" if speaks_for else "which is unusual for a conversation of two"
    return ReasonText(f"the rep speaks {100 * share:.0f} % of the time {end}", _start(h, i))


def _roles(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
    columns = [dialogue_acts.INDEX[a] for a in ("offer", "ask_need", "price")]
    acts = h.act_counts[:, columns].sum(axis=1)
    by_rep = h.roles.rep > 0.5
    row = _strongest_line(h, i, acts * (by_rep if speaks_for else ~by_rep))
    if row is None:
        return None
    what = "asks, offers or names a price" if speaks_for else "asks, offers or names a price, as a seller does"
    return _said(h, row, what)


def _served(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
    row = _strongest_line(h, i, h.service) if h.service is not None and not speaks_for else None
    if row is None:
        return None
    by_rep = speaker(h, row) == "the rep"
    return _said(h, row, "asks for something, as a buyer does" if by_rep else "serves, as a seller does")


def _shared(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
    if h.word_votes is None:
        return None
    row = _strongest_line(h, i, h.word_votes.shared if speaks_for else -h.word_votes.shared)
    if row is None:
        return None
    where = "today's other customer conversations" if speaks_for else "today's other talk"
    return ReasonText(f"words of {where} return: “{quote(h, row)}”", float(h.utterances.start[row]))


def _plain(yes: str | None, no: str | None) -> Callable[[DayFeatures, int, bool], ReasonText | None]:
    def tell(h: DayFeatures, i: int, speaks_for: bool) -> ReasonText | None:
        text = yes if speaks_for else no
        return ReasonText(text, _start(h, i)) if text else None

    return tell


def reader(h: DayFeatures, i: int, speaks_for: bool, reading: Reading | None) -> ReasonText | None:
    """Describe what the reader found, with the verified quote at the beginning of the piece."""
    index = reading.supports.get(i) if reading is not None else None
    if reading is not None and index is not None:
        piece = reading.pieces[index]
        at = float(h.utterances.start[piece.quote_line])
        return ReasonText(f"a language model read this as one customer conversation, from “{piece.quote}” on", at)
    if speaks_for:
        return None
    return ReasonText("a language model read this as something else than a customer conversation", _start(h, i))


def little(h: DayFeatures, i: int) -> str:
    """Return the sentence for a candidate whose score no single source moved."""
    del h, i
    return "many small signs together; none stands out"


def boundary(h: DayFeatures, row: int, group: str, about: About) -> str:
    """Describe one reason for a boundary."""
    u = h.utterances
    if group == "pause":
        return f"{float(np.expm1(h.boundary_rows[row, 0])):.0f} s of silence"
    if group == "greeting":
        return f"a greeting follows: “{quote(h, _nearest(h, row, ('greet', 'intro'), after=True))}”"
    if group == "leave":
        return f"leave is taken: “{quote(h, _nearest(h, row, ('bye', 'thanks'), after=False))}”"
    if group == "wording":
        line = min(row, len(u) - 1) if about == "start" else max(0, row - 1)
        what = "worded like the first line of a talk" if about == "start" else "worded like the last line of a talk"
        return f"{what}: “{quote(h, line)}”"
    if group == "voices":
        indices: list[int] = u.voice.tolist()
        before = {u.voices[v] for v in indices[max(0, row - 8) : row] if v >= 0}
        after = {u.voices[v] for v in indices[row : row + 8] if v >= 0}
        new = sorted(after - before if about == "start" else before - after)
        if new:
            return f"{new[0]} is heard from here on" if about == "start" else f"{new[0]} is not heard after this"
        return "the voices change"
    return {"words": "the subject changes", "aside": "the rep turns to something else"}[group]


def _nearest(h: DayFeatures, row: int, acts: tuple[str, ...], *, after: bool) -> int:
    columns = [dialogue_acts.INDEX[a] for a in acts]
    rows = range(row, min(len(h.utterances), row + 8)) if after else range(row - 1, max(-1, row - 9), -1)
    for r in rows:
        if h.act_counts[r, columns].any():
            return r
    return min(row, len(h.utterances) - 1) if after else max(0, row - 1)


BY_SOURCE: dict[str, Callable[[DayFeatures, int, bool], ReasonText | None]] = {
    "voices": _voices,
    "rep": _rep,
    "roles": _roles,
    "wording": _wording,
    "playbook": _playbook,
    "memory": _memory,
    "shared": _shared,
    "served": _served,
    "trade": _acts(
        ("price", "offer", "ask_need", "next_step", "objection", "request"), "no need, offer or price is mentioned"
    ),
    "greeting": _acts(("greet", "intro"), "nobody greets or introduces themselves"),
    "leave": _acts(("bye", "thanks"), "nobody takes leave"),
    "office": _acts(("office", "told"), "neither the office nor absent customers are talked about"),
    "family": _acts(("family",), "no family matters come up"),
    "broadcast": _acts(("broadcast",), "nothing sounds like a broadcast"),
    "sound": _plain("it sounds like people in the room", "it sounds like a loudspeaker: a broadcast or a recording"),
    "hint": _plain("an appointment stands in the calendar at this time", None),
    "whole": _plain("the recording is one conversation from beginning to end", None),
    "address": _plain("they address each other often", "they hardly address each other"),
    "numbers": _plain(None, "hardly a number is said: no price, size, amount or time"),
    "unclear": _plain(None, "voices are not told apart, and no conversation of the day stands out"),
}


_OTHER_ACTS: dict[str, tuple[str, ...]] = {
    "internal": ("office", "told", "call_in"),
    "personal": ("family",),
    "broadcast": ("broadcast",),
}
_OTHER_WORDS = {
    "internal": "people of the company talk among themselves",
    "personal": "private talk",
    "broadcast": "voices that nobody answers, as in a broadcast",
    "unknown": "neither clearly a customer conversation nor clearly anything else",
}


def of_other_talk(h: DayFeatures, first: int, last: int, kind: str) -> ReasonText:
    """Explain the kind of lines [first, last): by words typical of that kind where they occur, else by its name."""
    text = _OTHER_WORDS[kind]
    acts = _OTHER_ACTS.get(kind, ())
    columns = [dialogue_acts.INDEX[a] for a in acts]
    part = h.act_counts[first:last][:, columns].sum(axis=1) if columns else np.zeros(0)
    if not part.any():
        return ReasonText(text, float(h.utterances.start[first]))
    row = first + int(part.argmax())
    return ReasonText(f"{text}: “{quote(h, row)}”", float(h.utterances.start[row]))
