"""Transcripts: words and utterances on the recording's clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dayline.domain.json_types import JsonObject
from dayline.domain.word_joining import join_words

REP_LABEL = "REP"
"""The speaker label of the rep."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word. Times are seconds from the start of the recording."""

    text: str
    start_seconds: float
    end_seconds: float
    confidence: float | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """Continuous speech of one voice. `words` may be empty when the source gave text only."""

    start_seconds: float
    end_seconds: float
    text: str
    speaker: str | None = None
    confidence: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Transcript:
    """All utterances of a recording, or of a slice of it, ordered by start.

    A slice keeps the clock of its recording: `start_seconds` is not zero there.
    """

    utterances: tuple[Utterance, ...]
    duration_seconds: float
    start_seconds: float = 0.0
    language: str | None = None
    engine: str | None = None
    is_demo_quality: bool = False
    notes: JsonObject = field(default_factory=dict[str, object])

    @property
    def text(self) -> str:
        """The whole text as one string."""
        return " ".join(u.text for u in self.utterances if u.text)

    @property
    def words(self) -> tuple[Word, ...]:
        """Every word of every utterance, in order."""
        return tuple(w for u in self.utterances for w in u.words)

    @property
    def word_count(self) -> int:
        """Number of words; counted in the text where an utterance carries no words."""
        return sum(len(u.words) or len(u.text.split()) for u in self.utterances)

    def slice(self, start_seconds: float, end_seconds: float) -> Transcript:
        """Return the transcript between two times. An utterance that crosses an edge is cut at its words."""
        kept: list[Utterance] = []
        for u in self.utterances:
            if u.end_seconds <= start_seconds or u.start_seconds >= end_seconds:
                continue
            cut = _cut(u, start_seconds, end_seconds)
            if cut is not None:
                kept.append(cut)
        return replace(
            self, utterances=tuple(kept), start_seconds=start_seconds, duration_seconds=end_seconds - start_seconds
        )


def _cut(u: Utterance, start_seconds: float, end_seconds: float) -> Utterance | None:
    if start_seconds <= u.start_seconds and u.end_seconds <= end_seconds:
        return u
    if not u.words:
        middle = (u.start_seconds + u.end_seconds) / 2
        return u if start_seconds <= middle < end_seconds else None
    words = tuple(w for w in u.words if start_seconds <= (w.start_seconds + w.end_seconds) / 2 < end_seconds)
    if not words:
        return None
    return replace(
        u,
        words=words,
        text=join_words(w.text for w in words),
        start_seconds=words[0].start_seconds,
        end_seconds=words[-1].end_seconds,
    )
