"""Cut a conversation that is too long for one question, and join the results of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from dayline.domain.analysis import (
    NEUTRAL_SCORE,
    PILLARS,
    Assessment,
    Evidence,
    PillarFeedback,
    PlaybookPoint,
    PromptAnswer,
    StatedObjection,
    StatedOffer,
    StatedStep,
)
from dayline.domain.transcript import Transcript, Utterance

Quoted = TypeVar("Quoted", Evidence, StatedObjection, StatedStep, StatedOffer)

CHARACTERS_PER_TOKEN = 3.6
"""A conservative value for English; other languages need more tokens for the same letters."""

_LINE_OVERHEAD_CHARACTERS = 24


def windows(transcript: Transcript, window_tokens: int) -> list[Transcript]:
    """Cut a transcript between utterances so that each part has at most `window_tokens` tokens by estimate.

    The parts are about equally long, so that none is a stub. An utterance longer than a window is a part of its own.
    """
    sizes = [_tokens(u) for u in transcript.utterances]
    total = sum(sizes)
    if total <= window_tokens or len(sizes) < 2:
        return [transcript]
    parts = -(-total // window_tokens)
    share = total / parts
    cut: list[list[Utterance]] = [[]]
    filled = 0.0
    for utterance, size in zip(transcript.utterances, sizes, strict=True):
        if cut[-1] and (filled + size / 2 > share or filled + size > window_tokens):
            cut.append([])
            filled = 0.0
        cut[-1].append(utterance)
        filled += size
    return [
        replace(
            transcript,
            utterances=tuple(part),
            start_seconds=part[0].start_seconds,
            duration_seconds=max(u.end_seconds for u in part) - part[0].start_seconds,
        )
        for part in cut
    ]


def _tokens(utterance: Utterance) -> int:
    return int((len(utterance.text) + _LINE_OVERHEAD_CHARACTERS) / CHARACTERS_PER_TOKEN) + 1


def join(parts: Sequence[tuple[Assessment, int]]) -> Assessment:
    """Join the assessments of consecutive parts, each with its number of words.

    Scores are means weighted by words, of the parts that know something of the pillar. A pillar's praise comes
    from its best part and its advice from its worst; the outcome is the last one known; what is quoted from the
    same place counts once.
    """
    if len(parts) == 1:
        return parts[0][0]
    assessments = [j for j, _ in parts]
    words = [max(1, n) for _, n in parts]
    longest = max(parts, key=lambda p: p[1])[0]
    outcome = next((j.outcome for j in reversed(assessments) if j.outcome != "unknown"), "unknown")
    scores: dict[str, int] = {}
    feedback: dict[str, PillarFeedback] = {}
    for pillar in PILLARS:
        scored = [(j, n) for j, n in zip(assessments, words, strict=True) if j.scores[pillar] != NEUTRAL_SCORE]
        scores[pillar] = (
            round(sum(j.scores[pillar] * n for j, n in scored) / sum(n for _, n in scored)) if scored else NEUTRAL_SCORE
        )
        best = max(assessments, key=lambda j: j.scores[pillar])
        worst = min(assessments, key=lambda j: j.scores[pillar])
        feedback[pillar] = PillarFeedback(best.feedback[pillar].positive, worst.feedback[pillar].negative)
    costs = [j.cost_usd for j in assessments if j.cost_usd is not None]
    return replace(
        longest,
        scores=scores,
        feedback=feedback,
        evidence=_once(e for j in assessments for e in j.evidence if not _is_of_other_outcome(e, outcome)),
        prospect_name=next((j.prospect_name for j in assessments if j.prospect_name), None),
        summary=" ".join(dict.fromkeys(j.summary for j in assessments if j.summary)) or None,
        objections=_once(o for j in assessments for o in j.objections),
        next_steps=_once(s for j in assessments for s in j.next_steps),
        offers=_once(o for j in assessments for o in j.offers),
        outcome=outcome,
        playbook_points=_points(assessments),
        prompt_answers=_answers(assessments),
        prompt_summary=" ".join(dict.fromkeys(j.prompt_summary for j in assessments if j.prompt_summary)) or None,
        prompt_feedback="\n".join(
            f"Part {i}: {line}" for i, j in enumerate(assessments, 1) for line in (j.prompt_feedback or "").splitlines()
        )
        or None,
        dropped=sum(j.dropped for j in assessments),
        input_tokens=sum(j.input_tokens for j in assessments),
        output_tokens=sum(j.output_tokens for j in assessments),
        cost_usd=sum(costs) if costs else None,
    )


def _is_of_other_outcome(evidence: Evidence, outcome: str) -> bool:
    return evidence.about is not None and evidence.about.kind == "outcome" and evidence.about.name != outcome


def _once(items: Iterable[Quoted]) -> tuple[Quoted, ...]:
    """Return items in order, those of one place once: the same promise repeated, or said again at the seam of two
    parts.
    """
    kept: list[Quoted] = []
    for item in items:
        if not any(_is_same(item, other) for other in kept):
            kept.append(item)
    return tuple(kept)


def _is_same(a: Quoted, b: Quoted) -> bool:
    if isinstance(a, Evidence) and isinstance(b, Evidence) and a.claim != b.claim:
        return False
    if isinstance(a, StatedOffer) and isinstance(b, StatedOffer):
        return a.amount == b.amount and (a.what or "").casefold() == (b.what or "").casefold()
    if isinstance(a, StatedStep) and isinstance(b, StatedStep) and a.action.casefold() == b.action.casefold():
        return a.when == b.when
    overlaps = a.start_seconds < b.end_seconds and b.start_seconds < a.end_seconds
    return overlaps or bool(a.quote.casefold() == b.quote.casefold())


def _points(assessments: Sequence[Assessment]) -> tuple[PlaybookPoint, ...]:
    """Return each line of the playbook once: covered when one part covers it, missing when all parts say so."""
    by_text: dict[str, list[PlaybookPoint]] = {}
    for point in (p for j in assessments for p in j.playbook_points):
        by_text.setdefault(point.text, []).append(point)
    found: list[PlaybookPoint] = []
    for text, points in by_text.items():
        covered = next((p for p in points if p.covered == "yes"), None)
        missing = all(p.covered == "no" for p in points) and len(points) == len(assessments)
        found.append(covered or PlaybookPoint(text, "no" if missing else "unclear"))
    return tuple(found)


def _answers(assessments: Sequence[Assessment]) -> tuple[PromptAnswer, ...]:
    """Return one answer per prompt: what the parts that could answer it said, in order."""
    by_title: dict[str, list[PromptAnswer]] = {}
    for answer in (a for j in assessments for a in j.prompt_answers):
        by_title.setdefault(answer.title, []).append(answer)
    return tuple(
        PromptAnswer(
            title,
            " ".join(dict.fromkeys(a.answer for a in answers if a.answer)) or None,
            any(a.answerable for a in answers),
            tuple(e for a in answers for e in a.evidence),
        )
        for title, answers in by_title.items()
    )
