"""Determine which points of the playbook were covered, by facts and by their words.

Every line is a point. *yes* requires a sentence of the rep with most of the point's words, or a fact of the kind that
the point asks for; *no* requires that nobody said any of its words; everything else is *unclear*. Rules about what not
to do are always unclear: matching words cannot show that something was not done.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

from dayline.domain.analysis import Covered, PlaybookPoint
from dayline.domain.quotes import normalise
from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts import Facts
from dayline.scoring.facts.asks import Ask, kind_of_request
from dayline.scoring.facts.grammar import words
from dayline.scoring.facts.outcome import is_to_talk
from dayline.scoring.questions import questions_in
from dayline.scoring.rubric.keywords import content_words, is_content, is_instruction, stem

MOST_POINTS = 100
_LONGEST_LINE_CHARS = 240
_COVERED_SHARE = 0.6
_SHORTEST_POINT_WORDS = 2
_BEGINNING_LETTERS = 5
"""Letters by which related words are told from others, where an absence is to be shown."""

_BULLET = re.compile(r"^\s*(?:[-*•–—>]+|\(?\d{1,3}[.):]|\(?[a-zA-Z][.)]|\[[ x]\])\s*")
_HEADING = re.compile(r"^\s*#+\s|:\s*$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_MARKUP = re.compile(r"[*_`|]+")
_FORBIDS = re.compile(r"^(?:never|do not|don't|don’t|dont|avoid|no|not|stop|without|refrain)\b", re.IGNORECASE)
# Whether somebody left or stopped at a certain word cannot be told from words alike.
_LEAVES = re.compile(
    r"^(?:leave|end|finish|walk away|accept|respect)\b.*\b(?:when|if|once|as soon as)\b", re.IGNORECASE
)
_ASKS = re.compile(
    r"^(?:ask|find out|question|probe|learn|discover|check whether|check if|who|what|how|when|why)\b", re.IGNORECASE
)
# A question, an explanation, an offer or a whole clause ("that it is free of ...") can be phrased in any words; a name
# that must be mentioned cannot. What is brought or shown need not be named.
_NAMES_A_THING = re.compile(
    r"^(?:mention|present)\b(?! (?:that|how|why|what|when|where|who|whether|if)\b)", re.IGNORECASE
)
# Whether something was said before or after something else is not told by its words.
_SEQUENCE = re.compile(r"\b(?:before|after|until)\b", re.IGNORECASE)
# What is told can be told without its name: "eighty a week" is a waste figure.
_INFORMATION = re.compile(
    r"\b(?:figures?|numbers?|rates?|records?|data|results?|facts?|stor(?:y|ies)|benefits?|"
    r"advantages?|differences?|savings?|"
    r"costs?|prices?|reasons?|rules?|times?|sizes?|speeds?|features?|options?|experience|history|process|"
    r"quality|details?)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(r"\b(?:before|after|until|only (?:if|when|after)|first|then|always|every)\b", re.IGNORECASE)
# What a point says about a thing must be said of it too: that it is free, or the question how many there are.
_QUALIFIERS = (
    (
        re.compile(r"\b(?:free|no charge|no cost)\b", re.IGNORECASE),
        re.compile(
            r"\b(?:free|no (?:charge|cost|fee|catch)|nothing|not (?:charge|cost|pay)|without charge|on us|"
            r"on the house|included)\b"
        ),
    ),
    (re.compile(r"\bask how\b", re.IGNORECASE), re.compile(r"\b(?:how|what|number)\b")),
    (re.compile(r"\bask who\b", re.IGNORECASE), re.compile(r"\b(?:who|whose|which|what|any\w*|some\w*|else)\b")),
)
# Synonyms.
_SAME: tuple[frozenset[str], ...] = tuple(
    frozenset(stem(w) for w in group.split())
    for group in (
        "price cost prices",
        "photo picture photos pictures",
        "contract agreement",
        "warranty guarantee warrantied guaranteed",
        "finance financing instalment installment",
        "husband wife spouse",
        "appointment visit",
        "brochure leaflet flyer",
    )
)
_SAME_AS = {w: min(group) for group in _SAME for w in group}
_DIGITS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
}
_LITTLE = words("""
    the a an and or of to in on at for with by from is are was be as it its this that they them their you your
    we our us i my say ask tell mention explain give offer show name make sure get let use if when then than any
    all each not no do does have has before after always never about into out up so can will would should must
    what who how why which where there here one
    """)


def lines_of(playbook: str) -> tuple[str, ...]:
    """Return the playbook's points in order, without bullets and markup; headings are left out."""
    found: list[str] = []
    for line in playbook.splitlines():
        if _HEADING.search(line):
            continue
        text = _MARKUP.sub("", _BULLET.sub("", line)).strip()
        parts = _SENTENCE.split(text) if len(text) > _LONGEST_LINE_CHARS else [text]
        found.extend(p.strip()[:_LONGEST_LINE_CHARS] for p in parts if len(p.split()) >= _SHORTEST_POINT_WORDS)
    return tuple(dict.fromkeys(found))


