"""Numbers in text, written as figures or as English words, as the set of values that they may mean."""

from __future__ import annotations

import re

_UNITS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}
_OTHERS = {"half": 0.5, "dozen": 12, "couple": 2, "twice": 2, "first": 1, "second": 2, "third": 3}
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers_in(text: str) -> frozenset[float]:
    """Return every value that the numbers of a text may stand for: each word, and each run of words read as one
    number.

    "one seventy one" may be 1, 70, 171; "thirty one nine" also 31,900. "1,200" is 1200. All readings
    count when a claim is checked: a figure that no reading gives was not said.
    """
    found: set[float] = set()
    for figure in _FIGURE.findall(text):
        found.add(float(figure.replace(",", "").rstrip(".")))
    run: list[str] = []
    for word in [*re.findall(r"[a-z]+", text.lower().replace("-", " ")), ""]:
        if word in _UNITS or word in _TENS or word in _SCALES or (word == "and" and run):
            run.append(word)
            continue
        found |= _readings([w for w in run if w != "and"])
        run = []
        if word in _OTHERS:
            found.add(_OTHERS[word])
    return frozenset(found)


def _readings(run: list[str]) -> set[float]:
    found: set[float] = set()
    for first in range(len(run)):
        for last in range(first + 1, min(len(run), first + 9) + 1):
            found |= _values(run[first:last])
    return found


def _values(run: list[str]) -> set[float]:
    total, current, digits = 0.0, 0.0, ""
    for word in run:
        if word in _SCALES:
            current = (current or 1) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, current = total + current, 0.0
        else:
            value = _UNITS.get(word, _TENS.get(word, 0))
            # "seventy one" is one number, "one seventy" two that are said after one another.
            follows = (digits and not digits.endswith("0")) or (digits and value >= 10)
            current = current + value
            digits = digits[: -len(str(value))] + str(value) if digits and not follows else digits + str(value)
    found = {total + current}
    if digits and not any(w in _SCALES for w in run):
        found.add(float(digits))
        if len(run) > 1 and _UNITS.get(run[-1], 10) < 10:
            found.add(float(digits) * 100)  # "thirty one nine" for 31,900
    return found
