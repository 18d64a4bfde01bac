"""Redact identifiers of people in transcripts: mail addresses and numbers of phones, cards, accounts and persons.

Works on words, written or spoken ("john at example dot com", "five five five ..."), and puts one word such as `[phone]`
in their place, with the time of what it stands for. Card numbers are recognised by their check digit (ISO/IEC 7812),
accounts by theirs (ISO 13616). It finds identifiers by their form, also where a pause, a confirmation or another voice
divides a number: names and street addresses are not found.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from dayline.domain.transcript import Utterance, Word
from dayline.domain.word_joining import join_words

KINDS = ("email", "phone", "card", "iban", "ssn")
"""Kinds that can be redacted."""

# Every part is bounded, so that no text makes the search slow.
_MAIL = re.compile(
    r"(?<!\S)(?:(?:[a-z0-9]\s){2,20})?[\w.+%-]{1,64}(?:\s(?:dot|underscore|dash|hyphen|plus)\s\w{1,64}){0,5}"
    r"(?:@|\sat\s)[\w-]{1,63}(?:(?:\.|\sdot\s)[\w-]{1,63}){0,4}"
    r"(?:\.|\sdot\s)(?:com|net|org|edu|gov|info|biz|dev|app|[a-z]{2})(?!\w)",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?(?!\w)", re.IGNORECASE)
_SHORTEST_ACCOUNT = 15
_NUMERAL = re.compile(r"^-?[+(]{0,2}\d{1,19}\)?(?:[-./]?\(?\d{1,8}\)?){0,6}$")
# Amounts and dates.
_NO_NUMERAL = re.compile(r"^(?:\d+\.\d{1,2}|\d{1,2}([-./])\d{1,2}\1\d{2,4}|\d{4}([-./])\d{2}\2\d{2})$")
_SPOKEN = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3}
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_CONFIRMATIONS = frozenset(
    (
        "and",
        "yes",
        "yeah",
        "yep",
        "right",
        "okay",
        "ok",
        "uh",
        "um",
        "er",
        "so",
        "then",
        "dash",
        "hyphen",
        "that's",
        "thats",
        "it's",
        "is",
        "got",
        "mhm",
        "mm-hmm",
        "alright",
        "sure",
    )
)
_MOST_CONFIRMATIONS = 6
_UNITS = frozenset(
    (
        "dollar",
        "dollars",
        "bucks",
        "euro",
        "euros",
        "pound",
        "pounds",
        "percent",
        "cents",
        "miles",
        "feet",
        "foot",
        "square",
        "meters",
        "metres",
        "kilos",
        "watts",
    )
)
_LONGEST_PAUSE_SECONDS = 5.0
_DIGITS_OVER_A_PAUSE = 9
"""Fewer written digits on both sides of a pause may be two amounts."""


def redact(utterances: Sequence[Utterance], kinds: Collection[str]) -> tuple[Utterance, ...]:
    """Return utterances without the identifiers of these kinds. Kinds that are not in KINDS change nothing.

    A voice is followed over its utterances, so that a number that a pause or a short answer divides is found as well.
    """
    wanted = frozenset(kinds) & frozenset(KINDS)
    if not wanted:
        return tuple(utterances)
    out = list(utterances)
    for group in _groups(utterances):
        tokens = [_Token(text, index, at) for index in group for at, text in enumerate(_texts(utterances[index]))]
        hits: dict[int, list[tuple[int, int, str]]] = {}
        for start, end, kind in _found(tokens, wanted):
            for index in dict.fromkeys(token.utterance for token in tokens[start:end]):
                own = [token.place for token in tokens[start:end] if token.utterance == index]
                # One mark, at the beginning of the identifier.
                hits.setdefault(index, []).append(
                    (own[0], own[-1] + 1, kind if index == tokens[start].utterance else "")
                )
        for index in group:
            out[index] = _checked(_without(utterances[index], hits.get(index, [])), wanted)
    return tuple(out)


@dataclass(frozen=True, slots=True)
class _Token:
    """One word and its place."""

    text: str
    utterance: int
    place: int


def _texts(utterance: Utterance) -> list[str]:
    return [w.text for w in utterance.words] or utterance.text.split()


def _groups(utterances: Sequence[Utterance]) -> list[list[int]]:
    """Return groups of utterances of one voice without a long pause; other voices may speak between."""
    groups: list[list[int]] = []
    last: dict[str | None, list[int]] = {}
    for index, utterance in enumerate(utterances):
        group = last.get(utterance.speaker)
        if group is None or utterance.start_seconds - utterances[group[-1]].end_seconds > _LONGEST_PAUSE_SECONDS:
            group = list[int]()
            groups.append(group)
            last[utterance.speaker] = group
        group.append(index)
    return groups


def _without(utterance: Utterance, found: list[tuple[int, int, str]]) -> Utterance:
    if not found:
        return utterance
    texts = _texts(utterance)
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
    return replace(utterance, text=join_words(shown), words=tuple(words))


def _checked(utterance: Utterance, wanted: frozenset[str]) -> Utterance:
    """Redact the text by itself as well: in some engines it differs from the words."""
    texts = utterance.text.split()
    found = _found([_Token(text, 0, at) for at, text in enumerate(texts)], wanted)
    if not found:
        return utterance
    return replace(utterance, text=_without(Utterance(0.0, 0.0, utterance.text), found).text)


def _found(tokens: Sequence[_Token], wanted: frozenset[str]) -> list[tuple[int, int, str]]:
    """Return (first word, word after the last, kind) of every identifier, in order and without overlap."""
    found: list[tuple[int, int, str]] = []
    texts = [token.text for token in tokens]
    for piece in sorted((*_by_form(texts, wanted), *_by_digits(tokens, wanted))):
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
            size = _account_length(match[0]) if kind == "iban" else len(match[0])
            if size:
                yield bisect_right(starts, match.start()) - 1, bisect_left(starts, match.start() + size), kind


def _by_digits(tokens: Sequence[_Token], wanted: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    at = 0
    while at < len(tokens):
        run = _run(tokens, at, len(tokens))
        if not run.parts:
            at += 1
            continue
        kind = _kind_of(run, tokens, wanted)
        if run.is_divided(tokens):
            # What stands before the pause may be a whole number by itself.
            before = next(i for i in range(at, run.end) if tokens[i].utterance != tokens[at].utterance)
            first = _run(tokens, at, before)
            first_kind = _kind_of(first, tokens, wanted)
            if first_kind is not None:
                run, kind = first, first_kind
            elif not run.is_spoken and len(run.digits) < _DIGITS_OVER_A_PAUSE:
                run, kind = first, None
        if kind is not None:
            yield at, run.end, kind
        at = run.end


@dataclass(slots=True)
class _Run:
    """Digits that stand in a row, as (how it is written, its digits) for each word."""

    start: int
    end: int
    parts: list[tuple[str, str]]

    @property
    def digits(self) -> str:
        return "".join(digits for _, digits in self.parts)

    @property
    def is_spoken(self) -> bool:
        """Whether every digit was written as a word."""
        return all(written.isalpha() for written, _ in self.parts)

    def is_divided(self, tokens: Sequence[_Token]) -> bool:
        """Whether a pause between two utterances lies inside."""
        return tokens[self.start].utterance != tokens[self.end - 1].utterance


def _plain(text: str) -> str:
    return text.strip(",.;:!?").lower().translate(_DASHES)


def _run(tokens: Sequence[_Token], start: int, stop: int) -> _Run:
    """Return the run of digits from a word on and before `stop`; confirmations inside a spoken number belong to it."""
    run = _Run(start, start, [])
    times, at = 1, start
    while at < stop:
        word = _plain(tokens[at].text)
        if word in _TIMES:
            times = _TIMES[word]
        elif word in _SPOKEN:
            run.parts.append((word, _SPOKEN[word] * times))
            times, run.end = 1, at + 1
        elif _NUMERAL.match(word) and not _NO_NUMERAL.match(word):
            run.parts.append((word, re.sub(r"\D", "", word) * times))
            times, run.end = 1, at + 1
        elif run.parts and run.is_spoken and _goes_on(tokens, at):
            pass
        else:
            break
        at += 1
    return run


def _goes_on(tokens: Sequence[_Token], at: int) -> bool:
    """Return whether only confirmations are between here and the next spoken digit."""
    for token in tokens[at : at + _MOST_CONFIRMATIONS]:
        word = _plain(token.text)
        if word in _SPOKEN or word in _TIMES:
            return True
        if word not in _CONFIRMATIONS:
            return False
    return False


def _kind_of(run: _Run, tokens: Sequence[_Token], wanted: frozenset[str]) -> str | None:
    following = _plain(tokens[run.end].text) if run.end < len(tokens) else ""
    digits, size = run.digits, len(run.digits)
    if "card" in wanted and 13 <= size <= 19 and _is_card(digits):
        return "card"
    if "ssn" in wanted and _is_ssn(run):
        return "ssn"
    is_years = all(_YEAR.match(written) for written, _ in run.parts)
    if "phone" in wanted and 7 <= size <= 15 and not is_years and following not in _UNITS:
        return "phone"
    return None


def _is_ssn(run: _Run) -> bool:
    """Return whether nine digits have the form of a social security number: whole, 3-2-4, or digit by digit."""
    digits = run.digits
    if len(digits) != 9 or digits.startswith(("000", "666", "9")):
        return False
    shape = [len(part) for written, _ in run.parts for part in re.findall(r"\d+", written)]
    is_divided_by_dash = not any(sign in written for written, _ in run.parts for sign in "/()+")
    return run.is_spoken or (shape in ([9], [3, 2, 4]) and is_divided_by_dash)


def _is_card(digits: str) -> bool:
    doubled = [int(d) * 2 if i % 2 else int(d) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _account_length(text: str) -> int:
    """Return the length of the longest beginning that is an IBAN, 0 for none: a short word may stand after it."""
    ends = [match.start() for match in re.finditer(r"\s|$", text)]
    return next((end for end in reversed(ends) if _is_account(text[:end])), 0)


def _is_account(text: str) -> bool:
    plain = re.sub(r"\s", "", text)
    return len(plain) >= _SHORTEST_ACCOUNT and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1
