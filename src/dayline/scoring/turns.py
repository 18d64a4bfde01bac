"""Speaker turns: the form of a transcript used by talk metrics and the rubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dayline.domain.quotes import Token

TURN_GAP_SECONDS = 20.0
"""After a longer silence a voice begins a new turn."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive speech of one voice. Without labels every utterance is a separate turn."""

    tokens: tuple[Token, ...]
    speaker: str | None

    @property
    def start_seconds(self) -> float:
        """Start of the first word."""
        return self.tokens[0].start_seconds

    @property
    def end_seconds(self) -> float:
        """End of the last word."""
        return max(t.end_seconds for t in self.tokens)

    @property
    def texts(self) -> tuple[str, ...]:
        """The normalised words."""
        return tuple(t.text for t in self.tokens)


def turns_of(tokens: Sequence[Token]) -> tuple[Turn, ...]:
    """Join consecutive words of one voice. Unlabelled utterances are never joined: they may be of two people."""
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
    """Return the rep's label if a word has it, else None."""
    if rep_label is None or not any(t.speaker == rep_label for t in tokens):
        return None
    return rep_label


def speech_seconds(tokens: Sequence[Token], bridge_seconds: float = 1.0) -> float:
    """Return the speaking time of these words, including pauses up to `bridge_seconds` inside the same utterance."""
    total, last_start, last_end, last_utterance = 0.0, 0.0, 0.0, -1
    for _, _, start, end, _, utterance, *_ in tokens:
        spoken = end - start if end > start else 0.0
        total += spoken
        if utterance == last_utterance:
            if start == last_start and end == last_end:
                total -= spoken  # parts of one written word
            elif 0 < start - last_end <= bridge_seconds:
                total += start - last_end
        last_start, last_end, last_utterance = start, end, utterance
    return total
