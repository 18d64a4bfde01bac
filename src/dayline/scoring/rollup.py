"""Rollup of a day for a manager: people, offers, outcomes, next steps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dayline.domain.analysis import PILLARS
from dayline.domain.json_types import is_object
from dayline.domain.stored_json import Rollup, RollupSegment
from dayline.scoring.rubric.wording import clock

_OUTCOME_WORDS = {
    "sale": ("sale", "sales"),
    "follow_up": ("follow-up", "follow-ups"),
    "no_sale": ("refusal", "refusals"),
    "unknown": ("outcome not known", "outcomes not known"),
}
_ENDED = {"sale": "order", "follow_up": "follow-up", "no_sale": "declined", "unknown": "outcome not known"}
_OUTCOME_RANK = {"sale": 3, "follow_up": 2, "unknown": 1, "no_sale": 0}
_MOST_LINES = 20
_SIGNS = {"USD": "$", "GBP": "£", "EUR": "€"}


def roll_up(segments: Sequence[Mapping[str, Any]]) -> Rollup:
    """Summarise a day from its customer segments.

    segments: mappings with id, index, start_seconds, end_seconds, title and analysis (the flat analysis object, or None
    if there is none). Scores and talk metrics are means over the analysed conversations, metrics weighted by their
    length; a figure that no conversation has is None. Best and weakest are chosen by outcome, then by whether a time
    was fixed, then by score; a day whose conversations are equal in all three has neither. A segment without any
    recognised word is not counted as a conversation.
    """
    heard = [s for s in segments if not s.get("analysis") or _has_words(s["analysis"])]
    ordered = sorted(heard, key=lambda s: s["start_seconds"])
    analysed = [s for s in ordered if s.get("analysis")]
    talk_seconds = sum(_length(s) for s in ordered)
    ranked = sorted(analysed, key=lambda s: (_worth(s), -float(s["start_seconds"])), reverse=True)
    outcomes = Counter(str(s["analysis"].get("outcome") or "unknown") for s in analysed)
    averages: dict[str, int | None] = {"overall_score": _mean(analysed, "overall_score")}
    averages.update({f"{p}_score": _mean(analysed, f"{p}_score") for p in PILLARS})
    differs = len(ranked) > 1 and _worth(ranked[0]) != _worth(ranked[-1])
    return {
        "conversations": len(ordered),
        "analyzed": len(analysed),
        "customer_talk_seconds": round(talk_seconds, 2),
        "average_scores": averages,
        "best_segment": _named(ranked[0]) if len(ranked) == 1 or differs else None,
        "worst_segment": _named(ranked[-1]) if differs else None,
        "talk_metrics": _metrics(analysed),
        "outcomes": dict(sorted(outcomes.items())),
        "summary": _summary(ordered, analysed, ranked if differs else [], talk_seconds, outcomes),
    }


def _has_words(analysis: Mapping[str, Any]) -> bool:
    """Return whether anything was said: a segment without words is not scored."""
    usage = analysis.get("usage")
    words = usage.get("words") if is_object(usage) else None
    return not isinstance(words, (int, float)) or words > 0


def _worth(segment: Mapping[str, Any]) -> tuple[int, bool, int]:
    """Return a sort key for how well a conversation went: outcome, a fixed time, then the score in steps of ten."""
    analysis = segment["analysis"]
    timed = any(s.get("when") for s in analysis.get("next_steps") or ())
    return _OUTCOME_RANK.get(str(analysis.get("outcome")), 1), timed, round(int(analysis["overall_score"]) / 10)


def _length(segment: Mapping[str, Any]) -> float:
    return max(0.0, float(segment["end_seconds"]) - float(segment["start_seconds"]))


def _mean(analysed: Sequence[Mapping[str, Any]], name: str) -> int | None:
    values = [s["analysis"][name] for s in analysed]
    return math.floor(sum(values) / len(values) + 0.5) if values else None


def _named(segment: Mapping[str, Any]) -> RollupSegment:
    return {
        "id": segment["id"],
        "index": segment["index"],
        "title": _title(segment),
        "overall_score": segment["analysis"]["overall_score"],
    }


def _title(segment: Mapping[str, Any]) -> str:
    return str(segment["analysis"].get("recording_title") or segment.get("title") or "Conversation")


def _metrics(analysed: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
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
    analysed: Sequence[Mapping[str, Any]],
    ranked: Sequence[Mapping[str, Any]],
    talk_seconds: float,
    outcomes: Mapping[str, int],
) -> str:
    if not ordered:
        return "No customer conversation was found in this recording."
    count = len(ordered)
    noun = "customer conversation" if count == 1 else "customer conversations"
    lead = f"{count} {noun}, {_duration(talk_seconds)} of talk"
    if not analysed:
        return f"{lead}. None of them has been analysed."
    ended = [f"{n} {_OUTCOME_WORDS[o][n != 1]}" for o in _OUTCOME_WORDS if (n := outcomes.get(o, 0))]
    parts = [f"{lead}: {', '.join(ended)}."]
    if len(analysed) < count:
        parts.append(f"{len(analysed)} of them analysed.")
    parts += [_line(s) for s in analysed[:_MOST_LINES]]
    if len(analysed) > _MOST_LINES:
        parts.append(f"{len(analysed) - _MOST_LINES} more conversations stand in the list.")
    if ranked:
        worst = ranked[-1]
        parts.append(f"Listen to: “{_title(worst)}” at {_place(worst)}{_why(worst)}.")
    return " ".join(parts)


def _line(segment: Mapping[str, Any]) -> str:
    """Return one conversation as a sentence: place in the recording, customer, offer, outcome, next step."""
    analysis = segment["analysis"]
    pieces = [_ENDED.get(str(analysis.get("outcome")), "outcome not known")]
    offers = analysis.get("offers") or ()
    if offers:
        pieces.insert(0, f"offered {', '.join(_price(o) for o in offers[:2])}")
    steps = [s for s in analysis.get("next_steps") or () if s.get("when")] or list(analysis.get("next_steps") or ())
    if steps:
        pieces.append(f"next: {'; '.join(_step(s) for s in steps[:2])}")
    return f"At {_place(segment)}, {_title(segment)}: {', '.join(pieces)}."


def _place(segment: Mapping[str, Any]) -> str:
    """Write where a conversation begins; "14:30" alone would read as a time of day."""
    return f"{clock(segment['start_seconds'])} into the recording"


def _price(offer: Mapping[str, Any]) -> str:
    amount = float(offer["amount"])
    number = f"{amount:,.2f}" if amount % 1 else f"{amount:,.0f}"
    period = f" per {offer['period']}" if offer.get("period") else ""
    named = str(offer.get("what") or "").rstrip(" .,;:!?")
    what = f" for {named[:1].lower()}{named[1:]}" if named else ""
    return f"{_SIGNS.get(str(offer.get('currency')), '')}{number}{period}{what}"


def _step(step: Mapping[str, Any]) -> str:
    action, when = str(step["action"]), step.get("when")
    day = str(when or "").split(" at ")[0].lower()
    return f"{action[:1].lower()}{action[1:]}" + (f" ({when})" if when and day not in action.lower() else "")


def _why(segment: Mapping[str, Any]) -> str:
    """Return the passage to listen to: the unresolved objection, else the end."""
    analysis = segment["analysis"]
    unsettled = next((o for o in analysis.get("objections") or () if o.get("handled") is not True), None)
    if unsettled:
        return f", the {unsettled['kind']} objection “{unsettled['quote']}” at {clock(unsettled['start_seconds'])}"
    return ""


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{round(seconds)} seconds"
    return f"{minutes} minutes" if minutes < 120 else f"{seconds / 3600:.1f} hours"
