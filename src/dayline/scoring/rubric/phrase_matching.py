"""Finding cues in turns: where a phrase stands, and the words around it that make a readable quote."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from dayline.domain.analysis import TalkMetrics
from dayline.domain.quotes import Token, quote_of, tokens_of
from dayline.domain.transcript import Transcript
from dayline.scoring.metrics import measure
from dayline.scoring.questions import Question, questions_in
from dayline.scoring.rubric.phrases import NEGATIONS, Phrases
from dayline.scoring.turns import Turn, known_rep, turns_of

QUOTE_BEFORE = 3
QUOTE_AFTER = 9


@dataclass(frozen=True, slots=True)
class Quote:
    """Words as said, with their times in seconds."""

    text: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue in a turn: turn number, place of its first word in that turn, how many words, and a quote around it."""

    turn: int
    first: int
    size: int
    quote: Quote


class Talk:
    """One conversation laid out for the rubric: its words, its turns, who the rep is, and what the metrics say."""

    def __init__(self, transcript: Transcript, rep_label: str | None) -> None:
        self.transcript = transcript
        self.tokens = tokens_of(transcript)
        self.turns = turns_of(self.tokens)
        self.rep = known_rep(self.tokens, rep_label)
        self.metrics: TalkMetrics = measure(transcript, rep_label)

    @cached_property
    def has_two_voices(self) -> bool:
        """True when the rep and somebody else can be told apart."""
        return self.rep is not None and any(t.speaker not in (None, self.rep) for t in self.turns)

    @cached_property
    def rep_turns(self) -> list[int]:
        """Turns of the rep; every turn where voices are not told apart."""
        return [i for i, t in enumerate(self.turns) if self.rep is None or t.speaker == self.rep]

    @cached_property
    def customer_turns(self) -> list[int]:
        """Turns of anybody else; every turn where voices are not told apart."""
        return [i for i, t in enumerate(self.turns) if self.rep is None or t.speaker != self.rep]

    @cached_property
    def rep_words(self) -> int:
        """How many words the rep said (everybody's, where voices are not told apart)."""
        return sum(len(self.turns[i].tokens) for i in self.rep_turns)

    @cached_property
    def questions(self) -> list[tuple[int, Question]]:
        """The rep's questions with their turn."""
        return [(i, q) for i in self.rep_turns for q in questions_in(self.turns[i].tokens)]

    @property
    def start_seconds(self) -> float:
        """When the first word is said; the start of the slice when nothing is said."""
        return self.tokens[0].start_seconds if self.tokens else self.transcript.start_seconds

    @property
    def end_seconds(self) -> float:
        """When the last word ends."""
        return max((t.end_seconds for t in self.tokens), default=self.start_seconds)

    def at_share(self, share: float) -> float:
        """Return the second that lies at this share of the conversation."""
        return self.start_seconds + share * (self.end_seconds - self.start_seconds)

    def is_rep(self, turn: int) -> bool:
        """True when this turn is known to be the rep's."""
        return self.rep is not None and self.turns[turn].speaker == self.rep


@dataclass
class Hits:
    """Cues found in some turns. At most one hit per place, in order."""

    items: list[Hit] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def quotes(self) -> list[Quote]:
        """The quotes, in order."""
        return [h.quote for h in self.items]


def spot(
    talk: Talk, turns: Iterable[int], phrases: Phrases, *, negated: bool = True, from_seconds: float = 0.0
) -> Hits:
    """Find phrases said at or after `from_seconds` in the given turns.

    `negated=False` leaves out those with a "not" in the three words before.
    """
    by_first = _by_first(phrases)
    hits = Hits()
    for number in turns:
        turn = talk.turns[number]
        texts = turn.texts
        skip_to = 0
        for i, word in enumerate(texts):
            if i < skip_to or turn.tokens[i].start_seconds < from_seconds:
                continue
            size = _longest_match(texts, i, by_first.get(word, ()))
            if not size or (not negated and _is_denied(texts[max(0, i - 3) : i])):
                continue
            hits.items.append(Hit(number, i, size, quote_around(turn, i, size)))
            skip_to = i + size
    return hits


def _is_denied(before: tuple[str, ...]) -> bool:
    # "No" denies only what follows at once: "no problem, I'll send it" is a promise.
    return before[-1:] == ("no",) or (bool(NEGATIONS.intersection(before)) and before[-2:] != ("why", "not"))


@lru_cache(maxsize=256)
def _by_first(phrases: Phrases) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        found.setdefault(phrase[0], []).append(phrase)
    return found


def _longest_match(texts: Sequence[str], i: int, candidates: Collection[tuple[str, ...]]) -> int:
    return max((len(p) for p in candidates if texts[i : i + len(p)] == p), default=0)


def quote_around(turn: Turn, first: int, size: int, before: int = QUOTE_BEFORE, after: int = QUOTE_AFTER) -> Quote:
    """Return the words around a place in a turn, cut where the utterance ends or the voice pauses."""
    tokens = turn.tokens
    low = first
    while low > 0 and first - low < before and _flows(tokens[low - 1], tokens[low]):
        low -= 1
    while low > 0 and not tokens[low].raw:
        low -= 1  # never begin inside a hyphenated word: its written form stands with its first part
    high = first + size
    while high < len(tokens) and high - first - size < after and _flows(tokens[high - 1], tokens[high]):
        high += 1
    return quote_for(tokens[low:high])


def _flows(a: Token, b: Token) -> bool:
    return a.utterance == b.utterance and b.start_seconds - a.end_seconds <= 1.0 and not a.raw.endswith((".", "?", "!"))


def quote_for(tokens: Sequence[Token]) -> Quote:
    """Return a quote of exactly these words."""
    return Quote(quote_of(tokens), tokens[0].start_seconds, max(t.end_seconds for t in tokens))
