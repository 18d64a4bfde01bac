"""Takes identifiers of people out of what was said: mail addresses and numbers of phones, cards, accounts and persons.

Works on words, written or spoken ("john at example dot com", "five five five ..."), and puts one word such as `[phone]`
in their place, with the time of what it stands for. Card numbers are told by their check digit (ISO/IEC 7812), accounts
by theirs (ISO 13616). It finds identifiers by their form: names, street addresses, and numbers that a pause or another
voice cuts in two are not found.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from dayline.domain.transcript import Utterance, Word

KINDS = ("email", "phone", "card", "iban", "ssn")
"""What can be taken out."""

# Every part is bounded, so that no text makes the search slow.
_MAIL = re.compile(
    r"(?<!\S)(?:(?:[a-z0-9]\s){2,20})?[\w.+%-]{1,64}(?:\s(?:dot|underscore|dash|hyphen|plus)\s\w{1,64}){0,5}"
    r"(?:@|\sat\s)[\w-]{1,63}(?:(?:\.|\sdot\s)[\w-]{1,63}){0,4}"
    r"(?:\.|\sdot\s)(?:com|net|org|edu|gov|info|biz|dev|app|[a-z]{2})(?!\w)",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?(?!\w)")
_NUMERAL = re.compile(r"^[+(]{0,2}\d{1,19}\)?(?:[-./]\(?\d{1,8}\)?){0,6}$")
# Amounts and dates.
_NO_NUMERAL = re.compile(r"^(?:\d+\.\d{1,2}|\d{1,2}([-./])\d{1,2}\1\d{2,4}|\d{4}([-./])\d{2}\2\d{2})$")
_SPOKEN = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3}


def redact(utterances: Sequence[Utterance], kinds: Collection[str]) -> tuple[Utterance, ...]:
    """Return utterances without the identifiers of these kinds. Kinds that are not in KINDS change nothing."""
    wanted = frozenset(kinds) & frozenset(KINDS)
    return tuple(_without(u, wanted) for u in utterances) if wanted else tuple(utterances)


def _without(utterance: Utterance, wanted: frozenset[str]) -> Utterance:
    texts = [w.text for w in utterance.words] or utterance.text.split()
    found = _found(texts, wanted)
    if not found:
        return utterance
    shown: list[str] = []
    words: list[Word] = []
    at = 0
    for start, end, kind in [*found, (len(texts), len(texts), "")]:
        shown += texts[at:start]
        words += utterance.words[at:start]
        if kind:
            shown.append(f"[{kind}]")
            if utterance.words:
                first, last = utterance.words[start], utterance.words[end - 1]
                words.append(replace(first, text=f"[{kind}]", end_seconds=last.end_seconds))
        at = end
    return replace(utterance, text=" ".join(shown), words=tuple(words))


def _found(texts: Sequence[str], wanted: frozenset[str]) -> list[tuple[int, int, str]]:
    """Return (first word, word after the last, kind) of every identifier, in order and apart from each other."""
    found: list[tuple[int, int, str]] = []
    for piece in sorted((*_by_form(texts, wanted), *_by_digits(texts, wanted))):
        if not found or piece[0] >= found[-1][1]:
            found.append(piece)
    return found


def _by_form(texts: Sequence[str], wanted: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    line = " ".join(texts)
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))[:-1]
    for kind, pattern in (("email", _MAIL), ("iban", _ACCOUNT)):
        if kind not in wanted:
            continue
        for match in pattern.finditer(line):
            if kind == "iban" and not _is_account(match[0]):
                continue
            yield bisect_right(starts, match.start()) - 1, bisect_left(starts, match.end()), kind


def _by_digits(texts: Sequence[str], wanted: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    at = 0
    while at < len(texts):
        end, digits = _run(texts, at)
        kind = _kind_of(digits, wanted)
        if kind is not None:
            yield at, end, kind
        at = max(end, at + 1)


def _run(texts: Sequence[str], start: int) -> tuple[int, str]:
    """Return where a run of digits that begins at a word ends, and its digits."""
    digits, times, at = "", 1, start
    while at < len(texts):
        word = texts[at].strip(",.;:!?").lower()
        if word in _TIMES:
            times = _TIMES[word]
        elif word in _SPOKEN:
            digits, times = digits + _SPOKEN[word] * times, 1
        elif _NUMERAL.match(word) and not _NO_NUMERAL.match(word):
            digits, times = digits + re.sub(r"\D", "", word) * times, 1
        else:
            break
        at += 1
    return at, digits


def _kind_of(digits: str, wanted: frozenset[str]) -> str | None:
    size = len(digits)
    if "card" in wanted and 13 <= size <= 19 and _is_card(digits):
        return "card"
    if "ssn" in wanted and size == 9:
        return "ssn"
    if "phone" in wanted and 7 <= size <= 15:
        return "phone"
    return None


def _is_card(digits: str) -> bool:
    doubled = [int(d) * 2 if i % 2 else int(d) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _is_account(text: str) -> bool:
    plain = re.sub(r"\s", "", text)
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1