def vocabulary_of(playbook: str) -> frozenset[str]:
    """Return the stems of the playbook's content words."""
    return content_words(w for w in normalise(playbook) if not is_instruction(w))


def coverage(talk: Conversation, facts: Facts, playbook: str) -> tuple[PlaybookPoint, ...]:
    """Return every point of the playbook and whether it was covered."""
    index = _WordIndex(talk)
    return tuple(_point(text, talk, facts, index) for text in lines_of(playbook)[:MOST_POINTS])


def _point(text: str, talk: Conversation, facts: Facts, index: _WordIndex) -> PlaybookPoint:
    forbids = _FORBIDS.match(text) or re.search(r"\b(?:never|do not|don't|without)\b", text, re.IGNORECASE)
    if forbids or _LEAVES.match(text) or _SEQUENCE.search(text) or not talk.tokens:
        return PlaybookPoint(text, "unclear")
    by_fact = _by_fact(text, talk, facts)
    if by_fact is not None:
        return _stated(text, "yes", by_fact)
    wanted = _wanted(text)
    if not wanted or _says_more(text, wanted):
        return PlaybookPoint(text, "unclear")
    sentence, heard = index.best(wanted)
    share = heard / len(wanted)
    least = min(2, len(wanted))
    if sentence is not None and share >= _COVERED_SHARE and heard >= least and _fits(text, sentence, wanted):
        return _stated(text, "yes", sentence)
    if _is_absence_shown(text, wanted) and not index.said(wanted):
        return PlaybookPoint(text, "no")
    return PlaybookPoint(text, "unclear")


def _stated(text: str, covered: Covered, sentence: Sentence) -> PlaybookPoint:
    quote = sentence.quote
    return PlaybookPoint(text, covered, quote.text, quote.start_seconds, quote.end_seconds)


def _fits(text: str, sentence: Sentence, wanted: frozenset[str]) -> bool:
    """Return whether a sentence has the form that the point requires: a question, the same number, a whole claim."""
    if _ASKS.match(text) and not questions_in(sentence.tokens):
        return False
    if any(in_point.search(text) and not in_words.search(sentence.text) for in_point, in_words in _QUALIFIERS):
        return False
    numbers = _DIGITS.keys() & set(normalise(text))
    if numbers and not numbers <= set(sentence.words) and not {str(_DIGITS[n]) for n in numbers} & set(sentence.words):
        return False
    return len(wanted) >= 2 or len(sentence.words) >= 3


def _is_absence_shown(text: str, wanted: frozenset[str]) -> bool:
    """Return whether a point was missed if nobody has used its words: it names a thing that has no other name."""
    names_a_thing = _NAMES_A_THING.match(text) and not _INFORMATION.search(text)
    return bool(names_a_thing) and len(wanted) >= 2 and not _is_general(text)


def _is_general(text: str) -> bool:
    """Return whether a point is about manner or order, whose absence cannot be shown by words."""
    return bool(_ORDER.search(text)) or bool(
        re.search(
            r"\b(?:polite|friendly|listen|smile|calm|honest|natural|clear|short|slow|warm|respect|rapport|trust|"
            r"tone|confident)",
            text,
            re.IGNORECASE,
        )
    )


def _wanted(text: str) -> frozenset[str]:
    """Return the stems of the essential words of a point."""
    words = [w for w in normalise(text) if not is_instruction(w)]
    found = content_words(words)
    if len(found) < 2:
        found |= frozenset(stem(w) for w in words if len(w) >= 4 and w not in _LITTLE and w not in _DIGITS)
    return frozenset(_SAME_AS.get(w, w) for w in found)


_USED_THING = re.compile(r"\b(?:a|an|the|any|some) (?:used|second[- ]hand) \w", re.IGNORECASE)


def _says_more(text: str, wanted: frozenset[str]) -> bool:
    """Return whether a point says more than its only word to look for: "Let the customer sit in the chair." is not
    covered by a price of the chair, nor "Offer a used machine." by any machine."""
    if len(wanted) > 1:
        return False
    others = [w for w in normalise(text) if not is_instruction(w) and w not in _LITTLE]
    return _USED_THING.search(text) is not None or any(_SAME_AS.get(stem(w), stem(w)) not in wanted for w in others)


def _by_fact(text: str, talk: Conversation, facts: Facts) -> Sentence | None:
    """Return the sentence of the fact that a point asks for, None if the point asks for no known kind of fact."""
    low = f" {' '.join(normalise(text))} "
    for expression, find in _FACTS:
        if expression.search(low):
            found = find(talk, facts)
            if found is not None:
                return found
    return None


