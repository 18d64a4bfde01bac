"""Which of the times in a sentence belong to a next step, and how its time is stated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dayline.scoring.conversation import Conversation, quote_for
from dayline.scoring.facts.next_step import NextStep
from dayline.scoring.facts.next_step_context import only_names_day
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.times import TimeMention


def time_before(text: str, times: Sequence[TimeMention], start: int) -> list[TimeMention]:
    """Return a time directly before the clause ("and tomorrow I'll call")."""
    near = [t for t in times if 0 <= start - t.end <= 12]
    opens = {"and", "so", "then", "but", "okay", "great", "well", ""}
    return [t for t in near[-1:] if (text[: t.start].split() or [""])[-1] in opens]


_DESCRIBES = re.compile(r"(?:that|which|it) (?:is|will be)(?: a| the)? $")
"""Words between a date and what day of the week it is ("on the third of February, that's a Tuesday")."""
_LOST = re.compile(r"\bon the (?:at|in|by|and|to|for|from)\b")
"""Words between which a recogniser lost a day ("we will be here on the at night, eleven o'clock")."""
_CORRECTS = re.compile(r" (?:no(?: no)*(?: sorry| wait)|sorry|i mean|or rather|no that is wrong) ")


def own_times(text: str, times: Sequence[TimeMention], start: int, end: int) -> list[TimeMention]:
    """Return the times of a clause.

    A day that the speaker corrects is left out ("Thursday, no, sorry, Friday"), and so is an hour without a day where
    the sentence names a day for something else ("half past one Friday, and I'll have you back for three").
    """
    if _LOST.search(text) and not any(t.has_day for t in times):
        return []  # an hour of a day that was not heard
    own = [t for t in times if start <= t.start < end]
    own = [t for n, t in enumerate(own) if n == 0 or not _DESCRIBES.search(text[: t.start])]
    corrected = [m.start() for m in _CORRECTS.finditer(text) if any(t.has_day and t.start > m.start() for t in times)]
    if corrected:
        own = [t for t in times if t.start >= corrected[-1] and t.start >= start]
    if any(t.has_day for t in own):
        return own
    return [] if any(t.has_day for t in times) else own


def time_of(own: Sequence[TimeMention]) -> str | None:
    """Return the time that is stated of a step: its day with the hour, the day, or the hour alone."""
    dated = [t for t in own if t.has_day]
    if dated:
        exact = [t for t in dated if t.has_clock]
        best = exact[0] if exact else dated[-1] if dated[0].text.startswith("in ") else dated[0]
        if best is not dated[0] and dated[0].text in {"today", "tonight"}:
            return dated[0].text
        if not best.has_clock:
            clock = next((t for t in own if t.has_clock and not t.has_day), None)
            if clock is not None and abs(clock.start - best.end) < 30:
                return f"{best.text} {clock.text}" if clock.text.startswith("at ") else f"{best.text} at {clock.text}"
        return best.text
    clocks = [t for t in own if t.has_clock]
    return clocks[0].text if clocks else None


_SHORT = 6
"""Words of a sentence before a step that says no more than a day ("Morning of the eleventh, then")."""


def with_day(talk: Conversation, step: NextStep, features: SentenceFeatures) -> NextStep:
    """Return a step of which only the hour is said with the day that the sentence before it names alone ("So Monday.
    I'll be here half past four")."""
    if step.when is None or not step.when.startswith("at "):
        return step
    before = [s for s in talk.sentences_of_turn[step.sentence.turn] if s.number == step.sentence.number - 1]
    times = [t for s in before for t in features.times_of(s) if t.has_day]
    if len(times) != 1 or times[0].has_clock or before[0].is_marked_question:
        return step
    if len(before[0].words) > _SHORT and not only_names_day(before[0].text, times[0].start):
        return step
    tokens = [*before[0].tokens, *step.sentence.tokens]
    return replace(step, when=f"{times[0].text} {step.when}", quote=quote_for(tokens))
