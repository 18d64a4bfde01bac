"""A conversation prepared for fact extraction: turns, sentences and normalised text.

Recognisers write contractions, numbers and sentence ends in different ways. Every sentence therefore has a normalised
`text`: lower case, contractions expanded ("we'll" becomes "we will"), hesitations and immediate repetitions removed,
amounts with their currency as a word. Each word of that text refers to the token it comes from, so that a match can be
quoted as said.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from dayline.domain.analysis import TalkMetrics
from dayline.domain.quotes import Token, quote_of, tokens_of
from dayline.domain.transcript import Transcript
from dayline.scoring.metrics import keep, measured
from dayline.scoring.questions import Question, questions_in
from dayline.scoring.turns import Turn, known_rep, turns_of

PAUSE_ENDS_SENTENCE_SECONDS = 0.9
LONGEST_SENTENCE_WORDS = 40
_SHORTEST_PART_WORDS = 7
_PUNCTUATED_MARKS_PER_WORD = 1 / 40

_SOUNDS = frozenset(("um", "uh", "uhm", "umm", "uhh", "er", "erm", "ah", "hmm", "hm", "mm", "mmm"))
_ABBREVIATIONS = frozenset(("mr", "mrs", "ms", "dr", "st", "vs", "no", "prof"))
_ENDS = (".", "?", "!", "…")
_AMOUNT = re.compile(r"^([$£€]?)(\d[\d,]*(?:[.:]\d+)?)([$£€]?)[.,;:?!]*$")
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_APOSTROPHE = re.compile(r"['’‘`´]")
_SUFFIXES = {"ll": "will", "re": "are", "ve": "have", "m": "am", "d": "would"}
_OPENED = {
    "cant": "can not",
    "wont": "will not",
    "shant": "shall not",
    "im": "i am",
    "ive": "i have",
    "ill": "i will",
    "id": "i would",
    "youre": "you are",
    "youve": "you have",
    "youll": "you will",
    "youd": "you would",
    "theyre": "they are",
    "theyll": "they will",
    "theyd": "they would",
    "weve": "we have",
    "thats": "that is",
    "thatll": "that will",
    "thatd": "that would",
    "itll": "it will",
    "whats": "what is",
    "hows": "how is",
    "wheres": "where is",
    "whens": "when is",
    "whos": "who is",
    "theres": "there is",
    "heres": "here is",
    "shes": "she is",
    "hes": "he is",
    "gonna": "going to",
    "gotta": "got to",
    "wanna": "want to",
    "lemme": "let me",
    "gimme": "give me",
    "dunno": "do not know",
    "yall": "you all",
    "alright": "all right",
    "ok": "okay",
    "yeah": "yes",
    "yep": "yes",
    "yup": "yes",
    "aye": "yes",
    "cheque": "check",
    "favour": "favor",
    "neighbour": "neighbor",
    "neighbours": "neighbors",
    "colour": "color",
}
_NEGATED = ("do", "does", "did", "is", "are", "was", "were", "would", "could", "should", "has", "have", "had", "need")
_OPENED.update({f"{verb}nt": f"{verb} not" for verb in _NEGATED})
_WITH_IS = frozenset(
    (
        *("it", "that", "what", "how", "where", "when", "who", "there", "here", "he", "she", "tomorrow"),
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    )
)
"""Words after which "'s" is "is": "Thursday's fine"."""
# Openers at which a long run of words without marks may be cut, the clearest first.
_OPENERS = (("so",), ("but",), ("okay",), ("and", "then"), ("and", "i"), ("and", "we"), ("because",), ("and",))


@dataclass(frozen=True, slots=True)
class Quote:
    """Words as said, with their times in seconds."""

    text: str
    start_seconds: float
    end_seconds: float


def quote_for(tokens: Sequence[Token]) -> Quote:
    """Return a quote of exactly these tokens."""
    return Quote(quote_of(tokens), tokens[0].start_seconds, max(t.end_seconds for t in tokens))


class Sentence:
    """A sentence of one voice.

    Attributes:
        number: place among all sentences of the conversation.
        turn: number of its turn.
        tokens: the words as recognised.
        is_rep: whether the rep says it; None if voices are not distinguished.
        text: the normalised words (module docstring), separated by single spaces.
        start_seconds: start of its first word.
        is_marked_question: whether the recogniser wrote a question mark at its end.

    """

    __slots__ = (
        "_offsets",
        "_owners",
        "is_marked_question",
        "is_rep",
        "number",
        "start_seconds",
        "text",
        "tokens",
        "turn",
        "words",
    )

    def __init__(self, number: int, turn: int, tokens: tuple[Token, ...], is_rep: bool | None) -> None:
        self.number = number
        self.turn = turn
        self.tokens = tokens
        self.is_rep = is_rep
        self.start_seconds = tokens[0].start_seconds
        self.is_marked_question = tokens[-1].has_question_mark
        words, owners = _uniform(tokens)
        self.words = words
        self._owners = owners
        self.text = " ".join(words)
        offsets: list[int] = []
        at = 0
        for word in words:
            offsets.append(at)
            at += len(word) + 1
        self._offsets = offsets

    @property
    def end_seconds(self) -> float:
        """End of its last word."""
        return max(t.end_seconds for t in self.tokens)

    @property
    def quote(self) -> Quote:
        """The whole sentence as said."""
        return quote_for(self.tokens)

    def word_at(self, offset: int) -> int:
        """Return the index of the word at a character offset of `text`."""
        return max(0, bisect_right(self._offsets, offset) - 1)

    def token_at(self, offset: int) -> int:
        """Return the index in `tokens` of the word at a character offset of `text`."""
        return self._owners[self.word_at(offset)]

    def token_at_word(self, word: int) -> int:
        """Return the index in `tokens` of a word of `words`."""
        return self._owners[word]

    def said(self, start: int, end: int) -> str:
        """Return the words between two character offsets of `text` as the recogniser wrote them."""
        if end <= start:
            return ""
        first, last = self.token_at(start), self.token_at(end - 1) + 1
        while first > 0 and not self.tokens[first].raw:
            first -= 1
        return quote_of(self.tokens[first:last])

    def quote_between(self, start: int, end: int) -> Quote:
        """Return a quote of the words between two character offsets of `text`."""
        first, last = self.token_at(start), self.token_at(max(start, end - 1)) + 1
        while first > 0 and not self.tokens[first].raw:
            first -= 1
        return quote_for(self.tokens[first:last])

    def mark_between(self, start: int, end: int) -> bool:
        """Return whether a comma, colon or semicolon follows any word from `start` to before `end`."""
        first, last = self.token_at(start), self.token_at(max(start, end - 1))
        while last > first and not self.tokens[last].raw:  # a part of "eighty-nine,": the mark follows the whole word
            last -= 1
        return any(t.raw.endswith((",", ";", ":", "-", "–", "—")) for t in self.tokens[first:last])


_SAID_TWICE = frozenset(["no", "that", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
"""Words whose repetition is no stammer: "six nine nine five"."""


def _uniform(tokens: Sequence[Token]) -> tuple[list[str], list[int]]:
    words: list[str] = []
    owners: list[int] = []
    skip = False
    for place, token in enumerate(tokens):
        if skip and not token.raw:
            continue
        found, skip = _uniform_words(token.text, token.raw)
        for word in found:
            if words and words[-1] == word and word not in _SAID_TWICE:
                continue
            words.append(word)
            owners.append(place)
    return words, owners


@lru_cache(maxsize=8192)
def _uniform_words(word: str, raw: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of a token without sounds, and whether it is an amount: its other parts are left out then.

    Most words of a talk occur often.
    """
    amount = _AMOUNT.match(raw) if raw[:1] in _CURRENCIES or raw[:1].isdigit() else None
    if amount is None:
        return tuple(w for w in _opened(word, raw) if w not in _SOUNDS), False
    number, symbol = amount[2].replace(",", ""), amount[1] or amount[3]
    return ((number, _CURRENCIES[symbol]) if symbol else (number,)), True