def _introduced(_talk: Conversation, facts: Facts) -> Sentence | None:
    return facts.signals.introductions[0] if facts.signals.introductions else None


def _thanked(talk: Conversation, facts: Facts) -> Sentence | None:
    late = [s for s in facts.signals.thanks if talk.share_at(s.start_seconds) >= 0.5]
    return late[-1] if late else None


def _recapped(_talk: Conversation, facts: Facts) -> Sentence | None:
    return facts.signals.recaps[-1] if facts.signals.recaps else None


def _decision_asked(_talk: Conversation, facts: Facts) -> Sentence | None:
    """Return a request whose words name a decision or a payment; a day in it may be that of another talk."""
    said = (a.sentence for a in facts.asks.found if not any(t.has_day for t in a.times))
    return next((s for s in said if kind_of_request(s) in {"decision", "payment"}), None)


def _has_two_dates(ask: Ask) -> bool:
    return len({t.text for t in ask.times if t.has_day or t.has_clock}) >= 2


def _two_dates(_talk: Conversation, facts: Facts) -> Sentence | None:
    return next((a.sentence for a in facts.asks.found if _has_two_dates(a)), None)


def _appointment(_talk: Conversation, facts: Facts) -> Sentence | None:
    fixed = next((s.sentence for s in facts.next_steps if s.is_appointment and s.when), None)
    return fixed or next((s.sentence for s in facts.next_steps if s.when and s.sentence.is_rep and is_to_talk(s)), None)


_DECIDES = re.compile(
    r"\b(?:who|anyone|anybody|someone|else)\b(?: \w+){0,7} (?:decide\w*|decision\w*|agree|involved|say|sign)\b"
)


def _decider_asked(talk: Conversation, _facts: Facts) -> Sentence | None:
    return next((s for s in talk.rep_sentences if _DECIDES.search(s.text)), None)


_FACTS: tuple[tuple[re.Pattern[str], Callable[[Conversation, Facts], Sentence | None]], ...] = (
    (re.compile(r" (?:introduce yourself|say who you are|your name and|introduce) "), _introduced),
    (
        re.compile(r" who (?:else )?(?:decides|makes the decision|is the decision maker) | decision makers? "),
        _decider_asked,
    ),
    (re.compile(r" (?:two|2) (?:dates|times|days|slots|appointments) "), _two_dates),
    (
        re.compile(
            r" (?:confirm|fix|agree|book|set|schedule|secure) (?:on )?(?:the |a |an )?(?:next )?(?:appointment|"
            r"date|visit|meeting|step) (?!for (?:the|a|an) (?:decision|order|delivery|payment|answer) )|"
            r" next appointment "
        ),
        _appointment,
    ),
    (re.compile(r" (?:recap|summarize|summarise|sum up|repeat back) "), _recapped),
    (re.compile(r" thank (?:them|the|you|her|him|for) "), _thanked),
    (re.compile(r" ask for (?:the |a )?(?:order|sale|business|decision|close|signature|commitment) "), _decision_asked),
)


@lru_cache(maxsize=8192)
def _indexed(word: str) -> str | None:
    """Return the stem by which a word is found, None of a word that says little; most words of a talk occur often."""
    if len(word) <= 2 or not (is_content(word) or word not in _LITTLE):
        return None
    return _SAME_AS.get(stem(word), stem(word))


class _WordIndex:
    """Index of content words by sentence.

    Finds the rep's sentence with most of a set of stems, in time linear in the number of their occurrences.
    """

    def __init__(self, talk: Conversation) -> None:
        self._places: dict[str, list[Sentence]] = {}
        said: set[str] = set()
        for sentence in talk.sentences:
            stems = {s for s in map(_indexed, sentence.words) if s is not None}
            said |= stems
            if sentence.is_rep is not False:
                for word in stems:
                    self._places.setdefault(word, []).append(sentence)
        self._beginnings = {s[:_BEGINNING_LETTERS] for s in said}

    def said(self, wanted: Iterable[str]) -> bool:
        """Return whether anybody said one of the words or one that begins alike, as "cancel" and "cancellation"."""
        return any(w[:_BEGINNING_LETTERS] in self._beginnings for w in wanted)

    def best(self, wanted: frozenset[str]) -> tuple[Sentence | None, int]:
        """Return the sentence with most of the words, the first among equals, and their number."""
        counts: Counter[int] = Counter()
        by_number: dict[int, Sentence] = {}
        for word in wanted:
            for sentence in self._places.get(word, ()):
                counts[sentence.number] += 1
                by_number[sentence.number] = sentence
        if not counts:
            return None, 0
        number = min(counts, key=lambda n: (-counts[n], n))
        return by_number[number], counts[number]
