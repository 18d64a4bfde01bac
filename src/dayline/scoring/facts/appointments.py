"""Appointments: days on which rep and customer agree to meet or to speak."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts import next_step_patterns as patterns
from dayline.scoring.facts.asks import Ask
from dayline.scoring.facts.clauses import clause_end
from dayline.scoring.facts.next_step import NextStep
from dayline.scoring.facts.times import TimeMention, times_in

_TODAY = frozenset(("today", "tonight"))
_EXACT = re.compile(r"tomorrow|day\b|\bthe \w+(?:th|st|nd|rd|first|second|third)\b", re.IGNORECASE)
"""A day, not a season or a span: "half in August" is a payment."""
_LONGEST_ECHO, _ASKED_TURNS = 9, 4
"""Words of a sentence that says a day back, and turns within which a day must have been asked for."""


def agreed_step(talk: Conversation, ask: Ask) -> NextStep | None:
    """Return the appointment of a request with a time, if the customer accepted it in the next turn."""
    times = [t for t in ask.times if _is_meant(ask.sentence, t)]
    if _ASKS_HABIT.search(ask.sentence.text):
        return None
    if not times or talk.rep is None:
        return None
    reply = [s for s in talk.after(ask.sentence, 1) if s.is_rep is False]
    if not reply:
        return None
    # A day that is only asked about ("Saturday? In the morning?") has not been chosen.
    told = [s for s in reply if not s.is_marked_question and not _is_taken(s)]
    if any(_UNSURE.search(s.text) for s in reply[:2]):
        return None
    said = [t for s in told for t in times_in(s) if t.has_day and t.text not in _TODAY and not _is_habit(s, t)]
    if not (patterns.ACCEPTS.search(reply[0].text) or said) or _declined(reply):
        return None
    offered = {t.text: t for t in times}
    if len(times) > 1 and not said:
        return None
    when = next((offered[t.text] for t in said if t.text in offered), None)
    if when is None and said:
        same_day = [t for t in times if t.text.split(" at ")[0] == said[0].text.split(" at ")[0]]
        if not same_day:
            return None
        when = same_day[0]
    when = when or times[0]
    if when.text.startswith("in ") and not patterns.OFFERED.search(ask.sentence.text):
        return None  # "half now and half in August" is a payment
    return NextStep("rep", _agreed_action(ask, when), when.text, ask.sentence, ask.sentence.quote, True)


def invited_step(talk: Conversation, sentence: Sentence) -> NextStep | None:
    """Return the appointment that the customer offers and the rep accepts ("come Thursday at two")."""
    if sentence.is_rep is not False or not patterns.INVITES.search(sentence.text):
        return None
    times = [t for t in times_in(sentence) if _is_meant(sentence, t)]
    reply = [s for s in talk.after(sentence, 1) if s.is_rep]
    if not times or not reply or patterns.CONDITION.search(f" {sentence.text}"):
        return None
    repeated = [t for s in reply for t in times_in(s) if t.has_day and t.text.split(" at ")[0] in times[0].text]
    if not repeated and not patterns.ACCEPTS.search(reply[0].text):
        return None
    when = max([times[0], *repeated], key=lambda t: len(t.text))
    source = sentence if when is times[0] else next(s for s in reply if when in times_in(s))
    return NextStep("rep", f"Appointment: {when.text}", when.text, source, source.quote, True)


def _agreed_action(ask: Ask, when: TimeMention) -> str:
    """Return what was agreed: the rep's own offer ("come back on Friday"), or an appointment at that time."""
    sentence = ask.sentence
    match = patterns.OFFERED.search(sentence.text)
    if match and match.start("verb") < when.start:
        end = clause_end(sentence, match.start("verb"))
        action = sentence.said(match.start("verb"), end).strip(" ,;:-–—").rstrip(".?!,")
        return action[:1].upper() + action[1:]
    return f"Appointment: {when.text}"


def _declined(reply: Sequence[Sentence]) -> bool:
    first = reply[0].text.split()[:6]
    if patterns.ACCEPTS.search(reply[0].text) and first[0] not in {"no", "not", "nope"}:
        return " not good" in reply[0].text or "can not" in reply[0].text
    return bool(patterns.DECLINES.search(" ".join(first)))


