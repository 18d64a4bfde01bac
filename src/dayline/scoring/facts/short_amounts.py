"""Amounts in short form ("twenty eight fifty", "one sixty nine", "thirteen four") and what they stand for.

"Twenty eight fifty" may be 2,850 or 28.50, and "three nine" 3,900 or no amount at all. The other amounts of the
conversation decide: a reading counts where one of them is of its size. Where they do not decide, no amount is read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from dayline.scoring.conversation import Sentence
from dayline.scoring.facts.money import NOT_MONEY, NUMBER_WORDS, TENS, UNITS, Amount, number_of
from dayline.scoring.facts.times import TimeMention

_ONE = "|".join(list(UNITS)[1:10])
_TEN = "|".join(list(UNITS)[10:])
_TWO = rf"(?:(?:{'|'.join(TENS)})(?: (?:{_ONE}))?|{_TEN})"
_WHOLE = rf"(?:(?:{'|'.join(TENS)}) (?:{_ONE})|{_TEN}|{_ONE})"
_MEASURE = (
    "pint|litre|liter|gallon|kilo|dozen|yard|foot|metre|meter|square|head|bird|piece|box|case|bag|sack|roll|bottle|"
    "tonne|ton"
)
_UNIT = (
    r"(?: (?:a|an|per|every|each) (?P<unit>month|week|year|quarter|visit|night|day|door|window|room|hour)(?!\S)"
    rf"| (?P<piece>(?:a|an|per) \w+|each|apiece|the (?:{_MEASURE}))(?!\S))?"
)
_FORM = re.compile(
    rf"(?<!\S)(?:(?P<half>{_WHOLE}) and a half (?:grand|thousand)"
    rf"|(?P<thousands>{_WHOLE}|{_TWO}) thousand (?P<hundreds>{_ONE}) (?P<rest>{_TWO})"
    rf"|(?P<digits>(?:{_ONE})(?: (?:{_ONE}|zero)){{2,3}})"
    rf"|(?P<first>{_ONE}|{_TWO}) (?P<second>{_TWO})"
    rf"|(?P<whole>{_WHOLE}) (?P<tenth>{_ONE}))(?!\S){_UNIT}"
)
_NUMBERS = frozenset((*UNITS, *TENS))
# "Oh" and "double" stand between the digits of a telephone number.
_NUMBER_AFTER = re.compile(rf" (?:and )?(?:{NUMBER_WORDS}|oh|double|\d[\d.]*)(?!\S)")
_NUMBER_BEFORE = re.compile(rf"(?<!\S)(?:{NUMBER_WORDS}|oh|double|\d[\d.]*)(?: and)?(?: a)? $")
# What goes before a clock time, a year or a number of something else.
_OTHER_BEFORE = re.compile(
    r"(?<!\S)(?:at|by|past|since|in|until|till|from|between|before|after|to|number|room|page|chapter|year|half|like) $"
)
_NO_PIECE = frozenset(("month", "bit", "lot", "go"))
_SAME, _VERY_NEAR, _CLOSE, _NEAR = 1.3, 1.8, 2.5, 4.0
"""Factors by which an amount may differ from another one that says of what size it is, the stricter the less clear."""
_LEAST_ANCHOR, _LEAST_THOUSANDS = 20.0, 10_000.0
_HOURS = 12


def anchors_of(amounts: Iterable[Amount]) -> list[float]:
    """Return the amounts of a conversation that say of what size its prices are, in ascending order."""
    return sorted({a.value for a in amounts if a.currency is not None or a.period or a.value >= _LEAST_ANCHOR})


def short_amounts(
    sentence: Sentence, anchors: Sequence[float], times: tuple[TimeMention, ...], *, by_piece: bool, by_rate: bool
) -> tuple[Amount, ...]:
    """Return the amounts in short form in a sentence, where other amounts of the conversation say what they mean.

    `by_piece` says whether prices by the piece are named in short form somewhere ("two eighty five each"): then "one
    ninety" alone may be one of them. `by_rate` says whether percentages are spoken of: then "two nine" may be one.
    """
    if not _has_form(sentence):
        return ()
    text = sentence.text
    found: list[Amount] = []
    has_piece = any(_piece(m) for m in _FORM.finditer(text))
    for match in _FORM.finditer(text):
        end = match.end() if match["piece"] is None or _piece(match) else match.start("piece") - 1
        if any(t.start < end and match.start() < t.end for t in times):
            continue
        if _NUMBER_BEFORE.search(text[: match.start()]) or _NUMBER_AFTER.match(text, end):
            continue
        if NOT_MONEY.match(text[end:].lstrip()):
            continue
        if match["half"] is None and _OTHER_BEFORE.search(text[: match.start()]):
            continue
        value = _value(match, anchors, by_piece=by_piece, beside_piece=has_piece and not match["unit"])
        if value is not None and not (by_rate and match["whole"] and value < _LEAST_THOUSANDS):
            found.append(Amount(value, None, match["unit"] or _piece(match), match.start(), end))
    return tuple(found) if _are_alike(text, found) else tuple(a for a in found if not _is_of_hundreds(text, a))


def _is_of_hundreds(text: str, amount: Amount) -> bool:
    return re.fullmatch(rf"(?:{_ONE}) (?:{_TWO})", text[amount.start : amount.end]) is not None


def _are_alike(text: str, found: Sequence[Amount]) -> bool:
    """Return whether all forms like "one eighty" in a sentence were read: either all of them are hundreds or none."""
    forms = [m for m in _FORM.finditer(text) if m["first"] and _of(m["first"]) < 10 and not m["unit"]]
    read = {a.start for a in found}
    return len(forms) < 2 or all(m.start() in read for m in forms)


_DIGITS = re.compile(r"\d{4}")
_ROUND = 50


def are_run_together(sentence: Sentence, amount: Amount) -> bool:
    """Return whether four digits without a comma may be two numbers: recognisers write "thirty-three seventy-five" as
    3375."""
    if amount.currency is not None or amount.value % 100 == 0:
        return False
    said = sentence.text[amount.start : amount.end].split()[0]
    raw = sentence.tokens[sentence.token_at(amount.start)].raw
    return _DIGITS.fullmatch(said) is not None and "," not in raw.strip(",.;:?!")


def digits_read(amount: Amount, anchors: Sequence[float]) -> Amount | None:
    """Return what four digits that may be two numbers stand for by the other amounts of the conversation, None where
    these do not decide. Without any other amount round ones are taken as they are written.
    """
    to_whole, to_parts = _ratio(amount.value, anchors), _ratio(amount.value / 100, anchors)
    if not anchors:
        return amount if amount.value % _ROUND == 0 else None
    if to_parts <= _CLOSE and to_whole > _NEAR:
        return replace(amount, value=amount.value / 100)
    return amount if to_whole <= _NEAR and to_parts > _CLOSE else None


def names_pieces(sentence: Sentence) -> bool:
    """Return whether a price by the piece is named in short form in a sentence."""
    return _has_form(sentence) and any(m["first"] and _piece(m) for m in _FORM.finditer(sentence.text))


def _has_form(sentence: Sentence) -> bool:
    """Return whether a sentence has words enough for an amount in short form: two numbers, or one "and a half"."""
    return sum(word in _NUMBERS for word in sentence.words) > 1 or "half" in sentence.words


def _value(match: re.Match[str], anchors: Sequence[float], *, by_piece: bool, beside_piece: bool) -> float | None:
    if match["half"]:
        return _of(match["half"]) * 1000 + 500
    if match["thousands"]:
        return _of(match["thousands"]) * 1000 + _of(match["hundreds"]) * 100 + _of(match["rest"])
    if match["digits"]:
        digits = [int(_of(word)) for word in match["digits"].split()]
        value = float("".join(map(str, digits)))
        counts = all(b == a + 1 for a, b in pairwise(digits))  # "one, two, three"
        return value if not counts and _ratio(value, anchors) <= _CLOSE else None  # "two six four zero"
    if match["whole"]:
        whole, tenth = _of(match["whole"]), _of(match["tenth"])
        value = whole * 1000 + tenth * 100
        counts = tenth == whole + 1 and len(match.string.split()) > len(match[0].split())  # "two three of them"
        return value if not counts and _ratio(value, anchors) <= (_NEAR if whole >= 10 else _VERY_NEAR) else None
    whole, rest = _of(match["first"]), _of(match["second"])
    if rest - whole in {1, 5, 10} or (match["first"] == "twenty" and rest < 30):
        return None  # "ten, fifteen", "twenty twelve"
    if whole <= _HOURS and rest in {15, 30, 45} and not (match["unit"] or _piece(match)):
        return None  # "I can do eight thirty"
    hundreds, parts = whole * 100 + rest, whole + rest / 100
    to_hundreds, to_parts = _ratio(hundreds, anchors), _ratio(parts, anchors)
    if _piece(match) or (beside_piece and whole >= 10):  # "24 50 a sheet, and the other is 38 20"
        # "Eighteen fifty a probe" is 1,850 where another price is twelve hundred.
        return parts if to_parts < _CLOSE and to_hundreds > _NEAR else None
    if whole < 10:
        if to_hundreds <= _NEAR and to_hundreds <= to_parts and to_parts > _CLOSE:
            return hundreds if match["unit"] or not by_piece else None
        return hundreds if match["unit"] and to_parts > _NEAR else None
    if match["unit"] == "month" and rest in {95, 99} and to_hundreds > _NEAR:
        return parts  # "thirty nine ninety five a month"
    if match["first"] == "nineteen":  # a year as well
        return hundreds if to_hundreds <= _SAME else None
    return hundreds if to_hundreds <= _NEAR and to_hundreds < to_parts else None


def _piece(match: re.Match[str]) -> str | None:
    """Return what one of a price by the piece is ("a head", "each"), None where the price is for a whole."""
    said = match["piece"]
    return None if said is None or said.split()[-1] in _NO_PIECE else "piece"


def _of(text: str) -> float:
    return number_of(text) or 0.0


def _ratio(value: float, anchors: Sequence[float]) -> float:
    """Return by which factor the amount of the most similar size differs: the next smaller or the next greater one."""
    place = bisect_left(anchors, value)
    near = anchors[max(0, place - 1) : place + 1]
    return min((max(value, other) / min(value, other) for other in near), default=float("inf"))
