"""Requests of the rep for a decision, an order, an appointment, a payment or a trial, direct and indirect.

Precision has priority: a rule names the requested step, or a trained model is confident of it. A sentence that only may
be a request ("what do you think") sets `possible`, so that an absence is stated only if neither was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dayline.scoring.conversation import Conversation, Quote, Sentence
from dayline.scoring.facts import ask_patterns as patterns
from dayline.scoring.facts.grammar import pattern
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.times import TimeMention, times_in
from dayline.scoring.facts.turn_context import FEW_TURNS, UNLIKELY, Score, Stated


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for a decision or a step.

    Attributes:
        kind: "decision", "appointment" or "payment".
        sentence: where it was said.
        quote: the whole sentence.
        times: times named in it.

    """

    kind: str
    sentence: Sentence
    quote: Quote
    times: tuple[TimeMention, ...]


@dataclass(frozen=True, slots=True)
class Asks:
    """The requests recognised in a conversation, and whether anything else may have been one."""

    found: tuple[Ask, ...]
    is_absence_known: bool


_SURE, _SURE_IN_SHORT_TALK = 0.6, 0.5
"""Log-odds of a turn from which its request is stated, by the rule of `bench/statements/README.md`."""
_BY_RULE = -3.0
"""Log-odds of a sentence that a rule names, from which it is stated in a conversation of few turns."""
_POSSIBLY = -2.5
"""Log-odds of a sentence below which it does not hinder an absence."""


def request_scores(talk: Conversation, features: SentenceFeatures) -> dict[int, Score]:
    """Return what the words of each sentence of the rep say, by the number of the sentence."""
    found: dict[int, Score] = {}
    for sentence in talk.rep_sentences:
        text = _with_times(sentence.text, features.times_of(sentence))
        kind = features.requests[sentence.number] = _kind_of(text)
        value = UNLIKELY if talk.rep is None else features.score_of(sentence, "ask", _rule_marks(text, kind))
        found[sentence.number] = Score(value, kind, text)
    return found


def asks_in(talk: Conversation, features: SentenceFeatures, stated: Stated) -> Asks:
    """Return the rep's requests in order. An absence is known only if nothing similar to a request was said either.

    stated: scores of the rep's sentences and log-odds of the rep's turns.
    """
    found: list[Ask] = []
    possible = False
    for sentence in talk.rep_sentences:
        times = features.times_of(sentence)
        score = stated.scores[sentence.number]
        text, kind = score.text, score.kind
        if kind is None and sentence.is_marked_question and patterns.ONLY_TIME.search(text):
            kind = "appointment"
        is_sure = stated.of(sentence) >= _SURE
        if len(talk.turns) < FEW_TURNS:
            is_sure = score.value >= (_SURE_IN_SHORT_TALK if kind is None else _BY_RULE)
        if kind is not None and talk.rep is not None and not is_sure:
            kind, possible = None, True
        if kind is None and is_sure and not (patterns.NOT_ASKS.search(text) or _opens_with_habit(text)):
            kind = _kind_by_words(text, times)
        if kind is not None and (_ASKS_TO_KNOW.search(text) or (kind == "appointment" and _tells_plan(text))):
            possible = True
        elif kind:
            found.append(Ask(kind, sentence, sentence.quote, times))
        elif patterns.CONSENT.search(text) and (named := _named_just_before(talk, sentence)):
            if not found or found[-1].sentence.turn != sentence.turn:
                found.append(Ask("appointment", sentence, sentence.quote, named))
        elif score.value >= _POSSIBLY or patterns.POSSIBLE.search(text):
            possible = True
    known = not found and not possible and talk.has_two_voices and len(talk.tokens) >= 60
    return Asks(tuple(found), known)


def rule_features(sentence: Sentence) -> list[str]:
    """Return the results of the rules for a sentence of the rep, as features of the model."""
    text = _with_times(sentence.text, times_in(sentence))
    return _rule_marks(text, _kind_of(text))


def _rule_marks(text: str, kind: str | None) -> list[str]:
    found = ["rule", f"rule:{kind}"] if kind else []
    if not kind and patterns.CONSENT.search(text):
        found.append("rule:consent")
    if patterns.POSSIBLE.search(text):
        found.append("rule:possible")
    if patterns.NOT_ASKS.search(text):
        found.append("rule:not")
    return found


_OF_PAYMENT = pattern("card|cash|check|deposit|pay|payment|transfer|invoice|upfront|up front")


