"""Amounts of money in sentences: spoken and written numbers with currency, period and numeric value.

Only amounts with a currency word, or given in answer to a question about the price, count. Shortened speech ("thirty
one nine") is ambiguous here; `short_amounts` reads it with the other amounts of the conversation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dayline.scoring.conversation import Sentence

UNITS = {
    w: n
    for n, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS = {
    w: n * 10 for n, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
NUMBER_WORDS = "|".join([*UNITS, *TENS, "hundred", "thousand", "grand", "million"])
_NUMBER = (
    rf"(?:(?:a |one )?(?:{NUMBER_WORDS})(?: (?:and )?(?:{NUMBER_WORDS}))*|a (?:hundred|thousand|grand)|"
    rf"\d+(?:\.\d+)?(?: (?:thousand|grand|hundred|million))?)"
)
_CURRENCY = "dollars|dollar|bucks|quid|pounds|pound|euros|euro|grand"
_PERIOD = (
    r"(?:a|per|every|each|the) (?P<unit>month|week|year|day|hour|visit|case|box|pair|window|square|foot|"
    r"metre|meter|bag|"
    r"unit|person|seat|user|head|piece|cup|page|tonne|acre|panel|door|tree|keg|bottle|quarter|fortnight|night|time)"
    r"|(?P<adverb>monthly|weekly|yearly|annually|each|apiece)"
)
_AMOUNT = re.compile(
    rf"(?<!\S)(?P<number>{_NUMBER})(?: (?P<currency>{_CURRENCY}))?(?: (?:and )?(?P<cents>{NUMBER_WORDS}|"
    rf"\d\d)(?: (?:{NUMBER_WORDS}))? (?:cents|pence|p))?"
    rf"(?: (?:{_PERIOD}))?(?!\S)"
)
_CODES = {
    "dollars": "USD",
    "dollar": "USD",
    "bucks": "USD",
    "quid": "GBP",
    "pounds": "GBP",
    "pound": "GBP",
    "euros": "EUR",
    "euro": "EUR",
}
NOT_MONEY = re.compile(
    r"(?:percent|per|%|years?|yrs?|weeks?|months?|days?|hours?|minutes?|mins|seconds?|feet|foot|inch|"
    r"inches|miles?|degrees|times"
    r"|people|children|men|women|folk|sheep|kids|percent|gig|megs?|meg|watts?|kilowatts?|amps?|oclock|am|pm|metres?|meters?|mil|kilos?|"
    r"grams?|pages?|cups?|"
    r"cases?|boxes|points?|layers?|units?|panels?|windows?|doors?|of|ply|square|squares|pack|litres?|liters?|gallons?|"
    r"cars?|trucks?|rooms?|lads|guys|houses?|visits?|lines?|phones?|users?|more|other|different|thirty|fifteen|forty|"
    r"year|month|week|day|hour|minute)(?!\S)"
)


_WORDS_OF_NUMBERS, _DIGIT = frozenset(NUMBER_WORDS.split("|")), re.compile(r"\d")
_HUNDREDTHS = re.compile(
    rf" ((?:{'|'.join(TENS)})(?: (?:{'|'.join(list(UNITS)[1:10])}))?|{'|'.join(list(UNITS)[5:])}|\d\d)"
    rf"(?!\S)(?! (?:{NUMBER_WORDS}|\d)(?!\S))"
)
_PENCE = re.compile(r" (?:pence|p)(?!\S)")
_SHORT_CENTS = re.compile(rf" (?:{NUMBER_WORDS})(?!\S)")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money said in a sentence.

    Attributes:
        value: the amount in units of the currency.
        currency: ISO 4217 code, None where no currency was said.
        period: the period or unit that it is paid for ("month", "visit"), None for a sum.
        start: offset of the first character in the sentence's text.
        end: offset after the last character.

    """

    value: float
    currency: str | None
    period: str | None
    start: int
    end: int

    def written(self) -> str:
        """Format the amount: "$480", "£32 a month", "450"."""
        number = f"{self.value:,.2f}" if self.value % 1 else f"{self.value:,.0f}"
        sign = {"USD": "$", "GBP": "£", "EUR": "€"}.get(self.currency or "", "")
        period = f" per {self.period}" if self.period else ""
        return f"{sign}{number}{period}"


def has_number(sentence: Sentence) -> bool:
    """Return whether a number is said in a sentence, in words or in digits."""
    return not _WORDS_OF_NUMBERS.isdisjoint(sentence.words) or _DIGIT.search(sentence.text) is not None


def amounts_in(sentence: Sentence, *, with_currency: bool) -> tuple[Amount, ...]:
    """Return the amounts in a sentence; without `with_currency` also bare numbers that are no other measure."""
    if not has_number(sentence):
        return ()
    found: list[Amount] = []
    for match in _AMOUNT.finditer(sentence.text):
        if found and match.start() < found[-1].end:
            continue  # the small change of the amount before
        currency = match["currency"]
        number = match["number"]
        end = match.end()
        small = None if match["cents"] or currency in {None, "grand"} else _small_change(sentence.text[end:])
        if small is None and currency in {"pound", "dollar", "quid"} and _SHORT_CENTS.match(sentence.text, end):
            continue  # "four pound two hundred" is ambiguous
        has_grand = _GRAND.search(number) is not None
        value = None if _BROKEN.search(number) or _CUT.search(number) or number == "grand" else number_of(number)
        if value is None or value <= 0 or (currency is None and not match["unit"] and _YEAR.fullmatch(number)):
            continue
        pence = _PENCE.match(sentence.text, end) if currency is None and not match["unit"] else None
        if pence and _LEAST_PENCE <= value < 100:
            found.append(Amount(value / 100, "GBP", None, match.start(), pence.end()))
            continue
        if currency is None and not has_grand:
            rest = sentence.text[match.end() :].lstrip()
            if with_currency or NOT_MONEY.match(rest) or _is_clock(sentence.text[: match.start()], value):
                continue
        if match["cents"] and currency:
            cents = number_of(match["cents"])
            value += (cents or 0) / 100
        if small is not None:
            value, end = value + small[0] / 100, end + small[1]
        if currency == "grand":
            value *= 1000
        code = _CODES.get(currency or "")
        period = match["unit"] or _adverb(match["adverb"])
        found.append(Amount(value, code, period, match.start(), end))
    return tuple(found)


