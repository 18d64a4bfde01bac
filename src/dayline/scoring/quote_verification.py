"""Holding a judge to the words that were said.

A quote counts when its words stand in the transcript one after the other, whatever their case and punctuation; its
times are then those of the words. Anything else is dropped and counted. A pillar none of whose quotes stood up falls
back to the neutral score, because a figure without evidence is an opinion nobody can check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dayline.domain.analysis import NEUTRAL_SCORE, PILLARS, Evidence, Judgement, PillarFeedback
from dayline.domain.quotes import QuoteFinder
from dayline.domain.transcript import Transcript


@dataclass(frozen=True, slots=True)
class VerifiedJudgement:
    """A judgement that holds only quotes found in the transcript, and how many claims were not found."""

    judgement: Judgement
    unverified_claims: int


def verify(judgement: Judgement, transcript: Transcript) -> VerifiedJudgement:
    """Keep what the transcript bears out, with the times of its words; drop and count the rest."""
    finder = QuoteFinder(transcript)
    dropped = 0
    evidence: list[Evidence] = []
    for item in judgement.evidence:
        found = finder.find(item.quote, item.start_seconds)
        if found is None:
            dropped += 1
        else:
            evidence.append(Evidence(item.claim, found.quote, found.start_seconds, found.end_seconds))
    objections, lost_objections = _verified_items(judgement.objections, finder)
    next_steps, lost_steps = _verified_items(judgement.next_steps, finder)
    scores, feedback, lost_scores = _scores_with_evidence(judgement, evidence)
    checked = replace(
        judgement,
        evidence=tuple(evidence),
        objections=objections,
        next_steps=next_steps,
        scores=scores,
        feedback=feedback,
    )
    return VerifiedJudgement(checked, dropped + lost_objections + lost_steps + lost_scores)


def pillar_of(claim: str) -> str | None:
    """Return the pillar a claim speaks of: claims read "pillar: what", e.g. "discovery: asked open questions"."""
    head = claim.split(":", 1)[0].strip().lower()
    return head if head in PILLARS else None


def _verified_items(items: Sequence[Mapping[str, Any]], finder: QuoteFinder) -> tuple[tuple[dict[str, Any], ...], int]:
    kept: list[dict[str, Any]] = []
    dropped = 0
    for item in items:
        at = item.get("start_seconds")
        found = finder.find(str(item.get("quote") or ""), float(at) if isinstance(at, int | float) else None)
        if found is None:
            dropped += 1
            continue
        checked = dict(item)
        checked.update(quote=found.quote, start_seconds=found.start_seconds, end_seconds=found.end_seconds)
        if item.get("response"):
            dropped += _check_response(checked, finder)
        kept.append(checked)
    return tuple(kept), dropped


def _check_response(item: dict[str, Any], finder: QuoteFinder) -> int:
    """Keep what was answered only if it was said; return how many claims were dropped."""
    at = item.get("response_start_seconds")
    near = float(at) if isinstance(at, int | float) else float(item["end_seconds"])
    heard = finder.find(str(item["response"]), near)
    item.update(response=heard.quote if heard else None, response_start_seconds=heard.start_seconds if heard else None)
    if heard is None:
        item["handled"] = None  # nothing may be built on words that were not said
    return 0 if heard else 1


def _scores_with_evidence(
    judgement: Judgement, evidence: Sequence[Evidence]
) -> tuple[dict[str, int], dict[str, PillarFeedback], int]:
    carried = {pillar_of(e.claim) for e in evidence}
    scores = {p: max(0, min(100, int(judgement.scores.get(p, NEUTRAL_SCORE)))) for p in PILLARS}
    feedback = dict(judgement.feedback)
    lost = 0
    for pillar in PILLARS:
        if pillar in carried or scores[pillar] == NEUTRAL_SCORE:
            continue
        lost += 1
        scores[pillar] = NEUTRAL_SCORE
        feedback[pillar] = PillarFeedback(
            positive="", negative="Scored neutrally: no quote for this score could be found in the recording."
        )
    return scores, feedback, lost