def confirmed_step(talk: Conversation, sentence: Sentence, asks: Sequence[Ask]) -> NextStep | None:
    """Return the appointment that the rep says back to the customer ("Thursday it is", "Wednesday at ten").

    The customer has just named the day, and the rep asked for one or offered one shortly before.
    """
    if sentence.is_rep is not True or sentence.is_marked_question or len(sentence.words) > _LONGEST_ECHO:
        return None
    asked = [a for a in asks if a.kind == "appointment" and 0 < sentence.turn - a.sentence.turn <= _ASKED_TURNS]
    named = [s for s in talk.before(sentence, 1) if s.is_rep is False and not s.is_marked_question]
    if not asked or not named or patterns.CONDITION.search(f" {sentence.text}"):
        return None
    days = {_day_of(t) for s in named for t in times_in(s) if t.has_day}
    own = [
        t for t in times_in(sentence) if _EXACT.search(t.text) and _day_of(t) in days and not is_deadline(sentence, t)
    ]
    if not own or patterns.DECLINES.search(sentence.text):
        return None
    return NextStep("rep", f"Appointment: {own[0].text}", own[0].text, sentence, sentence.quote, True)


def settled(talk: Conversation, step: NextStep) -> NextStep:
    """Return an appointment with the hour that the rep sums up for its day a few turns later ("so that's Tuesday at
    eight"), the appointment itself if no hour was settled.
    """
    if not step.is_appointment or step.when is None or " at " in step.when:
        return step
    for sentence in talk.rep_sentences:
        if not 0 < sentence.turn - step.sentence.turn <= _SETTLED_TURNS or sentence.is_marked_question:
            continue
        if _SUMS_UP.match(sentence.text) is None or patterns.CONDITION.search(f" {sentence.text}"):
            continue
        for time in times_in(sentence):
            if time.has_clock and time.text.startswith(f"{step.when} at "):
                action = f"Appointment: {time.text}"
                return NextStep(step.owner, action, time.text, sentence, sentence.quote, True)
    return step


_SETTLED_TURNS = 6
_SUMS_UP = re.compile(r"(?:(?:okay|so|right|great|good|perfect|then|lovely) )*(?:that is|it is|so) ")


def _day_of(time: TimeMention) -> str:
    return time.text.split(" at ")[0].removeprefix("the ").removeprefix("next ")


_DEADLINE = re.compile(r"(?:by|until|till|before) ")
_TAKEN = re.compile(r"\b\w+ (?:am|are|is|have|has|had|got|will|work|works)\b")
_UNSURE = re.compile(r"\b(?:maybe|perhaps|might|we will see|it depends|i do not know)\b")
"""Words of a reply that leave open whether the day holds."""


def is_deadline(sentence: Sentence, time: TimeMention) -> bool:
    """Return whether something is to be done by a time, so that nobody meets at it ("if you book by Friday")."""
    return _DEADLINE.match(sentence.text, time.start) is not None or sentence.text[: time.start].endswith(
        (" by ", " until ", " till ", " before ")
    )


_PART_OF_DAY = frozenset(("after lunch", "before lunch", "first thing"))
_ASKS_HABIT = re.compile(
    r"\byou (?:are|all|guys|both| )*(?:shut|closed|open|busy|off|away|working)\b.* (?:is that right|right|are you not|"
    r"do you not)$"
)
"""A question for a fact about a day: "Monday, you're shut till five, is that right?"."""


def _is_meant(sentence: Sentence, time: TimeMention) -> bool:
    """Return whether a time is a day after today on which something may be fixed."""
    if not time.has_day or time.text in _TODAY or time.text in _PART_OF_DAY:
        return False
    return not (is_deadline(sentence, time) or _is_habit(sentence, time))


def _is_habit(sentence: Sentence, time: TimeMention) -> bool:
    """Return whether a day stands for every such day ("shut till five on a Monday")."""
    return sentence.text[: time.start].endswith((" on a ", " every ", " any "))


def _is_taken(sentence: Sentence) -> bool:
    """Return whether a sentence says what else happens on the day it names ("Saturday she's got a show")."""
    return _TAKEN.search(sentence.text) is not None and not patterns.ACCEPTS.search(sentence.text)
