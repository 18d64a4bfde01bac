"""Days that were agreed and then taken back: "Wait, it can't be Saturday", "Thursday the lounge is being painted"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.days_of_others import is_day_of_others
from dayline.scoring.facts.moved_days import with_moved_days
from dayline.scoring.facts.next_step import NextStep, day_of
from dayline.scoring.facts.sentence_features import SentenceFeatures

_TURNS = 8
"""Turns after a step within which a customer may say that its day is not possible."""
_DENIED_BEFORE = re.compile(
    r"(?<!why )\b(?:not|never|forget|cancel)(?: (?:be|do|make|manage|have|come|on|for|the|this|next|it|that))* $"
)
"""Words before a day that is not possible: "it can not be saturday"."""
_DENIED_AFTER = re.compile(
    r"^(?:['’]s)?(?: (?!tomorrow|\w+day\b)\w+){0,4}? (?:can not|could not|no good|no use|"
    r"not (?:good|possible|great|any)|away|busy|shut|closed|working|a no)\b"
)
"""Words after it: "thursday is no good", "friday i am away"."""


def without_cancelled(talk: Conversation, steps: Sequence[NextStep], features: SentenceFeatures) -> list[NextStep]:
    """Return the steps without those that are forbidden in the reply or whose day a customer denies soon afterwards.

    With the day goes what was promised for it: steps in the turns in which it was named.
    """
    kept = [s for s in steps if not (_is_forbidden(talk, s) or is_day_of_others(talk, s, features))]
    steps = with_moved_days(talk, kept, features)
    denials = [(s, day) for s in talk.customer_sentences for day in denied_days(s, features)]
    if not denials:
        return list(steps)
    return [step for step in steps if not any(_is_cancelled(talk, step, *denial, features) for denial in denials)]


_NOT_THEN = re.compile(
    r"(?:(?:no|oh|well|ah|ooh|okay) )*not (?:then|(?:on )?(?:the|that|this|next) (?:day|week|weekend|month|morning|"
    r"afternoon|evening|night))\b(?! if)"
)


def _is_forbidden(talk: Conversation, step: NextStep) -> bool:
    """Return whether the other side answers that just this is not to be done ("Don't send it with him, mail it"), or
    not then ("Not the week of the party!").
    """
    verb = step.action.split()[0].lower() if step.action else ""
    reply = [s for s in talk.after(step.sentence, 1) if s.is_rep is not step.sentence.is_rep]
    if not verb or not reply:
        return False
    if step.when is not None and _NOT_THEN.match(reply[0].text):
        return True
    if re.match(rf"(?:(?:no|oh|well) )*(?:do not {re.escape(verb)}\b|do not(?: bother)?$)", reply[0].text):
        return True
    return any(_is_spared(step, s) for s in reply[:_SPARED_SENTENCES])


_SPARED_SENTENCES = 3
_SPARED = re.compile(
    r"^(?:(?:no|oh|well) )*(?:do not bother|(?:there is )?no need)(?: (?:with|for|of|to)\b(?P<what>.*))?$"
)


def _is_spared(step: NextStep, sentence: Sentence) -> bool:
    """Return whether a sentence spares the other side just this ("Don't bother with the map")."""
    match = _SPARED.match(sentence.text)
    if match is None:
        return False
    things = set(re.findall(r"[a-z]{3,}", match["what"] or "")) - {"the", "that", "any", "all", "you", "your"}
    return not things or not things.isdisjoint(re.findall(r"[a-z]{3,}", step.action.lower()))


def denied_days(sentence: Sentence, features: SentenceFeatures) -> set[str]:
    """Return the days that a sentence says are not possible."""
    found: set[str] = set()
    for time in features.times_of(sentence):
        if not time.has_day or sentence.is_marked_question:
            continue
        before, after = sentence.text[: time.start], sentence.text[time.end :]
        if _DENIED_BEFORE.search(before) or _DENIED_AFTER.search(after):
            found.add(day_of(time.text))
    return found


def _is_cancelled(talk: Conversation, step: NextStep, denial: Sentence, day: str, features: SentenceFeatures) -> bool:
    """Return whether a step belongs to a day that is denied after it."""
    if not 0 < denial.turn - step.sentence.turn <= _TURNS:
        return False
    if step.when is not None and day_of(step.when) == day:
        return True
    beside = range(step.sentence.turn - 1, step.sentence.turn + 2)
    named = {
        day_of(t.text) for turn in beside for s in talk.sentences_of_turn.get(turn, ()) for t in features.times_of(s)
    }
    return day in named
