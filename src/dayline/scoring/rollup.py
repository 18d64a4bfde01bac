"""The day in one object: what the analysed conversations have in common, and which of them stand out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dayline.domain.analysis import PILLARS

_OUTCOME_WORDS = {
    "sale": ("sale", "sales"),
    "follow_up": ("follow-up", "follow-ups"),
    "no_sale": ("refusal", "refusals"),
}


def roll_up(segments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum up a day from its customer segments.

    segments: mappings with id, index, start_seconds, end_seconds, title and analysis (the flat analysis object, or None
    while or where there is none). Scores and talk metrics are means over the analysed conversations, metrics weighted
    by their length; a figure that no conversation has is None.
    """
    ordered = sorted(segments, key=lambda s: s["start_seconds"])
    analysed = [s for s in ordered if s.get("analysis")]
    talk_seconds = sum(_length(s) for s in ordered)
    ranked = sorted(analysed, key=lambda s: (-s["analysis"]["overall_score"], s["start_seconds"]))
    outcomes = Counter(str(s["analysis"].get("outcome") or "unknown") for s in analysed)
    averages: dict[str, int | None] = {"overall_score": _mean(analysed, "overall_score")}
    averages.update({f"{p}_score": _mean(analysed, f"{p}_score") for p in PILLARS})
    return {
        "conversations": len(ordered),
        "analyzed": len(analysed),
        "customer_talk_seconds": round(talk_seconds, 2),
        "average_scores": averages,
        "best_segment": _named(ranked[0]) if ranked else None,
        "worst_segment": _named(ranked[-1]) if len(ranked) > 1 else None,
        "talk_metrics": _metrics(analysed),
        "outcomes": dict(sorted(outcomes.items())),
        "summary": _summary(ordered, ranked, talk_seconds, averages, outcomes),
    }


def _length(segment: Mapping[str, Any]) -> float:
    return max(0.0, float(segment["end_seconds"]) - float(segment["start_seconds"]))


def _mean(analysed: Sequence[Mapping[str, Any]], name: str) -> int | None:
    values = [s["analysis"][name] for s in analysed]
    return math.floor(sum(values) / len(values) + 0.5) if values else None


def _named(segment: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": segment["id"],
        "index": segment["index"],
        "title": _title(segment),
        "overall_score": segment["analysis"]["overall_score"],
    }


def _title(segment: Mapping[str, Any]) -> str:
    return str(segment["analysis"].get("recording_title") or segment.get("title") or "Conversation")


def _metrics(analysed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    monologues = [v for s in analysed if (v := s["analysis"].get("longest_monologue_seconds")) is not None]
    return {
        "questions_asked": sum(s["analysis"]["questions_asked"] for s in analysed),
        "filler_word_count": sum(s["analysis"]["filler_word_count"] for s in analysed),
        "words_per_minute": _weighted(analysed, "words_per_minute", 1),
        "talk_ratio": _weighted(analysed, "talk_ratio", 4),
        "longest_monologue_seconds": max(monologues, default=None),
        "interactivity": _weighted(analysed, "interactivity", 2),
        "patience_seconds": _weighted(analysed, "patience_seconds", 2),
    }


def _weighted(analysed: Sequence[Mapping[str, Any]], name: str, digits: int) -> float | None:
    known = [(float(v), _length(s)) for s in analysed if (v := s["analysis"].get(name)) is not None]
    weight = sum(w for _, w in known)
    return round(sum(v * w for v, w in known) / weight, digits) if weight > 0 else None


def _summary(
    ordered: Sequence[Mapping[str, Any]],
    ranked: Sequence[Mapping[str, Any]],
    talk_seconds: float,
    averages: Mapping[str, int | None],
    outcomes: Mapping[str, int],
) -> str:
    if not ordered:
        return "No customer conversation was found in this recording."
    count = len(ordered)
    noun = "customer conversation" if count == 1 else "customer conversations"
    sentences = [f"{count} {noun}, {_duration(talk_seconds)} of talk."]
    if not ranked:
        return f"{sentences[0]} None of them has been analysed."
    if len(ranked) < count:
        sentences.append(f"{len(ranked)} of them analysed.")
    ended = [f"{n} {_OUTCOME_WORDS[o][n != 1]}" for o in _OUTCOME_WORDS if (n := outcomes.get(o, 0))]
    if ended:
        sentences.append(f"Outcomes by the words: {', '.join(ended)}.")
    if len(ranked) == 1:
        sentences.append(f"Overall score {averages['overall_score']}.")
    else:
        best, worst = ranked[0], ranked[-1]
        sentences.append(
            f"Mean score {averages['overall_score']}: best “{_title(best)}” ({best['analysis']['overall_score']}), "
            f"weakest “{_title(worst)}” ({worst['analysis']['overall_score']})."
        )
    by_pillar = sorted(PILLARS, key=lambda p: (averages[f"{p}_score"] or 0, p))
    low, high = by_pillar[0], by_pillar[-1]
    if averages[f"{low}_score"] != averages[f"{high}_score"]:
        sentences.append(
            f"Strongest pillar: {high} ({averages[f'{high}_score']}); weakest: {low} ({averages[f'{low}_score']})."
        )
    return " ".join(sentences)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{round(seconds)} seconds"
    return f"{minutes} minutes" if minutes < 120 else f"{seconds / 3600:.1f} hours"