def _opened(word: str, raw: str) -> Sequence[str]:
    """Return a word with its contraction opened."""
    known = _OPENED.get(word)
    if known:
        return known.split()
    pieces = _APOSTROPHE.split(raw.lower())
    if len(pieces) == 2 and pieces[0]:
        tail = re.sub(r"\W+$", "", pieces[1])
        stem = re.sub(r"^\W+", "", pieces[0])
        if tail in _SUFFIXES:
            return [stem, _SUFFIXES[tail]]
        if tail == "s" and stem in _WITH_IS:
            return [stem, "is"]
        if tail == "t" and stem.endswith("n"):
            return [stem[:-1], "not"]
    return [word]


class Conversation:
    """One conversation: words, turns, sentences, the rep's label and the talk metrics.

    Attributes:
        transcript: the recognised text.
        tokens: all words in order.
        turns: consecutive words of one voice.
        rep: the rep's speaker label, None if voices are not distinguished.
        sentences: all sentences in order.

    """

    def __init__(self, transcript: Transcript, rep_label: str | None) -> None:
        self.transcript = transcript
        self.tokens = tokens_of(transcript)
        self.turns: tuple[Turn, ...] = turns_of(self.tokens)
        self.rep = known_rep(self.tokens, rep_label)
        marks = sum(1 for t in self.tokens if t.raw.endswith(_ENDS))
        self.is_punctuated = marks >= len(self.tokens) * _PUNCTUATED_MARKS_PER_WORD
        self.sentences: tuple[Sentence, ...] = tuple(self._sentences())

    def _sentences(self) -> list[Sentence]:
        found: list[Sentence] = []
        for number, turn in enumerate(self.turns):
            is_rep = None if self.rep is None else turn.speaker == self.rep
            for tokens in _split(turn.tokens, self.is_punctuated):
                sentence = Sentence(len(found), number, tokens, is_rep)
                if sentence.words:
                    found.append(sentence)
        return found

    @cached_property
    def metrics(self) -> TalkMetrics:
        """Talk metrics of the conversation."""
        found = measured(self.turns, self.rep, len(self.questions))
        keep(self.transcript, self.rep, found)
        return found

    @cached_property
    def has_two_voices(self) -> bool:
        """Whether the rep and another speaker can be distinguished."""
        return self.rep is not None and any(t.speaker not in (None, self.rep) for t in self.turns)

    @cached_property
    def rep_sentences(self) -> list[Sentence]:
        """Sentences of the rep; all sentences if voices are not distinguished."""
        return [s for s in self.sentences if s.is_rep is not False]

    @cached_property
    def customer_sentences(self) -> list[Sentence]:
        """Sentences of the other speakers; all sentences if voices are not distinguished."""
        return [s for s in self.sentences if s.is_rep is not True]

    @cached_property
    def questions(self) -> list[tuple[int, Question]]:
        """Questions of the rep with the number of their turn (of all speakers, if voices are not distinguished)."""
        turns = [i for i, t in enumerate(self.turns) if self.rep is None or t.speaker == self.rep]
        return [(i, q) for i in turns for q in questions_in(self.turns[i].tokens)]

    @cached_property
    def sentences_of_turn(self) -> dict[int, list[Sentence]]:
        """Sentences by the number of their turn."""
        found: dict[int, list[Sentence]] = {}
        for sentence in self.sentences:
            found.setdefault(sentence.turn, []).append(sentence)
        return found

    @cached_property
    def start_seconds(self) -> float:
        """Start of the first word; start of the slice if nothing is said."""
        return self.tokens[0].start_seconds if self.tokens else self.transcript.start_seconds

    @cached_property
    def end_seconds(self) -> float:
        """End of the last word."""
        return max((t.end_seconds for t in self.tokens), default=self.start_seconds)

    def share_at(self, seconds: float) -> float:
        """Return the relative position of a time in the conversation, 0 at its start and 1 at its end."""
        start, length = self._span
        return (seconds - start) / length if length > 0 else 0.0

    @cached_property
    def _span(self) -> tuple[float, float]:
        return self.start_seconds, self.end_seconds - self.start_seconds

    def before(self, sentence: Sentence, turns: int = 1) -> list[Sentence]:
        """Return the sentences of the `turns` turns before this one's."""
        if turns == 1:
            return [*self.sentences_of_turn.get(sentence.turn - 1, ())]
        return [
            s
            for turn in range(max(0, sentence.turn - turns), sentence.turn)
            for s in self.sentences_of_turn.get(turn, ())
        ]

    def after(self, sentence: Sentence, turns: int = 1) -> list[Sentence]:
        """Return the sentences of the `turns` turns after this one's."""
        last = min(len(self.turns), sentence.turn + 1 + turns)
        return [s for turn in range(sentence.turn + 1, last) for s in self.sentences_of_turn.get(turn, ())]


