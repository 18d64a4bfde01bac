"""Asking somebody else about doubtful stretches only, and believing nobody without a verified quote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dayline.domain.timeline import DayContext, Kind
from dayline.domain.transcript import Utterance

ASKS_PER_DAY = 6
DOUBT = (0.15, 0.85)
MOVES_LOG_ODDS = 2.0
_QUOTE_WORDS = 4
_LINES = 120


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stretch the offline detector is unsure of. utterances: at most 120 lines, from its beginning and its end.

    offline_chance: probability that it is a customer conversation, 0..1.
    """

    start_seconds: float
    end_seconds: float
    utterances: tuple[Utterance, ...]
    context: DayContext | None
    offline_chance: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """An answer. quote: words copied from the stretch that carry it; without them found there it does not count."""

    kind: Kind
    quote: str
    why: str = ""


class SecondOpinion(Protocol):
    """Judges one doubtful stretch. None, or any exception, means: no opinion; the offline answer stands."""

    def __call__(self, doubt: Doubt, /) -> Opinion | None:
        """Say what the stretch is. The callee keeps its own time limit."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A verified opinion and the second its quote was spoken."""

    opinion: Opinion
    at_seconds: float


def ask(second_opinion: SecondOpinion, doubt: Doubt) -> Heard | None:
    """Ask once; return the opinion only when its quote is really in the stretch."""
    try:
        answer = second_opinion(doubt)
    except Exception:  # noqa: BLE001 - whatever fails out there, the offline answer stands
        return None
    if not isinstance(answer, Opinion):
        return None
    at = find_quote(answer.quote, doubt.utterances)
    return None if at is None else Heard(answer, at)


def excerpt(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """The lines shown to a second opinion: all of a short stretch, beginning and end of a long one."""
    if len(utterances) <= _LINES:
        return tuple(utterances)
    return (*utterances[: _LINES // 2], *utterances[-_LINES // 2 :])


def find_quote(quote: str, utterances: Sequence[Utterance]) -> float | None:
    """Start of the line in which a quote of four words or more begins; None when it was not said."""
    wanted = _plain(quote)
    if len(wanted) < _QUOTE_WORDS:
        return None
    words: list[str] = []
    starts: list[float] = []
    for u in utterances:
        spoken = _plain(u.text)
        words += spoken
        starts += [u.start_seconds] * len(spoken)
    k = len(wanted)
    for i in range(len(words) - k + 1):
        if words[i : i + k] == wanted:
            return starts[i]
    return None


def _plain(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))
