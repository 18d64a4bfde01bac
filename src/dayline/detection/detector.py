"""The detector's front door: a transcript in, the account of a day out.

1. Every place between two lines gets a chance of being an edge (pauses, voices, greetings, change of words).
2. The likeliest stretches between two edges are judged whole: what kind of talk, and whether exactly one talk.
3. The day's own words vote, the playbook's among them.
4. The best set of stretches that do not overlap is reported, with calibrated confidence and the true reasons.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dayline.detection import (
    explanations,
    gbdt,
    residual_labels,
    scoring,
    selection,
)
from dayline.detection.llm_review import ASKS_PER_DAY, DOUBT, MOVES_LOG_ODDS, Doubt, Heard, SecondOpinion, ask, excerpt
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import Conversation, Day, DayContext, Hint, Reason
from dayline.domain.transcript import Transcript

F = NDArray[np.float64]


def detect(
    transcript: Transcript,
    profile: DayProfile | None = None,
    context: DayContext | None = None,
    hints: Sequence[Hint] | None = None,
    *,
    second_opinion: SecondOpinion | None = None,
) -> Day:
    """Find the conversations of a recording and label every second of it.

    transcript: utterances in seconds of the recording; speaker labels may be wrong, start afresh or be absent.
    profile: acoustic rows, one per second from the start of the recording. context: what is sold, as the playbook
    tells. hints: appointments. second_opinion: asked about at most six doubtful stretches; its answer counts only with
    a quote that was really said. Without it the answer is a pure function of the input.
    """
    begin, finish = transcript.start_seconds, transcript.start_seconds + transcript.duration_seconds
    h = scoring.extract(transcript, profile, context, hints or ())
    if h is None:
        return Day(
            conversations=(), timeline=residual_labels.timeline(None, (), begin, finish) if finish > begin else ()
        )
    heard = _ask(h, transcript, context, second_opinion) if second_opinion is not None else {}
    visits = selection.best_set(h.spans, h.chance, selection.price_of_a_report(h.chance))
    confidence = calibrated(h.chance)
    found = [_visit(h, i, float(confidence[i]), heard) for i in visits]
    taken = [(int(h.spans.first[i]), int(h.spans.last[i])) for i in visits]
    rest = residual_labels.find(h, taken, profile)
    told = _in_order([*found, *rest])
    return Day(conversations=told, timeline=residual_labels.timeline(h, told, begin, finish))


def calibrated(chance: F) -> F:
    """Probability that a report is right, from the judges' chance, by the table learned on unseen businesses."""
    x, y = gbdt.table("calibration")
    return np.interp(chance, x, y)


def _visit(h: scoring.DayFeatures, i: int, confidence: float, heard: dict[int, Heard]) -> Conversation:
    why = explanations.of_span(h, i)
    if i in heard:
        answer = heard[i]
        weight = MOVES_LOG_ODDS / (MOVES_LOG_ODDS + abs(float(h.kind_log_odds[i])))
        sign = 1.0 if answer.opinion.kind == "customer" else -1.0
        text = f"a second opinion says {answer.opinion.kind}: “{answer.opinion.quote}”"
        why = (*why, Reason("kind", text, round(answer.at_seconds, 2), round(sign * weight, 3)))
    return Conversation(float(h.spans.start[i]), float(h.spans.end[i]), "customer", round(confidence, 4), why)


def _ask(
    h: scoring.DayFeatures, transcript: Transcript, context: DayContext | None, second_opinion: SecondOpinion
) -> dict[int, Heard]:
    """Ask about the most doubtful stretches; what was answered moves the kind of every span that overlaps mostly."""
    chance = h.chance
    candidates = [i for i in selection.best_set(h.spans, chance, price=DOUBT[0]) if DOUBT[0] <= chance[i] <= DOUBT[1]]
    candidates.sort(key=lambda i: (abs(float(chance[i]) - 0.5), i))
    heard: dict[int, Heard] = {}
    moved = np.zeros(len(h.spans))
    for i in candidates[:ASKS_PER_DAY]:
        start, end = float(h.spans.start[i]), float(h.spans.end[i])
        lines = [u for u in transcript.utterances if u.start_seconds < end and u.end_seconds > start]
        answer = ask(second_opinion, Doubt(start, end, excerpt(lines), context, float(chance[i])))
        if answer is None or answer.opinion.kind == "unknown":
            continue
        shared = np.clip(np.minimum(h.spans.end, end) - np.maximum(h.spans.start, start), 0, None)
        mostly = shared > 0.5 * (h.spans.end - h.spans.start)
        sign = 1.0 if answer.opinion.kind == "customer" else -1.0
        moved = np.where(mostly, moved + sign * MOVES_LOG_ODDS, moved)
        heard[i] = answer
    h.added["opinion"] = np.clip(moved, -MOVES_LOG_ODDS, MOVES_LOG_ODDS)
    return heard


def _in_order(found: list[Conversation]) -> tuple[Conversation, ...]:
    """Ordered by start; a conversation of another kind gives way where it would overlap a visit."""
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
