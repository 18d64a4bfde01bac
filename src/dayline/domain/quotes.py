"""Normalise words, and look quotes up in a transcript.

Recognisers differ in case, punctuation and in whether they give word times at all. Here every word gets a normalised
form and a time, so that "Don't," and "dont" are the same word and a number keeps its digits. A quote matches when its
words follow each other in the transcript.
"""

from __future__ import annotations

import re
import unicodedata
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from dayline.domain.transcript import Transcript, Utterance

_SPLIT = re.compile(r"[^\w%$€£]+", re.UNICODE)
_APOSTROPHES = re.compile(r"['’‘`´]")
_DIGIT_COMMA = re.compile(r"(?<=\d),(?=\d{3}\b)")
_CURRENCY = re.compile(r"[$€£]")

_ELLIPSIS = re.compile(r"\[?(?:\.\.\.|…)\]?")
_PIECES_APART_SECONDS = 60.0
_LONE_WORD_TOLERANCE_SECONDS = 2.0


class Token(NamedTuple):
    """One word as spoken. `text` is normalised, `raw` is as the recogniser wrote it."""

    text: str
    raw: str
    start_seconds: float
    end_seconds: float
    speaker: str | None
    utterance: int
    has_question_mark: bool = False
    confidence: float | None = None


def normalise(text: str) -> list[str]:
    """Split a text into comparable words: lower case, no punctuation, apostrophes closed, hyphens opened."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _CURRENCY.sub(" ", _DIGIT_COMMA.sub("", _APOSTROPHES.sub("", plain)))
    return [part for part in _SPLIT.split(plain.replace("_", " ").replace("%", " % ")) if part]


@lru_cache(maxsize=8192)
def _parts_of(word: str) -> tuple[str, ...]:
    """Return one word normalised; most words of a talk occur often."""
    return tuple(normalise(word))


_known: dict[int, tuple[Token, ...]] = {}
"""Words of the transcripts in use, by identity: an analysis reads those of one transcript several times."""


def tokens_of(transcript: Transcript) -> tuple[Token, ...]:
    """Return every word in the order of the utterances, with times on the recording's clock.

    They are split once and kept as long as the transcript is in use.
    """
    key = id(transcript)
    known = _known.get(key)
    if known is None:
        said = (_tokens_of_utterance(utterance, i) for i, utterance in enumerate(transcript.utterances))
        known = tuple(chain.from_iterable(said))
        _known[key] = known
        weakref.finalize(transcript, _known.pop, key, None).atexit = False
    return known


def _tokens_of_utterance(utterance: Utterance, index: int) -> list[Token]:
    if utterance.words:
        pieces = [
            (w.text, w.start_seconds, w.end_seconds, w.speaker or utterance.speaker, w.confidence)
            for w in utterance.words
        ]
    else:
        # Text without word times: words are spread evenly over the utterance, accurate to a second or two.
        raws = utterance.text.split()
        step = (utterance.end_seconds - utterance.start_seconds) / max(1, len(raws))
        starts = [utterance.start_seconds + i * step for i in range(len(raws))]
        pieces = [(raw, at, at + step, utterance.speaker, None) for raw, at in zip(raws, starts, strict=True)]
    found: list[Token] = []
    for raw, start, end, speaker, confidence in pieces:
        parts = _parts_of(raw)
        if len(parts) == 1:
            found.append(Token(parts[0], raw.strip(), start, end, speaker, index, "?" in raw, confidence))
            continue
        for place, part in enumerate(parts):
            # An opened hyphen gives several tokens; the raw form stays with the first so that quotes read as written.
            shown = raw.strip() if place == 0 else ""
            asks = place == len(parts) - 1 and "?" in raw
            found.append(Token(part, shown, start, end, speaker, index, asks, confidence))
    return found


def quote_of(tokens: Sequence[Token]) -> str:
    """Write tokens back as the recogniser wrote them."""
    return " ".join(t.raw for t in tokens if t.raw)


@dataclass(frozen=True, slots=True)
class Found:
    """Place of a quote: the words as written and their times in seconds."""

    quote: str
    start_seconds: float
    end_seconds: float


class QuoteFinder:
    """Looks up quotes in one transcript. Building it costs one pass over the words, a look-up a few comparisons."""

    def __init__(self, transcript: Transcript) -> None:
        self._tokens = tokens_of(transcript)
        self._words = [token.text for token in self._tokens]
        self._places: dict[str, list[int]] = {}
        for i, word in enumerate(self._words):
            self._places.setdefault(word, []).append(i)

    def find(self, quote: str, near_seconds: float | None = None) -> Found | None:
        """Return where the quote was said, the occurrence nearest to `near_seconds` first; None when it was not.

        An ellipsis joins pieces that follow each other within a minute. A single word matches only
        at the time given.
        """
        pieces = [words for part in _ELLIPSIS.split(quote) if (words := normalise(part))]
        if not pieces:
            return None
        if len(pieces) == 1 and len(pieces[0]) == 1:
            return self._lone_word(pieces[0][0], near_seconds)
        spans = [s for first in self._runs(pieces[0]) if (s := self._follow(first, pieces[1:])) is not None]
        if not spans:
            return None
        return self._shown(min(spans, key=lambda s: self._distance(s[0][0], near_seconds)))

    def _lone_word(self, word: str, near_seconds: float | None) -> Found | None:
        places = self._places.get(word, [])
        if not places or near_seconds is None:
            return None
        best = min(places, key=lambda i: self._distance(i, near_seconds))
        return (
            self._shown([(best, best + 1)])
            if self._distance(best, near_seconds) <= _LONE_WORD_TOLERANCE_SECONDS
            else None
        )

    def _runs(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Return where these words follow one another. Only the places of the rarest of them are compared."""
        size, wanted = len(words), list(words)
        places = [self._places.get(word, []) for word in words]
        rarest = min(range(size), key=lambda k: len(places[k]))
        starts = [i - rarest for i in places[rarest] if i >= rarest]
        return [(i, i + size) for i in starts if self._words[i : i + size] == wanted]

    def _follow(self, first: tuple[int, int], rest: Sequence[Sequence[str]]) -> list[tuple[int, int]] | None:
        spans = [first]
        for words in rest:
            end = spans[-1][1]
            later = [
                run
                for run in self._runs(words)
                if run[0] >= end
                and self._tokens[run[0]].start_seconds - self._tokens[end - 1].end_seconds <= _PIECES_APART_SECONDS
            ]
            if not later:
                return None
            spans.append(later[0])
        return spans

    def _distance(self, index: int, near_seconds: float | None) -> float:
        return abs(self._tokens[index].start_seconds - near_seconds) if near_seconds is not None else float(index)

    def _shown(self, spans: Sequence[tuple[int, int]]) -> Found:
        parts = [self._as_written(a, b) for a, b in spans]
        covered: list[Token] = [t for a, b in spans for t in self._tokens[a:b]]
        return Found(" … ".join(parts), covered[0].start_seconds, max(t.end_seconds for t in covered))

    def _as_written(self, first: int, last: int) -> str:
        # A run may begin or end inside a hyphenated word, whose written form stands with its first part.
        while first > 0 and not self._tokens[first].raw:
            first -= 1
        return quote_of(self._tokens[first:last])
