"""The detector's front door: a transcript in, the account of a day out."""

from __future__ import annotations

from collections.abc import Sequence

from dayline.boundaries import rules
from dayline.core.day import Conversation, Day, DayContext, Hint, Stretch
from dayline.core.profile import DayProfile
from dayline.core.transcript import Transcript


def detect(
    transcript: Transcript,
    profile: DayProfile | None = None,
    context: DayContext | None = None,
    hints: Sequence[Hint] | None = None,
    *,
    second_opinion: object | None = None,
) -> Day:
    """Find the conversations of a recording and label every second of it.

    transcript: utterances in seconds of the recording, labels optional. profile: acoustic rows, one per second.
    context: what the organisation sells, as its playbook tells. hints: appointments. Pure and deterministic.
    """
    del context, hints, second_opinion
    found = rules.find(transcript, profile)
    return Day(conversations=tuple(found), timeline=_timeline(found, transcript))


def _timeline(found: Sequence[Conversation], transcript: Transcript) -> tuple[Stretch, ...]:
    begin, finish = transcript.start_seconds, transcript.start_seconds + transcript.duration_seconds
    out: list[Stretch] = []
    clock = begin
    for c in found:
        if c.start_seconds > clock:
            out.append(Stretch(clock, c.start_seconds, "silence"))
        label = "other_speech" if c.kind == "unknown" else c.kind
        if c.end_seconds > c.start_seconds:
            out.append(Stretch(max(clock, c.start_seconds), c.end_seconds, label, c.reasons))
        clock = max(clock, c.end_seconds)
    if finish > clock:
        out.append(Stretch(clock, finish, "silence"))
    return tuple(out)
