"""Days of next steps that may not hold, since another day is named in the turns that follow.

Where it is clear that a step moves, `moved_days` gives it the new day. Here it is only seen that the first day may not
hold, and nothing is stated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.grammar import DAYS
from dayline.scoring.facts.next_step import NextStep, day_of
from dayline.scoring.facts.next_step_context import only_names_day
from dayline.scoring.facts.next_step_patterns import ACCEPTS, IS_TAKEN, REJECTS
from dayline.scoring.facts.sentence_features import SentenceFeatures

_NAMES = frozenset((*DAYS.split("|"), "today", "tonight", "tomorrow", "evening", "morning", "afternoon"))
_SAME_DAY = ("today", "tonight")
"""A task of the same day is seldom what the next turn's day is said of ("I'll ring Rob tonight." "Thursday.")."""
_DATE = re.compile(r".*(?:\dth|\dst|\dnd|\drd|first|second|third|\wth|tieth)$")
_DATE_ALONE = re.compile(
    r"^(?:(?:no|okay|then|well) )*(?:the )?(?P<day>(?:twenty |thirty )?\w+(?:th|first|second|third))$"
)
"""A day of the month that is all of a sentence ("The twenty-fifth?"), where it is no time for `times`."""
_OPENS = re.compile(r"^(?:and|then|so then|after that|also|what about|how about)\b")
_IS_ELSE = re.compile(
    r"^ is (?!(?:\w+ )?(?:good|fine|great|perfect|grand|okay|ideal|lovely|sweet|all|best|better|easier|when)\b)"
)
"""A day that is something else: "monday is quiz", "tomorrow is saturday"."""
_MAKE_IT = re.compile(r"\bmake (?:it|that)(?: (?:the|next|on))* $")
_LATER_TURNS = 3


def is_overtaken(talk: Conversation, step: NextStep, features: SentenceFeatures) -> bool:
    """Return whether another day may have taken the place of a step's day.

    The next turn names it on its own, the speaker says it back ("Wednesday." "Is it not the Friday they open?" "Friday,
    you're right."), the first day turns out to be taken, or somebody says to make it another one.
    """
    sentence = step.sentence
    own = "" if step.when is None else day_of(step.when)
    if own not in _NAMES and not _DATE.match(own):
        return False
    if any(s.is_marked_question for s in talk.sentences_of_turn[sentence.turn] if s.number > sentence.number):
        return False
    reply, answer = (talk.sentences_of_turn.get(sentence.turn + n, ()) for n in (1, 2))
    if _is_made_other(talk, sentence, own, features):
        return True
    named = {day: s for s in reply for day in _days_of(s, own, features) if not _OPENS.match(s.text)}
    if own in named:
        return _is_taken(reply, own, features)
    if not named:
        return False
    denied = any(REJECTS.search(s.text) or IS_TAKEN.search(s.text) for s in reply)
    if any(_is_day_alone(s, features) for s in named.values()) and (denied or own not in _SAME_DAY):
        return True
    said_back = {
        d
        for s in answer
        if s.is_rep is sentence.is_rep and not s.is_marked_question
        for d in _days_of(s, own, features)
    }
    return own not in said_back and not said_back.isdisjoint(named)


def _is_made_other(talk: Conversation, sentence: Sentence, own: str, features: SentenceFeatures) -> bool:
    """Return whether somebody says soon afterwards to make it another day."""
    for later in talk.after(sentence, _LATER_TURNS):
        for time in features.times_of(later):
            if time.has_day and day_of(time.text) != own and _MAKE_IT.search(later.text[: time.start]):
                return True
    return False


def _is_taken(reply: Sequence[Sentence], own: str, features: SentenceFeatures) -> bool:
    """Return whether a reply says that something else is on a day ("Monday's quiz", "I'm on the course Tuesday")."""
    if ACCEPTS.search(reply[0].text):
        return False
    for sentence in reply:
        for time in features.times_of(sentence):
            if time.has_day and day_of(time.text) == own:
                return (
                    IS_TAKEN.search(sentence.text) is not None or _IS_ELSE.match(sentence.text[time.end :]) is not None
                )
    return False


def _days_of(sentence: Sentence, own: str, features: SentenceFeatures) -> set[str]:
    """Return the days that a sentence names in the same way as a step: by their names, or by their numbers."""
    days = {day_of(t.text) for t in features.times_of(sentence) if t.has_day}
    if own in _NAMES:
        return days & _NAMES
    alone = _DATE_ALONE.match(sentence.text)
    return {day for day in days if _DATE.match(day)} | ({alone["day"]} if alone else set())


def _is_day_alone(sentence: Sentence, features: SentenceFeatures) -> bool:
    """Return whether a sentence names a day and at most an hour of it ("Thursday, before noon")."""
    times = [t for t in features.times_of(sentence) if t.has_day]
    return (
        not sentence.is_marked_question
        and len(sentence.words) <= _LONGEST_DAY
        and only_names_day(sentence.text, times[0].start)
    )


_LONGEST_DAY = 5
"""Words of a sentence that only names a day."""
