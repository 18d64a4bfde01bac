"""Days that the next turn moves: "I'll bring it out Friday." "I've the mart on Friday." "Thursday evening, so?"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.grammar import DAYS
from dayline.scoring.facts.next_step import NextStep, day_of
from dayline.scoring.facts.next_step_patterns import ACCEPTS, IS_TAKEN, REJECTS
from dayline.scoring.facts.overtaken_days import is_overtaken
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.times import TimeMention

_ASKS_OTHER = re.compile(
    r"\b(?:make (?:it|that)|(?:how|what) about|better|rather|prefer|(?:can|could|would|will) (?:you|we|i)(?: not)? "
    r"(?:do|make|say|come|manage)|would|does|is|instead|suits?)(?: (?:on|for|it|was|him|her|me|us|you|came|the|this|"
    r"next|that))* $"
)
"""Words just before another day that is asked for."""
_WOULD_SUIT = re.compile(
    r"^(?: (?:would|will|might|is|could))?(?: be)?(?: a lot| far| much)? (?:better|best|suits?|easier|instead)\b"
)
_LAST_DAY = re.compile(r"\b(?:by|before|until|till) (?:the |next |this )?\w+day\b")
_ADDS = re.compile(r"^and\b|\b(?:after that|as well|too|also|and then|on a \w+day)\b")
"""Words of a further day beside the first one."""
_WEEKDAYS = frozenset(DAYS.split("|"))
_MEETS = re.compile(
    r"(?:appointment|come|call|ring|see|be|bring|meet|pop|drop|swing|stop|get|have|start|do|talk|speak)\b"
)


def with_moved_days(talk: Conversation, steps: Iterable[NextStep], features: SentenceFeatures) -> list[NextStep]:
    """Return the steps, those whose day the next turns move with the new day, or left out where it is no meeting.

    A new day that is only asked about is left to what is answered.
    """
    found: list[NextStep] = []
    for step in steps:
        moved = _new_day(talk, step, features)
        if moved is None:
            if not is_overtaken(talk, step, features):
                found.append(step)
            continue
        sentence, time = moved
        if _MEETS.match(step.action.lower()) and step.owner is not None and not sentence.is_marked_question:
            action = f"Appointment: {time.text}"
            found.append(NextStep(step.owner, action, time.text, sentence, sentence.quote, True))
    return found


def _new_day(talk: Conversation, step: NextStep, features: SentenceFeatures) -> tuple[Sentence, TimeMention] | None:
    """Return the other day that the other side wants in the next turn, or that is proposed there after a no to the day.

    None if the day stands.
    """
    if step.when is None or step.sentence.is_rep is None:
        return None
    own = day_of(step.when)
    if own not in _WEEKDAYS or _LAST_DAY.search(step.action.lower()):
        return None
    reply = [s for s in talk.after(step.sentence, 1) if s.is_rep is not step.sentence.is_rep]
    answer = [s for s in talk.after(step.sentence, 2) if s.turn == step.sentence.turn + 2]
    answered = [(s, t) for s in answer for t in _days(s, features) if day_of(t.text) != own]
    for sentence in reply:
        for time in _days(sentence, features):
            if day_of(time.text) == own:
                is_taken = IS_TAKEN.search(sentence.text) is not None and not ACCEPTS.search(reply[0].text)
                if is_taken and answered:
                    return _confirmed(talk, *answered[0], features)
            elif step.owner == "rep" and _asks_for(sentence, time):
                same = [(s, t) for s, t in answered if day_of(t.text) == day_of(time.text)]
                if same:
                    return same[0]
                if answer and ACCEPTS.search(answer[0].text) and not REJECTS.search(answer[0].text):
                    return sentence, time
    return None


def _confirmed(
    talk: Conversation, sentence: Sentence, time: TimeMention, features: SentenceFeatures
) -> tuple[Sentence, TimeMention]:
    """Return the sentence that says a proposed day back with its time, the proposal itself where none does."""
    for reply in talk.after(sentence, 1):
        if reply.is_rep is not sentence.is_rep and not reply.is_marked_question and not REJECTS.search(reply.text):
            for said in _days(reply, features):
                if day_of(said.text) == day_of(time.text):
                    return reply, said
    return sentence, time


def _asks_for(sentence: Sentence, time: TimeMention) -> bool:
    before, after = sentence.text[: time.start], sentence.text[time.end :]
    if _ADDS.search(sentence.text):
        return False
    return _ASKS_OTHER.search(before) is not None or _WOULD_SUIT.search(after) is not None


def _days(sentence: Sentence, features: SentenceFeatures) -> list[TimeMention]:
    """Return the weekdays that a sentence names; a date may be one of them by another name."""
    return [t for t in features.times_of(sentence) if t.has_day and day_of(t.text) in _WEEKDAYS]
