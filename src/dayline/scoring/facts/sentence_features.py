"""Features of a sentence for the linear models of statements: its words, their order and its context.

A feature is a short text such as "w:shall i put". Numbers, days, clock times, money and people are replaced by
placeholders, so that what was learned about "Tuesday at four" applies to any day.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.grammar import KIN, MONTHS, SUPERIORS, words
from dayline.scoring.facts.money import amounts_in
from dayline.scoring.facts.objection_patterns import ACKNOWLEDGES
from dayline.scoring.facts.statement_model import OF_SENTENCES, statement_model
from dayline.scoring.facts.times import TimeMention, times_in
from dayline.scoring.questions import Question, questions_in

_NUMBER_WORDS = words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand grand"
)
_MONEY_WORDS = words(
    "dollars dollar bucks quid pounds pound euros euro pence cents rupees rand francs deposit price cost costs fee"
)
_PEOPLE_WORDS = frozenset([*KIN.split("|"), *(w for w in SUPERIORS.split("|") if " " not in w)]) - {"partners"}
_MONTH_WORDS = frozenset(MONTHS.split("|")) - {"may", "march"}
_ORDINALS = words(
    "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
# Words with similar meanings in a sale share a class, so that a few labelled sentences generalise.
_CLASSES = {
    "dear": "expensive pricey steep dear costly high rich overpriced",
    "consult": "talk speak check ask discuss consult clear",
    "firm": "company companies guy guys firm supplier vendor provider outfit agent competitor lot contractor dealer "
    "broker fella crowd rep installer agency shop store mob people",
    "quote": "quote quotes estimate estimates bid bids offer offers prices quotation quotations",
    "visit": "come stop swing pop drop pass visit",
    "contact": "call ring phone text email catch mail message write",
    "book": "book schedule pencil reserve hold arrange fix",
    "commit": "sign order buy purchase commit join switch subscribe",
    "start": "start begin proceed",
    "suits": "work works suit suits good okay fine best better free available convenient around handy",
    "modal": "would could can shall should may will might",
    "have": "have got had has",
    "need": "need want require",
    "like": "like love fancy prefer enjoy",
    "dislike": "hate dislike",
    "sure": "sure certain convinced ready",
    "happy": "happy satisfied pleased content sorted covered",
    "busy": "busy slammed swamped tied rushed flat",
    "think": "think consider ponder mull sleep decide",
    "less": "cheaper less lower discount",
    "more": "more higher dearer extra",
    "pay": "pay paying paid spend spending spent afford cost costs charge charges",
    "believe": "trust believe",
    "fails": "breaks fails leaks stops broke leaked failed breaking bust dies",
    "terms": "contract lease agreement term notice penalty",
    "money": "money budget cash funds",
    "paper": "paperwork contract form agreement signature order",
    "pilot": "trial pilot demo sample test tryout",
    "give": "give send leave bring show",
    "me": "i we me us",
    "you": "you yourself",
    "they": "they he she",
    "my": "my our the",
    "now": "now currently presently",
    "again": "again back",
    "yes": "yes sure okay alright",
    "no": "no nope nah",
    "never": "never hardly barely rarely",
}
_CLASS_OF = {word: f"+{name}" for name, members in reversed(_CLASSES.items()) for word in members.split()}
_FILLERS = words("really just honestly actually probably maybe perhaps still also then well quite very a an so the")
_DIGITS = re.compile(r"\d[\d.:]*(?:am|pm|k)?$")
LONG_TALK_SENTENCES = 64
_AROUND, _REPLY = 8, 10
"""Number of words used of the sentences before and after, and of the turns before and after for classes of words."""
_NEGATIONS = words("not no never nothing cannot")
_SELF = re.compile(r"I(?:\W|$)")


def marked_words(sentence: Sentence, times: tuple[TimeMention, ...]) -> list[str]:
    """Return the words of a sentence with numbers, times, money and people replaced by placeholders."""
    pieces: list[str] = []
    at = 0
    for mention in times:
        pieces += [sentence.text[at : mention.start], _mark_of(mention)]
        at = mention.end
    pieces.append(sentence.text[at:])
    found: list[str] = []
    for word in " ".join(pieces).split():
        mark = _marked(word)
        if mark == "#" and found and found[-1] == "#":
            continue
        found.append(mark)
    return found


def _mark_of(mention: TimeMention) -> str:
    if mention.has_day:
        return "@now" if mention.text in {"today", "tonight"} else "@day"
    return "@clock" if mention.has_clock else "@span"


@lru_cache(maxsize=8192)
def _marked(word: str) -> str:
    if word in _NUMBER_WORDS or _DIGITS.match(word):
        return "#"
    if word in _ORDINALS:
        return "@ord"
    if word in _MONTH_WORDS:
        return "@day"
    if word in _PEOPLE_WORDS:
        return "@kin"
    return word


def class_of(word: str) -> str:
    """Return the class of words with a similar meaning that a word belongs to, the word itself if to none."""
    return _CLASS_OF.get(word, word)


class SentenceFeatures:
    """Features of the sentences of one conversation; the marked words of each sentence are computed once."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._marked: dict[int, list[str]] = {}
        self._times: dict[int, tuple[TimeMention, ...]] = {}
        self._found: dict[int, list[str]] = {}
        self._replies: dict[int, list[str]] = {}
        self._lasts: dict[int, list[str]] = {}
        self._values: dict[int, list[float]] = {}
        self._questions: dict[int, tuple[Question, ...]] = {}
        self._grams: dict[int, list[str]] = {}
        self._of_turns: dict[int, list[str]] = {}
        self._scores: dict[int, NDArray[np.float64]] = {}

    def times_of(self, sentence: Sentence) -> tuple[TimeMention, ...]:
        """Return the times named in a sentence."""
        known = self._times.get(sentence.number)
        if known is None:
            known = self._times[sentence.number] = times_in(sentence)
        return known

    def words_of(self, sentence: Sentence) -> list[str]:
        """Return the marked words of a sentence."""
        known = self._marked.get(sentence.number)
        if known is None:
            known = self._marked[sentence.number] = marked_words(sentence, self.times_of(sentence))
        return known

    def classed_words_of(self, sentence: Sentence) -> list[str]:
        """Return the marked words of a sentence without fillers, words of similar meaning as their class."""
        return _classed(self.words_of(sentence))

    def questions_of(self, sentence: Sentence) -> tuple[Question, ...]:
        """Return the questions in a sentence."""
        known = self._questions.get(sentence.number)
        if known is None:
            known = self._questions[sentence.number] = questions_in(sentence.tokens)
        return known

    def of(self, sentence: Sentence) -> list[str]:
        """Return the distinct features of a sentence; computed once, since several models read them."""
        known = self._found.get(sentence.number)
        if known is None:
            known = self._found[sentence.number] = self._of(sentence)
        return known

    def score_of(self, sentence: Sentence, name: str, marks: Iterable[str] = ()) -> float:
        """Return the log-odds by the model `name` (one of `OF_SENTENCES`) for the features of a sentence and more.

        The features are looked up once for all models; `marks` are what a fact's rules add.
        """
        models = statement_model().sentences
        known = self._scores.get(sentence.number)
        if known is None:
            known = self._scores[sentence.number] = models.of(self.of(sentence))
        return float(known[OF_SENTENCES.index(name)] + models.column(marks, OF_SENTENCES.index(name)))

    def turn_features(self, turn: int) -> list[str]:
        """Return the distinct features of a whole turn: its words, their order, how it begins and ends."""
        known = self._of_turns.get(turn)
        if known is None:
            known = self._of_turns[turn] = self._of_turn(turn)
        return known

    def _of_turn(self, turn: int) -> list[str]:
        said = self._talk.sentences_of_turn.get(turn, [])
        found = [name for s in said for name in self._ngrams_of(s)]
        if any(s.is_marked_question for s in said):
            found.append("?")
        first, last = (
            [w for s in said[:1] for w in self.words_of(s)],
            [w for s in said[-1:] for w in self.words_of(s)],
        )
        found += [f"a:{' '.join(first[:n])}" for n in (1, 2) if len(first) >= n]
        found += [f"z:{' '.join(last[-n:])}" for n in (1, 2) if len(last) >= n]
        return list(dict.fromkeys(found))

    def _ngrams_of(self, sentence: Sentence) -> list[str]:
        known = self._grams.get(sentence.number)
        if known is None:
            known = self._grams[sentence.number] = _ngrams(self.words_of(sentence))
        return known

    def _of(self, sentence: Sentence) -> list[str]:
        marked = self.words_of(sentence)
        found = list(self._ngrams_of(sentence))
        found += [f"a:{' '.join(marked[:n])}" for n in (1, 2, 3) if len(marked) >= n]
        found += [f"z:{' '.join(marked[-n:])}" for n in (1, 2) if len(marked) >= n]
        found.append(f"len:{min(6, len(marked) // 4)}")
        share = self._talk.share_at(sentence.start_seconds)
        found.append(f"at:{min(4, int(share * 5))}")
        # A long conversation has few more requests and objections than a short one: each sentence is less likely one.
        found.append("size:long" if len(self._talk.sentences) >= LONG_TALK_SENTENCES else "size:short")
        asks = [q for q in self.questions_of(sentence) if not q.is_courtesy]
        if asks or sentence.is_marked_question:
            found.append("asks")
            found.append("asks:open" if any(q.is_open for q in asks) else "asks:closed")
        if any(w in _MONEY_WORDS for w in marked):
            found.append("money")
        found += self._around(sentence)
        found += self.reply_features(sentence.turn + 1) + self._as_last(sentence.turn - 1)
        found += self._since_price(sentence)
        found += self._marks(sentence, found[-1], "asks" in found)
        return list(dict.fromkeys(found))

    def _around(self, sentence: Sentence) -> list[str]:
        found: list[str] = []
        before = self._talk.before(sentence, 1)
        after = self._talk.after(sentence, 1)
        if before:
            last = self.words_of(before[-1])[-_AROUND:]
            found += [f"p:{w}" for w in last]
            found += [f"p:{a} {b}" for a, b in pairwise(last)]
            if before[-1].is_marked_question or self.questions_of(before[-1]):
                found.append("p:asks")
            if any("#" in self.words_of(s) for s in before):
                found.append("p:number")
        if after:
            first = self.words_of(after[0])[:_AROUND]
            found += [f"n:{w}" for w in first]
            found += [f"n:{a} {b}" for a, b in pairwise(first)]
            found.append(f"na:{first[0]}" if first else "na:")
        same = self._talk.sentences_of_turn[sentence.turn]
        place = sentence.number - same[0].number
        found.append("turn:only" if len(same) == 1 else "turn:last" if place == len(same) - 1 else "turn:inside")
        return found

    def reply_features(self, turn: int) -> list[str]:
        """Return what a turn says as an answer to the one before it."""
        known = self._replies.get(turn)
        if known is not None:
            return known
        said = self._talk.sentences_of_turn.get(turn, [])
        words = [w for s in said for w in self.words_of(s)]
        found: list[str] = []
        if words:
            text = " ".join(s.text for s in said)
            found += [f"rc:{_CLASS_OF[w]}" for w in words[:_REPLY] if w in _CLASS_OF]
            found += [f"r:len{min(4, len(words) // 6)}", f"r:first:{_CLASS_OF.get(words[0]) or words[0]}"]
            marks = {
                "r:ack": ACKNOWLEDGES.search(text) is not None,
                "r:asks": any(self.questions_of(s) for s in said),
                "r:number": "#" in words,
                "r:time": any(w.startswith("@") for w in words),
                "r:but": "but" in words,
            }
            found += [name for name, holds in marks.items() if holds]
        self._replies[turn] = found
        return found

    def _as_last(self, turn: int) -> list[str]:
        """Return the classes of the last words of a turn, for the turn after it."""
        known = self._lasts.get(turn)
        if known is None:
            words = [w for s in self._talk.sentences_of_turn.get(turn, []) for w in self.words_of(s)]
            known = self._lasts[turn] = [f"pc:{_CLASS_OF[w]}" for w in words[-_REPLY:] if w in _CLASS_OF]
        return known

    def _marks(self, sentence: Sentence, priced: str, asks: bool) -> list[str]:
        """Return names, numbers and negations, together with the time since a price was named."""
        has_number = "#" in self.words_of(sentence)
        is_negated = not _NEGATIONS.isdisjoint(sentence.words)
        found = [f"x:{priced}:num{has_number}", f"x:{priced}:neg{is_negated}", f"x:{priced}:q{asks}"]
        found.append(f"x:neg{is_negated}:q{asks}")
        raw = [t.raw for t in sentence.tokens]
        if any(b[:1].isupper() and not _SELF.match(b) and not a.endswith((".", "!", "?")) for a, b in pairwise(raw)):
            found += ["x:name", f"x:name:{has_number}"]
        if raw[-1].endswith("!"):
            found += ["x:bang", f"x:bang:{has_number}"]
        mine = self._values_of(sentence)
        theirs = [
            v for s in self._talk.before(sentence, 4) if s.is_rep is not sentence.is_rep for v in self._values_of(s)
        ]
        if mine and theirs:
            same, lower = mine[-1] in theirs, mine[-1] < theirs[-1]
            found.append(f"x:amount:{'same' if same else 'lower' if lower else 'higher'}")
        found.append(f"x:left{min(6, (len(self._talk.turns) - 1 - sentence.turn) // 2)}")
        return found

    def _values_of(self, sentence: Sentence) -> list[float]:
        known = self._values.get(sentence.number)
        if known is None:
            has_number = "#" in self.words_of(sentence)
            known = [a.value for a in amounts_in(sentence, with_currency=False)] if has_number else []
            self._values[sentence.number] = known
        return known

    def _since_price(self, sentence: Sentence) -> list[str]:
        """Return the number of turns since the rep named an amount."""
        earlier = bisect_left(self._priced, sentence.turn)
        if not earlier:
            return ["priced:never"]
        ago = sentence.turn - self._priced[earlier - 1]
        return [f"priced:{1 if ago <= 1 else 3 if ago <= 3 else 9}"]

    @cached_property
    def names_rates(self) -> bool:
        """Whether percentages are spoken of."""
        return any("percent" in s.words for s in self._talk.sentences)

    @cached_property
    def _priced(self) -> list[int]:
        return sorted({s.turn for s in self._talk.rep_sentences if amounts_in(s, with_currency=True)})


def _classed(marked: list[str]) -> list[str]:
    return [_CLASS_OF.get(w, w) for w in marked if w not in _FILLERS]


def _ngrams(marked: list[str]) -> list[str]:
    found = [f"w:{w}" for w in marked]
    found += [f"w:{a} {b}" for a, b in pairwise(marked)]
    found += [f"w:{a} {b} {c}" for a, b, c in zip(marked, marked[1:], marked[2:], strict=False)]
    found += [f"w:{a} _ {c}" for a, c in zip(marked, marked[2:], strict=False)]
    classed = _classed(marked)
    second, third, fourth = classed[1:], classed[2:], classed[3:]
    found += [f"c:{w}" for w in classed]
    found += [f"c:{a} {b}" for a, b in zip(classed, second, strict=False)]
    found += [f"c:{a} {b} {c}" for a, b, c in zip(classed, second, third, strict=False)]
    found += [f"c:{a} {b} {c} {d}" for a, b, c, d in zip(classed, second, third, fourth, strict=False)]
    return found
