"""Check sentences of a model: numbers, names, prices and times must occur in the lines that they cite."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dayline.domain.quotes import normalise
from dayline.domain.spoken_numbers import numbers_in

_TIME_TEXT = """
monday tuesday wednesday thursday friday saturday sunday tomorrow tonight today yesterday january february march
april june july august september october november december noon midnight morning afternoon evening weekend week
month year
"""
_TIME_WORDS = frozenset(_TIME_TEXT.split())
_EVERYDAY_TEXT = "i the a an rep customer prospect no yes it they he she we you this that when after before"
_EVERYDAY = frozenset(_EVERYDAY_TEXT.split())
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;“\"(]\s*)$")
# A single number word may be a plain word of English ("one of them"); figures and larger numbers are claims.
_SMALL = frozenset({0.5, 1.0, 2.0, 3.0})


def unsupported(statement: str, cited: Iterable[str], known: Iterable[str] = ()) -> list[str]:
    """Return the numbers, names and times of a statement that occur in none of the cited texts.

    known: texts that need no citation, such as the playbook's line that is quoted.
    """
    texts = [*cited, *known]
    said_numbers = frozenset[float]().union(*(numbers_in(t) for t in texts))
    said_words = {w for t in texts for w in normalise(t)}
    wrong = [f"{n:g}" for n in numbers_in(statement) if n not in said_numbers and not _is_plain(n, statement)]
    words = set(normalise(statement))
    wrong += sorted(w for w in words & _TIME_WORDS if w not in said_words and f"{w}s" not in said_words)
    wrong += [name for name in names_in(statement) if not set(normalise(name)) <= said_words]
    return wrong


def names_in(statement: str) -> list[str]:
    """Return words with a capital that do not begin a sentence, and runs of them at its beginning."""
    found: list[str] = []
    for match in _WORD.finditer(statement):
        word = match[0]
        if not word[0].isupper() or word.lower() in _EVERYDAY or word.lower() in _TIME_WORDS:
            continue
        if _SENTENCE_START.search(statement[: match.start()]) and not _next_is_name(statement, match.end()):
            continue
        found.append(word)
    return found


def _next_is_name(statement: str, end: int) -> bool:
    following = _WORD.match(statement, end + 1)
    return bool(following and following[0][0].isupper() and statement[end : end + 1] == " ")


def _is_plain(number: float, statement: str) -> bool:
    """Return whether a small number is written as a word, where it counts what was said rather than quotes a figure."""
    return number in _SMALL and not re.search(rf"(?<![\d.]){number:g}(?![\d.])", statement)
