"""Titles of detected conversations. Below the threshold, and with `auto_analyze: false`, no analysis gives one."""

from __future__ import annotations

from dataclasses import replace

from dayline.domain.timeline import Day, DayContext
from dayline.domain.transcript import REP_LABEL, Transcript
from dayline.scoring.titles import title_of


def with_titles(day: Day, transcript: Transcript, business: DayContext | None) -> Day:
    """Return the day with a title for every customer conversation that has none."""
    words = business.vocabulary if business else ()
    rep = REP_LABEL if any(u.speaker == REP_LABEL for u in transcript.utterances) else None
    found = tuple(
        replace(c, title=title_of(transcript.slice(c.start_seconds, c.end_seconds), rep, words))
        if c.kind == "customer" and not c.title
        else c
        for c in day.conversations
    )
    return replace(day, conversations=found)