# A number that goes on after a short word, articles and prepositions that cannot stand together, and a number that
# begins after them: a recogniser heard another word, or lost one ("six hundred of forty", "a of and fifty").
_SPLIT_NUMBER = re.compile(rf"(?<!\S)(?:{NUMBER_WORDS}) (?:in|to|of|the|a|other|then|for) (?:{NUMBER_WORDS})(?!\S)")
_CLASH = re.compile(
    r"(?<!\S)(?:(?:a|an|the|of|for|in|to|your|my|our) (?:of|and|then|to(?! the| a| be))"
    r"|(?:a|an|the) (?:a|the|in|for)|(?:of|to|in) (?:for|in|of))(?!\S)"
)
_DOUBT_WORDS = 3


def is_doubtful(sentence: Sentence, amount: Amount) -> bool:
    """Return whether the words at an amount do not fit together, so that the number may have been misheard."""
    text = sentence.text
    if sentence.mark_between(amount.start, amount.end - 1):
        return True  # "if it's a hundred, six hundred": two numbers
    before = text[: amount.start].split()[-_DOUBT_WORDS:]
    after = text[amount.end :].split()[:_DOUBT_WORDS]
    said = text[amount.start : amount.end].split()
    near = " ".join([*before[-2:], *said, *after[:2]])
    # Only clear misfits count: speech that runs on ("six at forty") is heard right far more often than wrong.
    return bool(_SPLIT_NUMBER.search(near) or _CLASH.search(" ".join(before)) or _CLASH.search(" ".join(after)))


def _small_change(rest: str) -> tuple[float, int] | None:
    """Return the hundredths said directly after a currency ("nine pounds ninety") and the length of their text."""
    match = _HUNDREDTHS.match(rest)
    if match is None or NOT_MONEY.match(rest[match.end() :].lstrip()):
        return None
    value = number_of(match[1])
    return (value, match.end()) if value is not None and 5 <= value < 100 else None


def _adverb(word: str | None) -> str | None:
    return (
        {"monthly": "month", "weekly": "week", "yearly": "year", "annually": "year"}.get(word or "", "piece")
        if word
        else None
    )


_LEAST_PENCE = 10
_LATEST_CLOCK = 24  # "you are at eight hundred and eighty" names no time


def _is_clock(before: str, value: float) -> bool:
    """Return whether a bare number after these words is a time or the number of something."""
    said = before.rstrip()
    if value > _LATEST_CLOCK and said.endswith(" at"):
        return False
    return _BEFORE_OTHERS.search(said) is not None


_BEFORE_OTHERS = re.compile(
    r"(?:\bat|\bpast|\bby|\bof|\bin|\bsince|\bhalf|\bnumber|\broom|\bunder \w+|\blike|\bone of)$"
)
# "The house is pre two thousand and eight": a price is hardly ever two thousand and a few.
_YEAR = re.compile(
    rf"two thousand and (?:{'|'.join([*list(UNITS)[1:], *list(TENS)[:1]])})(?: (?:{'|'.join(list(UNITS)[1:10])}))?"
)
_GRAND, _FIGURES = re.compile(r"(?<!\S)grand$"), re.compile(r"\d+(?:\.\d+)?")
_CUT = re.compile(r"(?:thousand|million) (?:one|two|three|four|five|six|seven|eight|nine)$")  # 31,800 or 31,008
_BROKEN = re.compile(r"(?:hundred|thousand)(?: and)? hundred")  # a word between was lost


def number_of(text: str) -> float | None:
    """Return the value of a spoken or written number; None if it is ambiguous."""
    total, current = 0.0, 0.0
    previous = ""
    for word in text.split():
        if word in {"and", "a"}:
            continue
        if _stands_apart(word, previous, total, current):
            return None
        if _FIGURES.fullmatch(word):
            current = float(word)
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total += (current or 1) * _SCALES[word]
            current = 0.0
        else:
            current += UNITS.get(word, 0) + TENS.get(word, 0)
        previous = word
    return total + current


_SCALES = {"thousand": 1000, "grand": 1000, "million": 1_000_000}


def _stands_apart(word: str, previous: str, total: float, current: float) -> bool:
    """Return whether a word begins another number ("one seventy", "two hundred and four hundred")."""
    if _FIGURES.fullmatch(word):
        return current > 0
    if word in UNITS:
        return previous in UNITS or (previous in TENS and UNITS[word] >= 10)
    if word in TENS:
        return previous in UNITS or previous in TENS
    if word == "hundred":
        return current >= 100
    return word in {"thousand", "grand"} and total % 1_000_000 > 0
