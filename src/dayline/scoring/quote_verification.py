"""Verify the quotes of an analyst against the transcript.

A quote is verified if its words occur consecutively in the transcript, ignoring case and punctuation; it then gets the
times of these words. Any other quote is dropped and counted. A score supported neither by a verified quote nor by a
figure counted over the whole conversation is reset to neutral.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from dayline.domain.quotes import QuoteFinder
from dayline.domain.transcript import Transcript

Stated = TypeVar("Stated", StatedObjection, StatedStep, StatedOffer, Evidence)


@dataclass(frozen=True, slots=True)
class VerifiedAssessment:
    """An assessment with verified quotes only, and the number of claims that were dropped."""

    assessment: Assessment
    unverified_claims: int


def verify(assessment: Assessment, transcript: Transcript) -> VerifiedAssessment:
    """Keep claims whose quotes are verified, with the times of the words; drop and count the others."""
    finder = QuoteFinder(transcript)
    evidence, lost_evidence = _kept(assessment.evidence, finder)
    objections, lost_objections = _kept(assessment.objections, finder)
    answered = [_with_response(o, finder) for o in objections]
    lost_responses = sum(
        1 for before, after in zip(objections, answered, strict=True) if before.response and not after.response
    )
    steps, lost_steps = _kept(assessment.next_steps, finder)
    offers, lost_offers = _kept(assessment.offers, finder)
    points = tuple(_checked_point(p, finder) for p in assessment.playbook_points)
    lost_points = sum(1 for a, b in zip(assessment.playbook_points, points, strict=True) if a.quote and not b.quote)
    answers = tuple(_checked_answer(a, finder) for a in assessment.prompt_answers)
    lost_answers = sum(
        len(a.evidence) - len(b.evidence) for a, b in zip(assessment.prompt_answers, answers, strict=True)
    )
    scores, feedback, lost_scores = _scores_with_evidence(assessment, evidence)
    checked = replace(
        assessment,
        evidence=evidence,
        objections=tuple(answered),
        next_steps=steps,
        offers=offers,
        playbook_points=points,
        prompt_answers=answers,
        scores=scores,
        feedback=feedback,
    )
    lost = lost_evidence + lost_objections + lost_responses + lost_steps + lost_offers + lost_points + lost_answers
    return VerifiedAssessment(checked, lost + lost_scores + assessment.dropped)


def pillar_of(claim: str) -> str | None:
    """Return the pillar of a claim: claims have the form "pillar: text", e.g. "discovery: asked open questions"."""
    head = claim.split(":", 1)[0].strip().lower()
    return head if head in PILLARS else None


def _kept(items: Sequence[Stated], finder: QuoteFinder) -> tuple[tuple[Stated, ...], int]:
    kept: list[Stated] = []
    for item in items:
        found = finder.find(item.quote, item.start_seconds)
        if found is not None:
            kept.append(
                replace(item, quote=found.quote, start_seconds=found.start_seconds, end_seconds=found.end_seconds)
            )
    return tuple(kept), len(items) - len(kept)


def _with_response(objection: StatedObjection, finder: QuoteFinder) -> StatedObjection:
    """Keep a response only if its quote is verified; without one `handled` is unknown."""
    if not objection.response:
        return objection
    near = objection.response_start_seconds
    heard = finder.find(objection.response, objection.end_seconds if near is None else near)
    if heard is None:
        return replace(objection, response=None, response_start_seconds=None, handled=None)
    return replace(objection, response=heard.quote, response_start_seconds=heard.start_seconds)


def _checked_point(point: PlaybookPoint, finder: QuoteFinder) -> PlaybookPoint:
    """Keep a point as covered only with a verified quote; without one its state is unknown."""
    found = finder.find(point.quote, point.start_seconds) if point.quote else None
    if found is not None:
        return replace(point, quote=found.quote, start_seconds=found.start_seconds, end_seconds=found.end_seconds)
    covered = point.covered if point.covered == "no" else "unclear"
    return PlaybookPoint(point.text, covered)


def _checked_answer(answer: PromptAnswer, finder: QuoteFinder) -> PromptAnswer:
    evidence, _ = _kept(answer.evidence, finder)
    if answer.evidence and not evidence:
        return PromptAnswer(answer.title, None, answerable=False)
    return replace(answer, evidence=evidence)


def _scores_with_evidence(
    assessment: Assessment, evidence: Sequence[Evidence]
) -> tuple[dict[str, int], dict[str, PillarFeedback], int]:
    carried = {pillar_of(e.claim) for e in evidence}
    scores = {p: max(0, min(100, int(assessment.scores.get(p, NEUTRAL_SCORE)))) for p in PILLARS}
    feedback = dict(assessment.feedback)
    lost = 0
    for pillar in PILLARS:
        if pillar in carried or pillar in assessment.counted or scores[pillar] == NEUTRAL_SCORE:
            continue
        lost += 1
        scores[pillar] = NEUTRAL_SCORE
        feedback[pillar] = PillarFeedback(None, None)
    return scores, feedback, lost
