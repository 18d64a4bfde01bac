"""Features of a sentence for the linear models of statements: its words, their order and its context.

A feature is a short text such as "w:shall i put". Numbers, days, clock times, money and people are replaced by
placeholders, so that what was learned about "Tuesday at four" applies to any day.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from sys import intern

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.grammar import KIN, MONTHS, SUPERIORS, words
from dayline.scoring.facts.money import Amount, amounts_in
from dayline.scoring.facts.ngrams import Run, name_of, runs_of
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
    return intern(word)  # runs of words are found faster where equal words are one object


def class_of(word: str) -> str:
    """Return the class of words with a similar meaning that a word belongs to, the word itself if to none."""
    return _CLASS_OF.get(word, word)


class SentenceFeatures:
    """Features of the sentences of one conversation.

    A feature has a name, and a row in the models of sentences and turns if these know it. What several sentences of a
    turn or several models share is computed once.
    """

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._times = [times_in(sentence) for sentence in talk.sentences]
        self._marked = [marked_words(*pair) for pair in zip(talk.sentences, self._times, strict=True)]
        self._replies: dict[int, list[str]] = {}
        self._rows_around: dict[int, list[int]] = {}
        self._rows_of_answers: dict[int, list[int]] = {}
        self._amounts: dict[tuple[int, bool], tuple[Amount, ...]] = {}
        self._questions: dict[int, tuple[Question, ...]] = {}
        self._names: dict[int, list[str]] = {}
        self.requests: dict[int, str | None] = {}
        """Kinds of requests by the number of the rep's sentence, as far as `asks` has looked for them."""

    def times_of(self, sentence: Sentence) -> tuple[TimeMention, ...]:
        """Return the times named in a sentence."""
        return self._times[sentence.number]

    def words_of(self, sentence: Sentence) -> list[str]:
        """Return the marked words of a sentence."""
        return self._marked[sentence.number]

    def classed_words_of(self, sentence: Sentence) -> list[str]:
        """Return the marked words of a sentence without fillers, words of similar meaning as their class."""
        return _classed(self.words_of(sentence))

    def amounts_of(self, sentence: Sentence, *, with_currency: bool) -> tuple[Amount, ...]:
        """Return the amounts in a sentence by `amounts_in`, read once."""
        key = sentence.number, with_currency
        known = self._amounts.get(key)
        if known is None:
            known = self._amounts[key] = amounts_in(sentence, with_currency=with_currency)
        return known

    def questions_of(self, sentence: Sentence) -> tuple[Question, ...]:
        """Return the questions in a sentence."""
        known = self._questions.get(sentence.number)
        if known is None:
            known = self._questions[sentence.number] = questions_in(sentence.tokens)
        return known

    def of(self, sentence: Sentence) -> list[str]:
        """Return the names of the distinct features of a sentence."""
        known = self._names.get(sentence.number)
        if known is None:
            known = self._names[sentence.number] = self._named(sentence)
        return known

    def _named(self, sentence: Sentence) -> list[str]:
        turn = sentence.turn
        found = [name_of(run) for run in self._runs_of(sentence)]
        found += self._form(sentence)
        found += self._around(turn)
        found += self._place(sentence)
        found += self._answers(turn)
        found += self._marks(sentence)
        return list(dict.fromkeys(found))

    def score_of(self, sentence: Sentence, name: str, marks: Collection[str] = ()) -> float:
        """Return the log-odds by the model `name` (one of `OF_SENTENCES`) for the features of a sentence and more.

        The features are looked up once for all models; `marks` are what a fact's rules add.
        """
        model = OF_SENTENCES.index(name)
        score = self._scores[sentence.number][model]
        return score + statement_model().sentences.column(marks, model) if marks else score

    @cached_property
    def _scores(self) -> list[list[float]]:
        """The log-odds of each sentence by the models of sentences, without marks of rules."""
        scores = statement_model().sentences.of_all([self._rows_of(s) for s in self._talk.sentences])
        return scores.tolist()

    def _rows_of(self, sentence: Sentence) -> dict[int, None]:
        """Return the rows of the features of a sentence in the order of `of`."""
        turn, rows_of = sentence.turn, statement_model().sentences.rows_of
        around, answers = self._rows_around.get(turn), self._rows_of_answers.get(turn)
        if around is None or answers is None:  # the same for all sentences of the turn
            around = self._rows_around[turn] = rows_of(self._around(turn))
            answers = self._rows_of_answers[turn] = rows_of(self._answers(turn))
        found = [*self._rows_of_runs[sentence.number], *rows_of(self._form(sentence)), *around]
        found += [*rows_of(self._place(sentence)), *answers, *rows_of(self._marks(sentence))]
        return dict.fromkeys(found)

    def turn_features(self, turn: int) -> list[str]:
        """Return the names of the distinct features of a whole turn: its words, their order, its begin and end."""
        said = self._talk.sentences_of_turn.get(turn, [])
        found = [name_of(run) for s in said for run in self._runs_of(s)]
        return list(dict.fromkeys([*found, *self._form_of_turn(said)]))

    def turn_rows(self, turn: int) -> dict[int, None]:
        """Return the rows of the features of a whole turn."""
        said = self._talk.sentences_of_turn.get(turn, [])
        found = [row for s in said for row in self._rows_of_runs[s.number]]
        return dict.fromkeys([*found, *statement_model().turns.rows_of(self._form_of_turn(said))])

    def _form_of_turn(self, said: Sequence[Sentence]) -> list[str]:
        found = ["?"] if any(s.is_marked_question for s in said) else []
        first, last = (self.words_of(said[0]), self.words_of(said[-1])) if said else ([], [])
        found += [f"a:{' '.join(first[:n])}" for n in (1, 2) if len(first) >= n]
        return found + [f"z:{' '.join(last[-n:])}" for n in (1, 2) if len(last) >= n]

    def _runs_of(self, sentence: Sentence) -> list[Run]:
        return runs_of(self.words_of(sentence), self.classed_words_of(sentence))

    @cached_property
    def _rows_of_runs(self) -> list[list[int]]:
        """The rows of the runs of words of each sentence."""
        return statement_model().runs.rows_of(self._marked, [_classed(marked) for marked in self._marked])

    def _form(self, sentence: Sentence) -> list[str]:
        """Return how a sentence begins and ends, its length, its place, and whether it asks or names money."""
        marked = self.words_of(sentence)
        found = [f"a:{' '.join(marked[:n])}" for n in (1, 2, 3) if len(marked) >= n]
        found += [f"z:{' '.join(marked[-n:])}" for n in (1, 2) if len(marked) >= n]
        found.append(f"len:{min(6, len(marked) // 4)}")
        share = self._talk.share_at(sentence.start_seconds)
        found.append(f"at:{min(4, int(share * 5))}")
        # A long conversation has few more requests and objections than a short one: each sentence is less likely one.
        found.append("size:long" if len(self._talk.sentences) >= LONG_TALK_SENTENCES else "size:short")
        if self._asks(sentence):
            found.append("asks")
            is_open = any(q.is_open for q in self.questions_of(sentence) if not q.is_courtesy)
            found.append("asks:open" if is_open else "asks:closed")
        if not _MONEY_WORDS.isdisjoint(marked):
            found.append("money")
        return found

    def _asks(self, sentence: Sentence) -> bool:
        questions = self.questions_of(sentence)  # most sentences have none
        return sentence.is_marked_question or (len(questions) > 0 and not all(q.is_courtesy for q in questions))

    def _around(self, turn: int) -> list[str]:
        """Return the words of the sentences that are right before and right after a turn."""
        found: list[str] = []
        before, after = (self._talk.sentences_of_turn.get(n, ()) for n in (turn - 1, turn + 1))
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
        return found

    def _place(self, sentence: Sentence) -> tuple[str]:
        """Return where in its turn a sentence stands."""
        same = self._talk.sentences_of_turn[sentence.turn]
        if len(same) == 1:
            return ("turn:only",)
        return ("turn:last" if sentence is same[-1] else "turn:inside",)

    def _answers(self, turn: int) -> list[str]:
        """Return what the turn after a turn says as an answer, and the classes of the last words before it."""
        words = [w for s in self._talk.sentences_of_turn.get(turn - 1, ()) for w in self.words_of(s)]
        return self.reply_features(turn + 1) + [f"pc:{_CLASS_OF[w]}" for w in words[-_REPLY:] if w in _CLASS_OF]

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

    def _marks(self, sentence: Sentence) -> list[str]:
        """Return the time since a price was named, with names, numbers and negations."""
        priced, asks = self._since_price(sentence), self._asks(sentence)
        has_number = "#" in self.words_of(sentence)
        is_negated = not _NEGATIONS.isdisjoint(sentence.words)
        found = [*_crossed(priced, has_number, is_negated, asks)]
        if _has_name(sentence):
            found += ["x:name", f"x:name:{has_number}"]
        if sentence.tokens[-1].raw.endswith("!"):
            found += ["x:bang", f"x:bang:{has_number}"]
        mine = self._values_of(sentence)
        before = self._talk.before(sentence, 4) if mine else ()
        theirs = [v for s in before if s.is_rep is not sentence.is_rep for v in self._values_of(s)]
        if theirs:
            same, lower = mine[-1] in theirs, mine[-1] < theirs[-1]
            found.append(f"x:amount:{'same' if same else 'lower' if lower else 'higher'}")
        found.append(f"x:left{min(6, (len(self._talk.turns) - 1 - sentence.turn) // 2)}")
        return found

    def _values_of(self, sentence: Sentence) -> list[float]:
        if "#" not in self.words_of(sentence):
            return []
        return [a.value for a in self.amounts_of(sentence, with_currency=False)]

    def _since_price(self, sentence: Sentence) -> str:
        """Return the number of turns since the rep named an amount."""
        earlier = bisect_left(self._priced, sentence.turn)
        if not earlier:
            return "priced:never"
        ago = sentence.turn - self._priced[earlier - 1]
        return f"priced:{1 if ago <= 1 else 3 if ago <= 3 else 9}"

    @cached_property
    def names_rates(self) -> bool:
        """Whether percentages are spoken of."""
        return any("percent" in s.words for s in self._talk.sentences)

    @cached_property
    def _priced(self) -> list[int]:
        return sorted({s.turn for s in self._talk.rep_sentences if self.amounts_of(s, with_currency=True)})


@lru_cache(maxsize=256)
def _crossed(priced: str, has_number: bool, is_negated: bool, asks: bool) -> tuple[str, ...]:
    """Return the time since a price with what a sentence says of numbers, negations and questions."""
    found = (priced, f"x:{priced}:num{has_number}", f"x:{priced}:neg{is_negated}", f"x:{priced}:q{asks}")
    return (*found, f"x:neg{is_negated}:q{asks}")


def _classed(marked: list[str]) -> list[str]:
    return [_CLASS_OF.get(w, w) for w in marked if w not in _FILLERS]


def _has_name(sentence: Sentence) -> bool:
    """Return whether a word inside a sentence is written with a capital, other than "I"."""
    for before, token in pairwise(sentence.tokens):
        raw = token.raw
        if raw[:1].isupper() and not _SELF.match(raw) and not before.raw.endswith((".", "!", "?")):
            return True
    return False