def _kind_by_words(text: str, times: tuple[TimeMention, ...]) -> str:
    """Return the kind of a request that no rule matches."""
    if any(t.has_day or t.has_clock for t in times):
        return "appointment"
    return "payment" if _OF_PAYMENT.search(text) else "decision"


def _named_just_before(talk: Conversation, sentence: Sentence) -> tuple[TimeMention, ...]:
    """Return the times with a day that the same turn named before this sentence."""
    same_turn = [s for s in talk.sentences_of_turn[sentence.turn] if s.number <= sentence.number]
    return tuple(t for s in same_turn[-3:] for t in times_in(s) if t.has_day)


def _kind_of(text: str) -> str | None:
    """Return the kind of step that a sentence of the rep asks for, None when it asks for none."""
    if patterns.PAYMENT.search(text):
        return "payment"
    for match in patterns.DECISION.finditer(text):
        if not _excluded(text, match.start(), match.end()):
            return "decision"
    if _HOW_MANY.search(text):
        return None
    for match in patterns.APPOINTMENT.finditer(text):
        if not _excluded(text, match.start(), match.end()) and not patterns.HABIT.match(text, match.start()):
            return "appointment"
    return None


# A question for what the customer does or knows asks for no step; nor does what the customer need not do, nor a plan
# with a day that is only told.
_ASKS_TO_KNOW = pattern(
    "(?:can|could|would|will) you (?:be able to )?tell (?:me|us)",
    "^(?:and |so )*when (?:will you be|are you) (?!coming|going to be)\\w+ing$",
    "^(?:and |so )*how (?:slow|fast|late|hard|far|high|heavy) (?:would|will|is|are)",
    "what (?:would|do) you (?:still )?need to (?:see|know|hear)",
    "you (?:do not|will not|would not|never) (?:have|need) to (?:sign|decide|pay|buy|order|do|give)",
    "^(?:and |so |okay )*when (?:is|are|will) (?!you\\b)\\w+(?: \\w+)?(?: be)? (?:back|due|over)(?: \\w+){0,3}$",
)
_PLAN = pattern(
    "^(?:(?:and|so|okay|right|no|then|well|yes|oh|great|good|perfect|lovely) )*(?:i|we|he|she|it|they) "
    "(?:will|am|is) .*@day",
    "(?:i|we) will (?:call|ring|phone|email|text|message|send|post) you (?:.* )?@day",
)
_OPEN = pattern(
    "if|or|ask|can|could|would|like|need|want|okay|yes|all right|right|suit|suits|is it|is that|sign|hold|pencil|"
    "shall|should|will you|which"
)


def _tells_plan(text: str) -> bool:
    """Return whether a plan with a day is told without leaving the day to the customer."""
    return _PLAN.search(text) is not None and not _OPEN.search(text)


def _opens_with_habit(text: str) -> bool:
    """Return whether a sentence begins as a question about a habit or the past.

    Further on the same words are often none: "do you want to have it", "I could have it in by Friday".
    """
    lead = _LEAD.match(text)
    return patterns.HABIT.match(text, lead.end() if lead else 0) is not None


_LEAD = re.compile("(?:(?:and|so|but|well|okay|right|then|no|oh|yes|now) )*")
_HOW_MANY = pattern("^(?:and |so )?how (?:many|often|long|old)")


def _with_times(text: str, times: tuple[TimeMention, ...]) -> str:
    """Return the text with each time replaced by a placeholder for a day, for today, or for a time of day."""
    pieces: list[str] = []
    at = 0
    for mention in times:
        if mention.text.startswith(("in ", "within ")) and not mention.has_clock:
            pieces += [text[at : mention.start], "@span"]
            at = mention.end
            continue
        is_now = not mention.has_clock and mention.text in {"today", "tonight"}
        pieces += [text[at : mention.start], "@now" if is_now else "@day" if mention.has_day else "@clock"]
        at = mention.end
    pieces.append(text[at:])
    return "".join(pieces)


def _excluded(text: str, start: int, end: int) -> bool:
    return any(other.start() < end and other.end() > start for other in patterns.NOT_ASKS.finditer(text))


def kind_of_request(sentence: Sentence) -> str | None:
    """Return the step that a sentence asks for ("decision", "appointment", "payment"), None when it asks for none."""
    return _kind_of(_with_times(sentence.text, times_in(sentence)))
