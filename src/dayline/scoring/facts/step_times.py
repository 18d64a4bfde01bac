"""Which of the times in a sentence belong to a next step, and how its time is stated."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dayline.scoring.facts.times import TimeMention


def time_before(text: str, times: Sequence[TimeMention], start: int) -> list[TimeMention]:
    """Return a time directly before the clause ("and tomorrow I'll call")."""
    near = [t for t in times if 0 <= start - t.end <= 12]
    opens = {"and", "so", "then", "but", "okay", "great", "well", ""}
    return [t for t in near[-1:] if (text[: t.start].split() or [""])[-1] in opens]


_DESCRIBES = re.compile(r"(?:that|which|it) (?:is|will be)(?: a| the)? $")
"""Words between a date and what day of the week it is ("on the third of February, that's a Tuesday")."""
_CORRECTS = re.compile(r" (?:no(?: no)*(?: sorry| wait)|sorry|i mean|or rather|no that is wrong) ")


def own_times(text: str, times: Sequence[TimeMention], start: int, end: int) -> list[TimeMention]:
    """Return the times of a clause.

    A day that the speaker corrects is left out ("Thursday, no, sorry, Friday"), and so is an hour without a day where
    the sentence names a day for something else ("half past one Friday, and I'll have you back for three").
    """
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
