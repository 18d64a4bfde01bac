"""Cutting a conversation that is too long for one question, and joining the judgements of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dayline.domain.analysis import PILLARS, Judgement, PillarFeedback
from dayline.domain.transcript import Transcript, Utterance

CHARACTERS_PER_TOKEN = 3.6
"""On the careful side for English; other languages need more tokens for the same letters."""

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


def join(parts: Sequence[tuple[Judgement, int]]) -> Judgement:
    """Join the judgements of consecutive parts, each with its number of words.

    Scores are means weighted by words; a pillar's praise comes from its best part and its advice from its worst; the
    outcome is the last one known; everything quoted is kept.
    """
    if len(parts) == 1:
        return parts[0][0]
    judgements = [j for j, _ in parts]
    words = [max(1, n) for _, n in parts]
    longest = max(parts, key=lambda p: p[1])[0]
    known = [j.outcome for j in judgements if j.outcome != "unknown"]
    scores: dict[str, int] = {}
    feedback: dict[str, PillarFeedback] = {}
    for pillar in PILLARS:
        weighted = sum(j.scores[pillar] * n for j, n in zip(judgements, words, strict=True))
        scores[pillar] = round(weighted / sum(words))
        best = max(judgements, key=lambda j: j.scores[pillar])
        worst = min(judgements, key=lambda j: j.scores[pillar])
        feedback[pillar] = PillarFeedback(best.feedback[pillar].positive, worst.feedback[pillar].negative)
    return replace(
        longest,
        scores=scores,
        feedback=feedback,
        evidence=tuple(e for j in judgements for e in j.evidence),
        prospect_name=next((j.prospect_name for j in judgements if j.prospect_name), None),
        summary=" ".join(j.summary for j in judgements if j.summary),
        objections=tuple(o for j in judgements for o in j.objections),
        next_steps=tuple(s for j in judgements for s in j.next_steps),
        outcome=known[-1] if known else "unknown",
        prompt_summary=" ".join(dict.fromkeys(j.prompt_summary for j in judgements if j.prompt_summary)) or None,
        prompt_feedback="\n".join(
            f"Part {i}: {line}" for i, j in enumerate(judgements, 1) for line in (j.prompt_feedback or "").splitlines()
        )
        or None,
        input_tokens=sum(j.input_tokens for j in judgements),
        output_tokens=sum(j.output_tokens for j in judgements),
    )