def _split(tokens: tuple[Token, ...], is_punctuated: bool) -> list[tuple[Token, ...]]:
    """Split a turn at written sentence ends; if there are none, at pauses, utterance ends and clear openers."""
    found: list[tuple[Token, ...]] = []
    first = 0
    for i, (a, b) in enumerate(pairwise(tokens)):
        ends = _ends_sentence(a, b)
        if not ends and not is_punctuated:
            is_pause = b.start_seconds - a.end_seconds >= PAUSE_ENDS_SENTENCE_SECONDS
            ends = a.utterance != b.utterance or (is_pause and not a.raw.endswith(","))
        if ends:
            found.append(tokens[first : i + 1])
            first = i + 1
    found.append(tokens[first:])
    return [part for piece in found for part in _shorten(piece)]


def _ends_sentence(token: Token, following: Token) -> bool:
    if following.raw and token.raw[-1:].isalpha():
        return False  # most words
    if not following.raw or (not token.raw and not token.has_question_mark):
        return token.has_question_mark and bool(following.raw)
    if token.text in _ABBREVIATIONS and token.raw.endswith("."):
        return False
    if token.raw.endswith(".") and len(token.text) == 1 and token.text.isalpha() and token.text != "i":
        return False
    return token.raw.rstrip("\"”'").endswith(_ENDS)


def _shorten(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    if len(tokens) <= LONGEST_SENTENCE_WORDS:
        return [tokens]
    middle = len(tokens) / 2
    for opener in _OPENERS:
        size = len(opener)
        places = [
            i
            for i in range(_SHORTEST_PART_WORDS, len(tokens) - _SHORTEST_PART_WORDS)
            if tokens[i].raw and tuple(t.text for t in tokens[i : i + size]) == opener
        ]
        if places:
            cut = min(places, key=lambda i: abs(i - middle))
            return [*_shorten(tokens[:cut]), *_shorten(tokens[cut:])]
    return [tokens]
