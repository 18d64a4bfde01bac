"""Find the conversations of a day, with reasons.

1. Compute the probability of a boundary at every place between two lines (pauses, voices, greetings, change of words).
2. Score the likeliest candidates between two boundaries: the kind of talk, and whether each is one conversation.
3. Add the evidence of the day's own words, the playbook and the memory of the organisation.
4. Ask a reader, if there is one, to segment the uncertain part of the day; use the verified part of its answer.
5. Report the best set of candidates that do not overlap, with calibrated confidence and reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dayline.detection import calibration, closing_lines, explanations, memory, reader_fusion, residual_labels, scoring
from dayline.detection.day_features import DayFeatures, without_voices
from dayline.detection.features import short_recordings
from dayline.detection.memory import Contribution, OrgMemory
from dayline.detection.reader_fusion import Reading
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.reading import Reader, Scope
from dayline.domain.timeline import Conversation, Day, DayContext, DetectorUsage, Hint
from dayline.domain.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Detection:
    """A detected day and its contribution to the organisation's memory.

    Attributes:
        day: conversations and timeline.
        contribution: counts of stems; None when nobody speaks or no key was given.
    """

    day: Day
    contribution: Contribution | None


def detect(
    transcript: Transcript,
    profile: DayProfile | None = None,
    context: DayContext | None = None,
    hints: Sequence[Hint] | None = None,
    *,
    memory: OrgMemory | None = None,
    reader: Reader | None = None,
    scope: Scope = "customers_only",
) -> Day:
    """Find the conversations of a recording and label every second of it.

    Without a reader the result is a pure function of the input.

    Args:
        transcript: utterances in seconds of the recording; speaker labels may be wrong, restart or be absent.
        profile: acoustic rows, one per second from the start of the recording.
        context: what is sold, from the playbook.
        hints: appointments.
        memory: stems of the customer conversations on other days of the same organisation.
        reader: reads pages of the day; only verified answers are used.
        scope: which lines a reader may see.
    """
    return detect_and_learn(
        transcript, profile, context, hints, memory=memory, reader=reader, scope=scope, memory_key=None
    ).day


def detect_and_learn(
    transcript: Transcript,
    profile: DayProfile | None = None,
    context: DayContext | None = None,
    hints: Sequence[Hint] | None = None,
    *,
    memory: OrgMemory | None = None,
    reader: Reader | None = None,
    scope: Scope = "customers_only",
    memory_key: str | None,
    hide_voices: bool = False,
) -> Detection:
    """Run `detect` and count the stems that the organisation's memory may keep, hashed with `memory_key`.

    With `hide_voices` the labels of the transcript affect scores and boundaries only: no reason, no page of the reader
    and no count of the memory contains anything derived from a voice.
    """
    begin, finish = transcript.start_seconds, transcript.start_seconds + transcript.duration_seconds
    h = scoring.extract(transcript, profile, context, hints or (), memory)
    days = memory.days if memory is not None else 0.0
    if h is None:
        timeline = residual_labels.timeline(None, (), begin, finish) if finish > begin else ()
        return Detection(Day(conversations=(), timeline=timeline, usage=DetectorUsage(days)), None)
    told = without_voices(h) if hide_voices else h
    reading = reader_fusion.read_day(told, context, reader, scope) if reader is not None and scope != "off" else None
    if reading is not None:
        reader_fusion.fuse(h, reading)
        told = without_voices(h) if hide_voices else h
    chosen = calibration.chosen(h)
    confidence = calibration.confidence(h, reading)
    h.candidates = closing_lines.with_answers(h, chosen)
    told = without_voices(h) if hide_voices else h
    found = [_conversation(told, i, float(confidence[i]), reading) for i in chosen]
    taken = [(int(h.candidates.first[i]), int(h.candidates.last[i])) for i in chosen]
    conversations = _in_order([*found, *residual_labels.find(h, taken, profile)])
    timeline = residual_labels.timeline(h, conversations, begin, finish)
    usage = DetectorUsage(
        days,
        reading.windows_read if reading is not None else 0,
        reading.windows_failed if reading is not None else 0,
    )
    contribution = _contribution(h, reading, memory_key) if memory_key else None
    if contribution is not None and hide_voices:
        contribution = replace(contribution, people=dict.fromkeys(contribution.people, 0))
    return Detection(Day(conversations, timeline, usage), contribution)


def _conversation(h: DayFeatures, i: int, confidence: float, reading: Reading | None) -> Conversation:
    reasons = explanations.of_candidate(h, i, reading)
    start, end = float(h.candidates.start[i]), float(h.candidates.end[i])
    return Conversation(start, end, "customer", round(confidence, 4), reasons)


def _contribution(h: DayFeatures, reading: Reading | None, key: str) -> Contribution:
    """Count stems by the reader's verified pieces, or by own reports that are confident without any memory."""
    u = h.utterances
    if reading is not None and reading.windows_read and not reading.windows_failed:
        sure = [p for p in reading.pieces if p.sure and p.kind != "unclear"]
        visits = [(float(u.start[p.first]), float(u.end[p.last - 1])) for p in sure if p.kind == "customer"]
        unknown = [p for p in reading.pieces if p not in sure]
        left_out = [(float(u.start[p.first]), float(u.end[p.last - 1])) for p in unknown]
        return memory.contribute(u, visits, left_out, "read", key)
    return own_contribution(h, key)


