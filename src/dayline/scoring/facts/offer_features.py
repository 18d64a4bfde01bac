"""Features of an amount of money that the rep names, for the linear model of offers: its words, size and context."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.grammar import lines, pattern
from dayline.scoring.facts.money import Amount, is_doubtful
from dayline.scoring.facts.objection_patterns import MEANING
from dayline.scoring.facts.sentence_features import SentenceFeatures, class_of
from dayline.scoring.facts.short_amounts import anchors_of, are_run_together, digits_read, names_pieces, short_amounts

_BEFORE, _AFTER = 7, 4
"""Numbers of words used before and after an amount."""
_CLAUSE = 3
"""Number of words before and after an amount that are used in order."""
_ASKS_PRICE = pattern(
    *lines(
        """
        how much|what (?:do|does|would|will|did|is)(?: \\w+){0,6} (?:cost|costs|run|set me back|come to|price|charge|
        charges|damage|payment|total)
        what is (?:the|your|a) (?:price|cost|damage|money|payment|rate|total|number|figure|fee|charge)|
        what (?:are we|am i|are you) (?:looking at|talking)|what is (?:it|that|this) (?:going to )?(?:cost|cost me|
        run)|price on|what do you charge|what you charge|and the price|what does (?:it|that) come to|the price
        """
    )
)
_HALF = re.compile(r" (?:and )?(?:a (?:half|quarter)|half|point)(?!\S)")
_WEIGHED = pattern("bags?|drag|lift|weigh|weighs|weight|heavy|seed|flour|feed|sack|sacks|carry")
MEASURES = pattern(
    "tape|inch|inches|feet|foot|metres?|meters?|measure|measured|wide|tall|high|long|by \\w+|back|side|here"
)
_LEAST_BARE = 13
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER_ONLY = re.compile(r"[\d.]+")


class PriceContext:
    """What one conversation says of its amounts: who named them before, and where a price was asked for."""

    def __init__(self, talk: Conversation, features: SentenceFeatures) -> None:
        self._talk = talk
        self._features = features
        self._amounts: dict[int, tuple[Amount, ...]] = {}
        self._first: dict[tuple[bool, float], int] = {}
        plain = {s.number: self._plain_amounts(s) for s in talk.sentences if "#" in features.words_of(s)}
        self._anchors = anchors_of(
            a for s in talk.sentences for a in plain.get(s.number, ()) if not are_run_together(s, a)
        )
        self._by_piece = any(names_pieces(s) for s in talk.sentences if "#" in features.words_of(s))
        for sentence in talk.sentences:
            self._amounts[sentence.number] = self._with_short(sentence, plain.get(sentence.number, ()))
            for amount in self.amounts_of(sentence):
                self._first.setdefault((sentence.is_rep is True, amount.value), sentence.number)

    def amounts_of(self, sentence: Sentence) -> tuple[Amount, ...]:
        """Return the amounts in a sentence, bare numbers and short forms among them."""
        return self._amounts[sentence.number]

    def _plain_amounts(self, sentence: Sentence) -> tuple[Amount, ...]:
        return self._features.amounts_of(sentence, with_currency=False)

    def _with_short(self, sentence: Sentence, plain: tuple[Amount, ...]) -> tuple[Amount, ...]:
        words = self._features.words_of(sentence)
        if "#" not in words and "@clock" not in words:
            return plain
        times = self._features.times_of(sentence)
        short = short_amounts(
            sentence, self._anchors, times, by_piece=self._by_piece, by_rate=self._features.names_rates
        )
        read = [digits_read(a, self._anchors) if are_run_together(sentence, a) else a for a in plain]
        kept = [a for a in read if a and not any(a.start < s.end and s.start < a.end for s in short)]
        return tuple(sorted([*kept, *short], key=lambda a: a.start))

    def prices_of(self, sentence: Sentence) -> tuple[Amount, ...]:
        """Return the amounts in a sentence that are large enough to be a price."""
        return tuple(a for a in self.amounts_of(sentence) if a.currency is not None or a.value >= _LEAST_BARE)

    def is_smallest_by(self, amount: Amount, factor: float) -> bool:
        """Return whether the conversation has other amounts and all of them are greater by a factor."""
        others = [value for value in self._anchors if value != amount.value]
        return bool(others) and others[0] >= amount.value * factor

    def has_price_like(self, value: float, least: float, factor: float) -> bool:
        """Return whether the conversation has an amount of at least `least` that differs from a value by a factor at
        most."""
        return any(a >= least and a / factor <= value <= a * factor for a in self._anchors)

    def candidates(self) -> Iterator[tuple[Sentence, Amount]]:
        """Return the amounts of the rep that are heard clearly and are large enough to be a price."""
        for sentence in self._talk.rep_sentences:
            for amount in self.prices_of(sentence):
                if is_doubtful(sentence, amount) or _HALF.match(sentence.text, amount.end):
                    continue  # "fifteen and a half": the number continues
                if amount.currency is None and _YEAR.fullmatch(sentence.text[amount.start : amount.end]):
                    continue
                yield sentence, amount

    def was_said_by_customer(self, sentence: Sentence, amount: Amount) -> bool:
        """Return whether the customer named the amount before: the rep may only repeat it."""
        return self._first.get((False, amount.value), sentence.number) < sentence.number

    def is_asked(self, sentence: Sentence) -> bool:
        """Return whether the customer has just asked for a price."""
        lately = [s for s in self._talk.before(sentence, 1)[-3:] if s.is_rep is False]
        return any(_ASKS_PRICE.search(s.text) for s in lately)

    def features_of(self, sentence: Sentence, amount: Amount) -> list[str]:
        """Return the distinct features of an amount in a sentence of the rep."""
        text = sentence.text
        before = _plain(text[: amount.start].split()[-_BEFORE:])
        after = _plain(text[amount.end :].split()[:_AFTER])
        found = [f"b:{w}" for w in before] + [f"a:{w}" for w in after]
        found += [f"bc:{class_of(w)}" for w in before] + [f"ac:{class_of(w)}" for w in after]
        for size in range(1, _CLAUSE + 1):
            found += [f"b{size}:{' '.join(before[-size:])}", f"a{size}:{' '.join(after[:size])}"]
        found.append(f"ba:{' '.join(before[-1:])} # {' '.join(after[:1])}")
        found += self._size(amount)
        found += self._spoken_before(sentence, amount)
        found += self._around(sentence, amount)
        return list(dict.fromkeys(found))

    def _size(self, amount: Amount) -> list[str]:
        currency = "coin" if amount.currency else "bare"
        size = int(2 * math.log10(max(1.0, amount.value)))
        step = next((n for n in (1000, 100, 50, 10, 5) if amount.value % n == 0), 1)
        return [f"cur:{currency}", f"size:{size}", f"size:{size}:{currency}", f"step:{step}", f"per:{amount.period}"]

    def _spoken_before(self, sentence: Sentence, amount: Amount) -> list[str]:
        found: list[str] = []
        if self._first.get((True, amount.value), sentence.number) < sentence.number:
            found.append("said:rep")
        if self.was_said_by_customer(sentence, amount):
            found.append("said:customer")
        asked = self.is_asked(sentence)
        is_bare = amount.currency is None
        if asked:
            found += ["asked", f"asked:bare{is_bare}"]
        earlier = self._talk.sentences[max(0, sentence.number - 12) : sentence.number]
        if not asked and any(s.is_rep is False and _ASKS_PRICE.search(s.text) for s in earlier):
            found += ["asked:lately", f"asked:lately:bare{is_bare}"]
        return found

    def _around(self, sentence: Sentence, amount: Amount) -> list[str]:
        text = sentence.text
        is_bare = amount.currency is None
        replies = [s for s in self._talk.after(sentence, 1)[:2] if s.is_rep is False]
        number = text[amount.start : amount.end]
        found = [f"at:{int(self._talk.share_at(sentence.start_seconds) * 4)}"]
        if any(f" {number} " in f" {s.text} " for s in replies):
            found += ["back", f"back:bare{is_bare}"]
        if any(MEANING["price"].search(s.text) for s in replies):
            found += ["dear", f"dear:bare{is_bare}"]
        if sentence.is_marked_question:
            found.append("question")
        if sentence is self._talk.sentences_of_turn[sentence.turn][-1]:
            found.append("last")
        others = len(self.amounts_of(sentence))
        found.append(f"amounts:{min(3, others)}")
        if MEASURES.search(text):
            found += ["measure", f"measure:bare{is_bare}"]
        if is_weighed(self._talk, sentence):
            found.append("weighed")
        if any(self.amounts_of(s) for s in _near(self._talk, sentence) if s is not sentence and s.is_rep):
            found.append("beside")
        found += self._features.reply_features(sentence.turn + 1)
        found.append(f"words:{min(4, len(sentence.words) // 5)}")
        return found


def is_weighed(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether pounds near a sentence may be a weight."""
    return any(_WEIGHED.search(s.text) for s in _near(talk, sentence))


def _near(talk: Conversation, sentence: Sentence) -> tuple[Sentence, ...]:
    return talk.sentences[max(0, sentence.number - 2) : sentence.number + 2]


def _plain(words: list[str]) -> list[str]:
    """Return words with numbers replaced by a placeholder."""
    return ["#" if _NUMBER_ONLY.fullmatch(w) else w for w in words]
