"""Patterns over the normalised text of sentences: regular expressions with named word classes.

A pattern is written in plain words; `<DAY>` is a class of words. It matches whole words only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

DAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays"
)
MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
SMALL = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
NUMBERS = (
    f"{SMALL}|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|"
    "eighty|ninety|hundred|thousand|grand"
)
KIN = (
    "wife|husband|missus|spouse|fiance|fiancee|girlfriend|boyfriend|mother|mom|mum|dad|father|son|daughter|brother|"
    "sister|kids|family"
)
SUPERIORS = (
    "boss|manager|owner|landlord|director|accountant|board|committee|principal|supervisor|partner|partners|"
    "headquarters|head office|business partner|other half"
)

_CLASSES = {
    "DAY": rf"(?:{DAYS}|tomorrow|tonight|today)",
    "WEEKDAY": rf"(?:{DAYS}|tomorrow|tonight)",
    "MONTH": rf"(?:{MONTHS})",
    "NUM": rf"(?:(?:a (?=hundred|thousand|grand|couple))?(?:{NUMBERS}|couple)(?: (?:and )?(?:{NUMBERS}))*|\d[\d.]*)",
    "KIN": rf"(?:{KIN})",
    "BOSS": rf"(?:{SUPERIORS})",
    "WHO": rf"(?:{KIN}|{SUPERIORS})",
    "ME": "(?:i|we)",
    "BE": "(?:am|is|are|was|were|be|been)",
    "FILL": r"(?: (?:just|maybe|perhaps|probably|also|then|really|still|actually|definitely|quickly|now))?",
    "CUR": "(?:dollars|dollar|bucks|quid|pounds|pound|euros|euro|grand|pence|cents|rand|francs)",
}
_CLASS = re.compile(r"<([A-Z]+)>")


@cache
def _expanded(text: str) -> str:
    return _CLASS.sub(lambda m: _CLASSES[m[1]], text)


def pattern(*alternatives: str) -> re.Pattern[str]:
    """Compile alternatives into one expression that matches whole words of a sentence's text.

    An alternative may be broken over lines at white space; `<NAME>` is a class of words.
    """
    parts = [f"(?:{_expanded(' '.join(a.split()))})" for a in alternatives if a.strip()]
    return re.compile(f"{_BEGIN}{'|'.join(parts)}{_END}")


_BEGIN, _END = r"(?<!\S)(?:", r")(?!\S)"
_NAMED = re.compile(r"\?P<\w+>")


def any_of(patterns: Iterable[re.Pattern[str]]) -> re.Pattern[str]:
    """Return one expression that matches where any of these patterns does, without names of groups.

    Most sentences match none of a dozen patterns; one search for all of them tells so in a third of the time.
    """
    bodies = [p.pattern.removeprefix(_BEGIN).removesuffix(_END) for p in patterns]
    return re.compile(f"{_BEGIN}{'|'.join(_NAMED.sub('?:', body) for body in bodies)}{_END}")


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text as alternatives. A line that ends with "|" continues on the next."""
    joined = re.sub(r"\|\s*\n\s*", "|", text)
    return tuple(line.strip() for line in joined.splitlines() if line.strip())


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())
