"""Words of texts and of queries, in one form for every database, and the places where a query matches.

Both databases index the same tokens, made here: lower case, without diacritics (U+0300 to U+036F) and apostrophes,
split at everything that is neither a letter, a digit nor a mark. Scripts without blanks (Chinese, Japanese, Thai) give
one token per character. Words are not stemmed, since recordings come in every language; instead the words of a query
also match longer words that begin with them.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache

MAX_TOKEN_CHARACTERS = 64
MAX_QUERY_TOKENS = 16
_LEAST_PREFIX_CHARACTERS = 3
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")
_PIECES = re.compile(r'"([^"]*)"?|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands in its text: [start, end) in characters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that must follow one another. `is_prefix`: the last one may go on."""

    tokens: tuple[str, ...]
    is_prefix: bool

    def at(self, tokens: list[Token], index: int) -> bool:
        """Return whether the term matches the tokens from `index` on."""
        found = tokens[index : index + len(self.tokens)]
        if len(found) < len(self.tokens):
            return False
        *firsts, last = self.tokens
        text = found[-1].text
        is_last = text.startswith(last) if self.is_prefix else text == last
        return is_last and all(token.text == first for token, first in zip(found, firsts, strict=False))


@dataclass(frozen=True, slots=True)
class Query:
    """What a conversation must hold: every term, anywhere in it."""

    terms: tuple[Term, ...]

    def matches(self, text: str) -> Matches:
        """Return where the terms stand in a text."""
        tokens = tokens_of(text)
        ranges: list[tuple[int, int]] = []
        found: set[int] = set()
        for number, term in enumerate(self.terms):
            for index in range(len(tokens) - len(term.tokens) + 1):
                if term.at(tokens, index):
                    found.add(number)
                    ranges.append((tokens[index].start, tokens[index + len(term.tokens) - 1].end))
        return Matches(frozenset(found), _joined(ranges))


@dataclass(frozen=True, slots=True)
class Matches:
    """The numbers of the terms that a text holds, and the character ranges of their words, in order."""

    terms: frozenset[int]
    ranges: tuple[tuple[int, int], ...]


def parse_query(text: str) -> Query | None:
    """Read a query; None when it holds no word.

    Words between double quotes must follow one another as they are written, and so must the parts of `follow-up`.
    Every other word also matches longer words that begin with it, from three letters on.
    """
    terms: list[Term] = []
    count = 0
    for quoted, plain in _PIECES.findall(text):
        tokens = tuple(token.text for token in tokens_of(quoted or plain))[: MAX_QUERY_TOKENS - count]
        if not tokens:
            continue
        count += len(tokens)
        may_go_on = not quoted and tokens[-1].isalpha() and len(tokens[-1]) >= _LEAST_PREFIX_CHARACTERS
        term = Term(tokens, may_go_on and not _UNSPACED.match(tokens[-1]))
        if term not in terms:
            terms.append(term)
    return Query(tuple(terms)) if terms else None


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a text, in order."""
    found: list[Token] = []
    for match in _word().finditer(text):
        word, start = match[0], match.start()
        if word.isascii() or not _UNSPACED.search(word):
            _add(found, word, start)
            continue
        begin = 0
        for single in _UNSPACED.finditer(word):
            _add(found, word[begin : single.start()], start + begin)
            _add(found, single[0], start + single.start())
            begin = single.end()
        _add(found, word[begin:], start + begin)
    return found


def _add(found: list[Token], word: str, start: int) -> None:
    folded = _fold(word)
    if folded:
        found.append(Token(folded, start, start + len(word)))


def _fold(word: str) -> str:
    plain = word.translate(_APOSTROPHES).lower()
    if not plain.isascii():
        spread = unicodedata.normalize("NFKD", plain).casefold()
        kept = "".join(c for c in spread if c.isalnum() or (unicodedata.category(c)[0] == "M" and not _is_accent(c)))
        plain = unicodedata.normalize("NFC", kept)
    return plain[:MAX_TOKEN_CHARACTERS]


def _is_accent(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"


@cache
def _word() -> re.Pattern[str]:
    """Return the pattern of a word: letters, digits and marks, with apostrophes inside."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] != "M":
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
    part = rf"(?:[^\W_]|[{marks}])+"
    return re.compile(rf"{part}(?:['\u2019\u02bc]{part})*")


def _joined(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the ranges in order, those that touch one another as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
