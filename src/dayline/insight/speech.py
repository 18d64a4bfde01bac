"""The transcript as the judges of talk need it: plain words with times, and turns of one voice.

Recognisers differ in case, punctuation and in whether they give words at all. Everything above this file
compares normalised words only, so that "Don't," and "dont" are the same word and a number keeps its digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dayline.core.transcript import Transcript, Utterance

_SPLIT = re.compile(r"[^\w%$€£]+", re.UNICODE)
_APOSTROPHES = re.compile(r"['’‘`´]")
_DIGIT_COMMA = re.compile(r"(?<=\d),(?=\d{3}\b)")
_CURRENCY = re.compile(r"[$€£]")

TURN_GAP_SECONDS = 20.0
"""A voice that stays silent for longer begins a new turn."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word as spoken. `text` is normalised, `raw` is as the recogniser wrote it."""

    text: str
    raw: str
    start_seconds: float
    end_seconds: float
    speaker: str | None
    utterance: int
    has_question_mark: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive speech of one voice. Without labels every utterance is a turn of its own."""

    tokens: tuple[Token, ...]
    speaker: str | None

    @property
    def start_seconds(self) -> float:
        """When the first word begins."""
        return self.tokens[0].start_seconds

    @property
    def end_seconds(self) -> float:
        """When the last word ends."""
        return max(t.end_seconds for t in self.tokens)

    @property
    def texts(self) -> tuple[str, ...]:
        """The normalised words."""
        return tuple(t.text for t in self.tokens)


def normalise(text: str) -> list[str]:
    """Split a text into comparable words: lower case, no punctuation, apostrophes closed, hyphens opened."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _CURRENCY.sub(" ", _DIGIT_COMMA.sub("", _APOSTROPHES.sub("", plain)))
    return [part for part in _SPLIT.split(plain.replace("_", " ").replace("%", " % ")) if part]


def tokens_of(transcript: Transcript) -> tuple[Token, ...]:
    """Return every word in the order of the utterances, with times on the recording's clock."""
    found: list[Token] = []
    for index, utterance in enumerate(transcript.utterances):
        found.extend(_tokens_of_utterance(utterance, index))
    return tuple(found)


def _tokens_of_utterance(utterance: Utterance, index: int) -> list[Token]:
    if utterance.words:
        pieces = [(w.text, w.start_seconds, w.end_seconds, w.speaker or utterance.speaker) for w in utterance.words]
    else:
        # Text without word times: the words share the utterance evenly, which is right to a second or two.
        raws = utterance.text.split()
        step = (utterance.end_seconds - utterance.start_seconds) / max(1, len(raws))
        starts = [utterance.start_seconds + i * step for i in range(len(raws))]
        pieces = [(raw, at, at + step, utterance.speaker) for raw, at in zip(raws, starts, strict=True)]
    found: list[Token] = []
    for raw, start, end, speaker in pieces:
        parts = normalise(raw)
        for place, part in enumerate(parts):
            # An opened hyphen gives several tokens; the raw form stays with the first so that quotes read as written.
            shown = raw.strip() if place == 0 else ""
            asks = place == len(parts) - 1 and "?" in raw
            found.append(Token(part, shown, start, end, speaker, index, asks))
    return found


def turns_of(tokens: Sequence[Token]) -> tuple[Turn, ...]:
    """Join consecutive words of one voice. Unlabelled utterances are never joined: two people may be in them."""
    turns: list[Turn] = []
    current: list[Token] = []
    for token in tokens:
        if current and not _continues(current[-1], token):
            turns.append(Turn(tuple(current), current[0].speaker))
            current = []
        current.append(token)
    if current:
        turns.append(Turn(tuple(current), current[0].speaker))
    return tuple(turns)


def _continues(before: Token, after: Token) -> bool:
    if before.utterance == after.utterance and before.speaker == after.speaker:
        return True
    same_voice = before.speaker is not None and before.speaker == after.speaker
    return same_voice and after.start_seconds - before.end_seconds <= TURN_GAP_SECONDS


def known_rep(tokens: Sequence[Token], rep_label: str | None) -> str | None:
    """Return the rep's label when it can be told from others here, else None."""
    if rep_label is None or not any(t.speaker == rep_label for t in tokens):
        return None
    return rep_label


def quote_of(tokens: Sequence[Token]) -> str:
    """Write tokens back as the recogniser wrote them."""
    return " ".join(t.raw for t in tokens if t.raw)


def speech_seconds(tokens: Sequence[Token], bridge_seconds: float = 1.0) -> float:
    """Return how long these words took, counting pauses up to `bridge_seconds` inside the same utterance as speech."""
    total = 0.0
    before: Token | None = None
    for token in tokens:
        total += max(0.0, token.end_seconds - token.start_seconds)
        if before is not None and before.utterance == token.utterance:
            gap = token.start_seconds - before.end_seconds
            if (token.start_seconds, token.end_seconds) == (before.start_seconds, before.end_seconds):
                total -= max(0.0, token.end_seconds - token.start_seconds)  # parts of one written word
            elif 0 < gap <= bridge_seconds:
                total += gap
        before = token
    return total
