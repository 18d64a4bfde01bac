"""Holding a judge to the words that were said.

A quote counts when its words stand in the transcript one after the other, whatever their case and punctuation; its
times are then those of the words. Anything else is dropped and counted. A pillar none of whose quotes stood up falls
back to the neutral score, because a figure without evidence is an opinion nobody can check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dayline.core.analysis import PILLARS, Evidence, Judgement, PillarFeedback
from dayline.core.transcript import Transcript
from dayline.insight.speech import Token, normalise, quote_of, tokens_of

NEUTRAL_SCORE = 50
"""What a pillar gets when nothing was heard that speaks for or against."""

_ELLIPSIS = re.compile(r"\[?(?:\.\.\.|…)\]?")
_PIECES_APART_SECONDS = 60.0
_LONE_WORD_TOLERANCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class VerifiedJudgement:
    """A judgement that holds only quotes found in the transcript, and how many claims were not found."""

    judgement: Judgement
    unverified_claims: int


@dataclass(frozen=True, slots=True)
class Found:
    """Where a quote stands: the words as written and their times in seconds."""

    quote: str
    start_seconds: float
    end_seconds: float


class QuoteFinder:
    """Looks up quotes in one transcript. Building it costs one pass over the words, a look-up a few comparisons."""

    def __init__(self, transcript: Transcript) -> None:
        self._tokens = tokens_of(transcript)
        self._places: dict[str, list[int]] = {}
        for i, token in enumerate(self._tokens):
            self._places.setdefault(token.text, []).append(i)

    def find(self, quote: str, near_seconds: float | None = None) -> Found | None:
        """Return where the quote was said, the occurrence nearest to `near_seconds` first; None when it was not.

        An ellipsis joins pieces that follow each other within a minute. A single word proves nothing unless it is
        said at the very time claimed for it.
        """
        pieces = [words for part in _ELLIPSIS.split(quote) if (words := normalise(part))]
        if not pieces:
            return None
        if len(pieces) == 1 and len(pieces[0]) == 1:
            return self._lone_word(pieces[0][0], near_seconds)
        spans = [s for first in self._runs(pieces[0]) if (s := self._follow(first, pieces[1:])) is not None]
        if not spans:
            return None
        return self._shown(min(spans, key=lambda s: self._distance(s[0][0], near_seconds)))

    def _lone_word(self, word: str, near_seconds: float | None) -> Found | None:
        places = self._places.get(word, [])
        if not places or near_seconds is None:
            return None
        best = min(places, key=lambda i: self._distance(i, near_seconds))
        return (
            self._shown([(best, best + 1)])
            if self._distance(best, near_seconds) <= _LONE_WORD_TOLERANCE_SECONDS
            else None
        )

    def _runs(self, words: Sequence[str]) -> list[tuple[int, int]]:
        size = len(words)
        return [
            (i, i + size)
            for i in self._places.get(words[0], [])
            if i + size <= len(self._tokens) and all(self._tokens[i + k].text == words[k] for k in range(size))
        ]

    def _follow(self, first: tuple[int, int], rest: Sequence[Sequence[str]]) -> list[tuple[int, int]] | None:
        spans = [first]
        for words in rest:
            end = spans[-1][1]
            later = [
                run
                for run in self._runs(words)
                if run[0] >= end
                and self._tokens[run[0]].start_seconds - self._tokens[end - 1].end_seconds <= _PIECES_APART_SECONDS
            ]
            if not later:
                return None
            spans.append(later[0])
        return spans

    def _distance(self, index: int, near_seconds: float | None) -> float:
        return abs(self._tokens[index].start_seconds - near_seconds) if near_seconds is not None else float(index)

    def _shown(self, spans: Sequence[tuple[int, int]]) -> Found:
        parts = [self._as_written(a, b) for a, b in spans]
        covered: list[Token] = [t for a, b in spans for t in self._tokens[a:b]]
        return Found(" … ".join(parts), covered[0].start_seconds, max(t.end_seconds for t in covered))

    def _as_written(self, first: int, last: int) -> str:
        # A run may begin or end inside a hyphenated word, whose written form stands with its first part.
        while first > 0 and not self._tokens[first].raw:
            first -= 1
        return quote_of(self._tokens[first:last])


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
