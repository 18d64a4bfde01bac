"""Days that are named for something other than a meeting: a deadline, a task of the customer, a third person."""

from __future__ import annotations

import re

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.appointments import is_deadline
from dayline.scoring.facts.next_step import NextStep, day_of
from dayline.scoring.facts.sentence_features import SentenceFeatures

_TURNS = 4
"""Turns before an appointment in which its day may have been named for something else."""
_OWN_TASK = re.compile(
    r"\b(?:i|we) (?:will|am going to|are going to|shall)(?: have to| just| be| try and)? "
    r"(?!be\b|see|meet|come|ring|call|phone|have you|expect|look forward|take (?:it|that|the)|do (?:that|then)\b|"
    r"say\b|go (?:for|with)|make (?:it|that)|tell you|let you|hold|book|put|pencil|fit|"
    r"not\b|need|want|know|think)\w+"
)
"""What the customer is to do: "I'll pay it when I do the till on Sunday"."""
_AWAY = re.compile(
    r"^ (?:i|we) (?:am|are|will be) (?:at|on|away|out|up|over|down|working|busy|teaching|driving)\b(?! (?:home|leave))|"
    r"^ (?:i|we) have(?: got)? (?:the|a|an|my|our)\b"
)
_HANDS_OVER = re.compile(r"^(?:i|we) will\b.*\b(?:send|email|text|post|mail|bring|drop) (?:it|that|them|you|those)\b")
_ONLY_DAY = 2
"""Words of a sentence that is only a day."""
_OF_THIRD = re.compile(
    r"\b(?:you (?:two|both)|the (?:two|pair|both) of you|yourselves)\b|"
    r"^(?:(?:and|so|but|well|okay|right) )*(?:when|what day|what time)(?: \w+)?(?: is| are| will| does| do| did)? "
    r"(?!you\b|i\b|we\b|it\b|that\b|this\b|would\b|suits?\b|could\b|can\b|is good|is best|is easiest|works)"
    r"\w+(?: \w+){0,4}?(?:back|due|in|home|off|finish\w*|open|coming|land\w*|arriv\w*|get\w*)\b"
)
"""A question about other people's time: "When's Des back?", "So you two sit down with it once he's home?"."""


def is_day_of_others(talk: Conversation, step: NextStep, features: SentenceFeatures) -> bool:
    """Return whether the day of an appointment was named for something else, so that nobody meets on it."""
    if step.when is None or not step.action.startswith("Appointment:"):
        return False
    own = day_of(step.when)
    said = talk.sentences_of_turn[step.sentence.turn]
    before = [s for s in said if s.number < step.sentence.number]
    asked = [s for s in talk.before(step.sentence, 1) if s.is_rep is not step.sentence.is_rep and s.is_marked_question]
    if step.sentence.is_rep is False and any(_OWN_TASK.search(s.text) for s in [*before, step.sentence]):
        return True
    if step.sentence.is_rep is False and _is_taken_or_for_task(talk, step.sentence, own, features):
        return True
    if asked and _OF_THIRD.search(asked[-1].text):
        return True
    return _was_named_for_else(talk, step.sentence, own, features)


def _is_taken_or_for_task(talk: Conversation, sentence: Sentence, own: str, features: SentenceFeatures) -> bool:
    """Return whether a customer's day is one of other business, or only says when a task that follows is done.

    "Monday I'm at the sale barn", "Tomorrow. I'll get the ladder and send it."
    """
    times = [t for t in features.times_of(sentence) if t.has_day and day_of(t.text) == own]
    if any(_AWAY.match(sentence.text[t.end :]) for t in times):
        return True
    after = [s for s in talk.sentences_of_turn[sentence.turn] if s.number == sentence.number + 1]
    return bool(after) and len(sentence.words) <= _ONLY_DAY and _HANDS_OVER.match(after[0].text) is not None


def _was_named_for_else(talk: Conversation, sentence: Sentence, own: str, features: SentenceFeatures) -> bool:
    """Return whether the last turn that named the day before did so for a deadline or a task of the customer."""
    for earlier in reversed(talk.before(sentence, _TURNS)):
        times = [t for t in features.times_of(earlier) if t.has_day and day_of(t.text) == own]
        if times:
            until = [s.text for s in talk.sentences_of_turn[earlier.turn] if s.number < earlier.number]
            until.append(earlier.text[: times[0].start])
            is_task = earlier.is_rep is False and any(_OWN_TASK.search(text) for text in until)
            return is_deadline(earlier, times[0]) or is_task
    return False
