"""Find questions by word order.

Recognisers write little or no punctuation, so a question is recognised by its English word order: a question word
followed by a verb ("how long have"), a verb before its subject ("do you"), a short tag ("does that make sense"), or a
request to tell ("walk me through"). The same word order inside a statement ("that is what we do", "i can you know") is
excluded by the preceding words. A written question mark counts if the recogniser writes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dayline.domain.quotes import Token


@dataclass(frozen=True, slots=True)
class Question:
    """A question in a sequence of words.

    Attributes:
        first: index of its first word in the sequence.
        tokens: its words.
        is_open: whether it is an open question.
    """

    first: int
    tokens: tuple[Token, ...]
    is_open: bool
    is_courtesy: bool


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PRONOUNS = "you we i they he she it that this these those your yall anyone anybody somebody someone everyone the"

# Verbs that form a question when their subject follows, each with the subjects that agree with it.
_ASKING = {
    verb: _set(subjects)
    for verbs, subjects in (
        ("do did can could would will should shall dont didnt cant couldnt wouldnt wont shouldnt", _PRONOUNS),
        ("does doesnt has hasnt", "he she it that this your the anyone anybody everyone everybody"),
        ("is was isnt wasnt", "he she it that this there your the anyone anybody everyone everybody"),
        ("are were arent werent", "you we they these those there your yall the"),
        ("have had havent hadnt", "you we they your yall"),
        ("may", "i we"),
    )
    for verb in verbs.split()
}
# These also occur inside statements ("the point is the roof"), so they form a question only at the start of a clause.
_NEEDS_CLAUSE_START = _set("is was isnt wasnt are were has have had does may arent werent hasnt havent")
_CLAUSE_OPENERS = _set(
    "so and but or okay ok well um uh yeah yes no oh right now then sorry hmm alright great good perfect sure thanks "
    "because plus also hey hi how what why when where who much many long often which"
)
_WH = _set("what how why when where who which whats hows whos wheres whens whyd whatd howd")
_WH_CLOSED = _set("when where who which whos wheres whens")
_CONTRACTED = _set("whats hows whos wheres whens whyd whatd howd")
_AFTER_WHAT = _set(
    "kind kinds sort type made makes brings brought happened happens about else part time matters day worries worried "
    "bothers concerns scares keeps interests interested"
)
_AFTER_WHO = _set("else makes decides handles takes pays")
_AFTER_HOW = _set(
    "many much long often old big far soon about come large high quickly important familiar happy likely well"
)
_HOW_MEASURE = _set("many much long often old big far soon large high quickly")

# A question word after one of these belongs to a statement: "you know what is", "that's how".
_EMBEDS = _set(
    "know knows see thats is was of about understand exactly sure wonder explain show told tell matter on to no like "
    "figure understanding regardless depending depends just not even remember guess"
)
# A verb after one of these already has a subject, or follows another verb: "we have you down", "to have you".
_SUBJECT_BEFORE = _set(
    "i we they he she it that there who to would will can could should ill well youll theyll might must may not id wed "
    "theyd let if than as neither nor everything all things people which whatever"
)
_TAGS = (
    "make sense",
    "makes sense to you",
    "sound good",
    "sound fair",
    "sound right",
    "is that right",
    "fair enough to",
    "any questions",
    "any concerns",
    "any other questions",
    "any idea",
    "anything else",
    "you with me",
    "right or wrong",
)
_REQUESTS = (
    "tell me about",
    "tell me more",
    "tell me a",
    "tell me what",
    "tell me how",
    "walk me through",
    "talk me through",
    "help me understand",
    "describe for me",
    "show me how you",
    "curious what",
    "curious how",
    "curious why",
    "wondering what",
    "wondering how",
    "wondering if",
    "wondering whether",
)
_COURTESY = (
    "how are you",
    "how are we",
    "hows it going",
    "how is it going",
    "how you doing",
    "how do you do",
    "whats up",
    "hows your day",
    "how are things",
    "can you hear",
)


def _by_first(phrases: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for words in (tuple(p.split()) for p in phrases):
        found.setdefault(words[0], []).append(words)
    return found


_TAG_WORDS, _REQUEST_WORDS, _COURTESY_WORDS = _by_first(_TAGS), _by_first(_REQUESTS), _by_first(_COURTESY)

_SHORTEST_BETWEEN = 4
_CLAUSE_PAUSE_SECONDS = 0.35
_LONGEST_QUESTION_WORDS = 24


_OPENERS = frozenset((*_REQUEST_WORDS, *_TAG_WORDS, *_WH, *_ASKING))
"""Words with which a question may begin."""


def questions_in(tokens: Sequence[Token]) -> tuple[Question, ...]:
    """Return the questions in the words of one turn, in order; two starts within four words are one question."""
    texts = [t.text for t in tokens]
    starts: list[tuple[int, bool]] = []
    for i, word in enumerate(texts):
        if word not in _OPENERS or (starts and i - starts[-1][0] < _SHORTEST_BETWEEN):
            continue
        is_open = _opens_at(tokens, texts, i)
        if is_open is not None:
            starts.append((i, is_open))
    starts = _with_marks(tokens, starts)
    return tuple(
        _question(tokens, first, starts[n + 1][0] if n + 1 < len(starts) else len(tokens), is_open)
        for n, (first, is_open) in enumerate(starts)
    )


def _question(tokens: Sequence[Token], first: int, limit: int, is_open: bool) -> Question:
    last = min(limit, first + _LONGEST_QUESTION_WORDS)
    for i in range(first, last):
        if tokens[i].has_question_mark:
            last = i + 1
            break
    words = tuple(tokens[first:last])
    texts = [t.text for t in words]
    courtesy = _starts_with(texts, 0, _COURTESY_WORDS)
    return Question(first, words, is_open and not courtesy, courtesy)


def _opens_at(tokens: Sequence[Token], texts: Sequence[str], i: int) -> bool | None:
    """Return whether the question beginning at `i` is open; None when none begins there."""
    word = texts[i]
    if _starts_with(texts, i, _REQUEST_WORDS):
        return True
    if _starts_with(texts, i, _TAG_WORDS):
        return False
    if word in _WH:
        return _wh(tokens, texts, i)
    return False if _is_inverted(tokens, texts, i) else None


def _wh(tokens: Sequence[Token], texts: Sequence[str], i: int) -> bool | None:
    word, before = texts[i], texts[i - 1] if i else ""
    after = texts[i + 1] if i + 1 < len(texts) else ""
    third = texts[i + 2] if i + 2 < len(texts) else ""
    starts = _starts_clause(tokens, i)
    if before in _EMBEDS and not (starts and tokens[i - 1].raw.endswith((".", "?", "!", ","))):
        return None
    if word in _CONTRACTED:
        return word not in _WH_CLOSED
    if word == "how" and after in _HOW_MEASURE:
        return False
    if (word == "how" and after in _AFTER_HOW) or (word == "what" and after in _AFTER_WHAT):
        return True
    if word == "who" and after in _AFTER_WHO and starts:
        return False
    if word == "which" and after in {"one", "day", "of", "way"} and starts:
        return False
    asks = third in _ASKING.get(after, ()) or (after in _ASKING and starts and word != "which")
    return word not in _WH_CLOSED if asks else None


def _is_inverted(tokens: Sequence[Token], texts: Sequence[str], i: int) -> bool:
    word, before = texts[i], texts[i - 1] if i else ""
    after = texts[i + 1] if i + 1 < len(texts) else ""
    third = texts[i + 2] if i + 2 < len(texts) else ""
    if after not in _ASKING.get(word, ()):
        return False
    if after == "you" and third == "know" and word not in {"do", "did", "dont", "didnt"}:
        return False  # "we can, you know": a filler, not a question
    if word in _NEEDS_CLAUSE_START:
        return _starts_clause(tokens, i)
    if before == "you" and texts[i - 2 : i - 1] not in (["thank"], ["to"], ["for"], ["with"]):
        return tokens[i - 1].raw.endswith((".", "?", "!", ","))
    return before not in _SUBJECT_BEFORE or tokens[i - 1].raw.endswith((".", "?", "!", ","))


def _starts_clause(tokens: Sequence[Token], i: int) -> bool:
    if i == 0:
        return True
    before = tokens[i - 1]
    paused = tokens[i].start_seconds - before.end_seconds >= _CLAUSE_PAUSE_SECONDS
    return paused or before.text in _CLAUSE_OPENERS or before.raw.endswith((".", "?", "!", ",", ";", ":"))


def _starts_with(texts: Sequence[str], i: int, phrases: dict[str, list[tuple[str, ...]]]) -> bool:
    known = phrases.get(texts[i])
    return known is not None and any(tuple(texts[i : i + len(p)]) == p for p in known)


def _with_marks(tokens: Sequence[Token], starts: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
    """Add questions recognisable only by a question mark ("Tuesday?")."""
    marks = [i for i, t in enumerate(tokens) if t.has_question_mark]
    if not marks:
        return starts
    found = list(starts)
    begin = 0
    for mark in marks:
        if not any(begin <= s <= mark for s, _ in starts):
            found.append((max(begin, mark - 11), False))
        begin = mark + 1
    return sorted(found)