def own_contribution(h: DayFeatures, key: str) -> Contribution:
    """Count stems by own reports that are confident without any memory; nothing on a day without such a report.

    Lines that may belong to a customer conversation, but to no confident report, are counted on neither side.
    Candidates that overlap a confident report of a recording under half an hour are no such conversation.
    """
    chosen = calibration.chosen(h, h.memory_free_kind, h.memory_free_edge)
    sure = calibration.confidence(h, None, h.memory_free_kind, h.memory_free_edge)
    visits = [
        (float(h.candidates.start[i]), float(h.candidates.end[i])) for i in chosen if sure[i] >= memory.OWN_CHANCE
    ]
    if not visits:
        return memory.NOTHING
    u = h.utterances
    if short_recordings.applies(u):
        # Few places divide a short recording, so that every line lies in some candidate beside a confident report.
        sure = np.where(_beside(h, [i for i in chosen if sure[i] >= memory.OWN_CHANCE]), 0.0, sure)
    uncertain = np.flatnonzero(scoring.line_chance(h.candidates, sure, len(u)) >= memory.UNCERTAIN_CHANCE)
    left_out = [(float(u.start[i]), float(u.end[i])) for i in uncertain]
    return memory.contribute(u, visits, left_out, "own", key)


def _beside(h: DayFeatures, reported: list[int]) -> NDArray[np.bool_]:
    """Return which candidates overlap one of the reported ones, shape (m,)."""
    found = h.candidates
    out = np.zeros(len(found), dtype=np.bool_)
    for i in reported:
        out |= (found.first < found.last[i]) & (found.last > found.first[i])
    return out


def _in_order(found: list[Conversation]) -> tuple[Conversation, ...]:
    """Order conversations by start and resolve overlaps in favour of customer conversations."""
    out: list[Conversation] = []
    for c in sorted(found, key=lambda c: (c.start_seconds, c.end_seconds)):
        last = out[-1] if out else None
        if last is None or c.start_seconds >= last.end_seconds:
            out.append(c)
        elif c.end_seconds - last.end_seconds >= 1.0 and last.kind == "customer" and c.kind != "customer":
            out.append(Conversation(last.end_seconds, c.end_seconds, c.kind, c.confidence, c.reasons))
        elif last.kind != "customer":
            out[-1] = Conversation(last.start_seconds, c.start_seconds, last.kind, last.confidence, last.reasons)
            if c.start_seconds - last.start_seconds < 1.0:
                out.pop()
            out.append(c)
        elif c.kind == "customer":
            out[-1] = Conversation(last.start_seconds, c.start_seconds, "customer", last.confidence, last.reasons)
            out.append(c)
    return tuple(out)
