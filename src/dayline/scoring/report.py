"""The analysis as partners receive it: one flat object with the field names of the API.

The overall score is computed here, from the six pillars, and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict

from dayline.domain.analysis import PILLARS, AnalystInfo, Evidence, PillarFeedback, TalkMetrics
from dayline.domain.json_types import JsonObject
from dayline.domain.serialization import PackedUtterances
from dayline.domain.transcript import Transcript
from dayline.scoring.quote_verification import VerifiedAssessment


def overall_score(scores: Mapping[str, int]) -> int:
    """Return the mean of the six pillars, halves rounded up."""
    return math.floor(sum(scores[p] for p in PILLARS) / len(PILLARS) + 0.5)


def assemble(
    transcript: Transcript,
    verified: VerifiedAssessment,
    metrics: TalkMetrics,
    analyst: AnalystInfo,
    usage: Mapping[str, object] | None = None,
) -> JsonObject:
    """Return the flat analysis object as JSON-serialisable values.

    usage: other costs of the analysis (such as wall seconds); the analyst's tokens and the number of words are added.
    """
    assessment = verified.assessment
    nothing = PillarFeedback(None, None)
    return {
        "prospect_name": assessment.prospect_name,
        "recording_title": assessment.title or "Conversation",
        "ai_summary": assessment.summary,
        "ai_summary_v5": assessment.summary,
        "double_down": assessment.double_down,
        "questions_asked": metrics.questions_asked,
        "filler_word_count": metrics.filler_word_count,
        "words_per_minute": metrics.words_per_minute,
        "overall_score": overall_score(assessment.scores),
        **{f"{pillar}_score": assessment.scores[pillar] for pillar in PILLARS},
        "feedback_v5": {pillar: _feedback(assessment.feedback.get(pillar, nothing)) for pillar in PILLARS},
        "action_plan_v5": {
            "double_down_implementation": assessment.double_down_implementation,
            "general_communication_improvement": assessment.general_improvement,
            "quoted_principle": assessment.quoted_principle,
        },
        "organization_prompt_summary": assessment.prompt_summary,
        "organization_feedback": assessment.prompt_feedback,
        "talk_ratio": metrics.talk_ratio,
        "longest_monologue_seconds": metrics.longest_monologue_seconds,
        "interactivity": metrics.interactivity,
        "patience_seconds": metrics.patience_seconds,
        "objections": [_rounded(asdict(o)) for o in assessment.objections],
        "next_steps": [_rounded(asdict(s)) for s in assessment.next_steps],
        "offers": [_rounded(asdict(o)) for o in assessment.offers],
        "outcome": assessment.outcome,
        "playbook_points": [_rounded(asdict(p)) for p in assessment.playbook_points],
        "prompt_answers": [
            {
                "title": a.title,
                "answer": a.answer,
                "answerable": a.answerable,
                "evidence": [_evidence(e) for e in a.evidence],
            }
            for a in assessment.prompt_answers
        ],
        "evidence": [_evidence(e) for e in assessment.evidence],
        "unverified_claims": verified.unverified_claims,
        "method": assessment.method,
        "limits": assessment.limits,
        "analyst": {"engine": analyst.engine, "model": analyst.model, "version": analyst.version},
        "usage": {
            "input_tokens": assessment.input_tokens,
            "output_tokens": assessment.output_tokens,
            "cost_usd": assessment.cost_usd,
            "words": transcript.word_count,
            **(usage or {}),
        },
    }


def transcript_json(transcript: Transcript) -> JsonObject:
    """Return a transcript with the field names of the API; times are seconds of the recording."""
    return {
        "text": transcript.text,
        "utterances": [
            utterance_json(u.start_seconds, u.end_seconds, u.speaker, u.text) for u in transcript.utterances
        ],
        "words": [
            {
                "word": w.text,
                "start": _seconds(w.start_seconds),
                "end": _seconds(w.end_seconds),
                "confidence": w.confidence,
                "speaker": w.speaker if w.speaker is not None else u.speaker,
            }
            for u in transcript.utterances
            for w in u.words
        ],
        "word_count": transcript.word_count,
        "duration_seconds": _seconds(transcript.duration_seconds),
    }


def utterance_json(start_seconds: float, end_seconds: float, speaker: str | None, text: str) -> JsonObject:
    """Return one utterance with the field names of the API."""
    return {
        "start": _seconds(start_seconds),
        "end": _seconds(end_seconds),
        "speaker": speaker,
        "transcript": text,
        "text": text,
    }


def utterances_json(packed: PackedUtterances) -> JsonObject:
    """Return what was said as `transcript_json` does, without single words."""
    rows = packed["utterances"]
    return {
        "text": " ".join(text for _, _, text, _, _ in rows if text),
        "utterances": [
            utterance_json(start / 1000, end / 1000, speaker, text) for start, end, text, speaker, _ in rows
        ],
        "words": [],
        "word_count": sum(count for *_, count in rows),
        "duration_seconds": _seconds(packed["duration_seconds"]),
    }


def _evidence(evidence: Evidence) -> JsonObject:
    about = evidence.about
    return {
        "claim": evidence.claim,
        "quote": evidence.quote,
        "start_seconds": _seconds(evidence.start_seconds),
        "end_seconds": _seconds(evidence.end_seconds),
        "about": {about.kind: about.name, "component": about.component, "points": about.points} if about else None,
    }


def _rounded(values: JsonObject) -> JsonObject:
    return {k: _seconds(v) if k.endswith("_seconds") and isinstance(v, float) else v for k, v in values.items()}


def _feedback(feedback: PillarFeedback) -> dict[str, str | None]:
    return {"positive": feedback.positive, "negative": feedback.negative}


def _seconds(value: float) -> float:
    return round(value, 3)
