"""Sentences built from what was found. Nothing here is said that a component, a quote or a metric does not carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dayline.domain.analysis import PillarFeedback
from dayline.scoring.rubric.advice import ADVICE
from dayline.scoring.rubric.objections import Objection
from dayline.scoring.rubric.phrase_matching import Talk
from dayline.scoring.rubric.pillars import Component, Pillar
from dayline.scoring.rubric.playbook import Point
from dayline.scoring.rubric.prompts import Answer

STRONG_SHARE = 0.6
_OUTCOMES = {
    "sale": "The words at the end speak for a sale.",
    "follow_up": "It ended with something left to follow up.",
    "no_sale": "The customer declined.",
    "unknown": "How it ended cannot be told from the words.",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the summary may speak of."""

    terms: tuple[str, ...]
    prospect_name: str | None
    objections: tuple[Objection, ...]
    next_steps: tuple[dict[str, Any], ...]
    outcome: str


def feedback_for(pillar: Pillar) -> PillarFeedback:
    """Return the strongest and the weakest component in words, with what was counted."""
    if not pillar.components:
        return PillarFeedback(positive="", negative=pillar.note)
    ranked = sorted(pillar.components, key=lambda c: (-c.share, c.key))
    best, worst = ranked[0], ranked[-1]
    positive = f"{ADVICE[best.key].strong} ({best.counted})." if best.share >= STRONG_SHARE else ""
    if worst.share >= STRONG_SHARE:
        negative = f"Nothing weak stood out; most room is left here: {worst.counted}."
    else:
        negative = f"{ADVICE[worst.key].weak} ({worst.counted}). {ADVICE[worst.key].how}."
    return PillarFeedback(positive or "Nothing strong stood out here.", negative)


def strongest(pillars: Mapping[str, Pillar]) -> Component | None:
    """Return the component to keep: most points reached, larger components first. None when nothing is strong."""
    found = [c for p in pillars.values() for c in p.components if c.share >= STRONG_SHARE]
    return max(found, key=lambda c: (round(c.share, 2), c.out_of, c.key), default=None)


def weakest(pillars: Mapping[str, Pillar]) -> Component | None:
    """Return the component that costs most points; None when nothing was scored."""
    found = [c for p in pillars.values() for c in p.components]
    return max(found, key=lambda c: (c.out_of - c.points, c.key), default=None)


def listed(parts: Iterable[str]) -> str:
    """Write parts as English does: "a, b and c"."""
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def title_for(talk: Talk, facts: Facts) -> str:
    """Return a short title: what it was about, and with whom where that was said. Never empty."""
    if not talk.tokens:
        return "Conversation without recognised words"
    if not facts.terms:
        return f"Conversation with {facts.prospect_name}" if facts.prospect_name else f"Conversation, {_length(talk)}"
    about = listed(facts.terms)
    about = about[:1].upper() + about[1:]
    return f"{about} with {facts.prospect_name}" if facts.prospect_name else about


def summary_for(talk: Talk, facts: Facts) -> str:
    """Return plain sentences: length and topics, questions, objections, next steps, outcome."""
    if not talk.tokens:
        return "No words were recognised in this recording."
    who = f" with {facts.prospect_name}" if facts.prospect_name else ""
    sentences = [
        f"A conversation of {_length(talk)}{who}" + (f", mostly about {listed(facts.terms)}." if facts.terms else ".")
    ]
    sentences.append(_questions(talk))
    if facts.objections:
        kinds = list(dict.fromkeys(o.kind for o in facts.objections))
        count = len(facts.objections)
        met = sum(1 for o in facts.objections if o.handled)
        noun = "objection was" if count == 1 else "objections were"
        sentences.append(f"{count} {noun} heard ({listed(kinds)}), {met} of them met with a question or substance.")
    else:
        sentences.append("No objection was heard.")
    if facts.next_steps:
        first = facts.next_steps[-1]
        when = f" ({first['when']})" if first["when"] else ""
        sentences.append(f"Next step{when}: “{first['quote']}”.")
    sentences.append(_OUTCOMES[facts.outcome])
    return " ".join(sentences)


def _questions(talk: Talk) -> str:
    asked = [q for _, q in talk.questions]
    opened = sum(1 for q in asked if q.is_open)
    questions = f"{len(asked)} {'question' if len(asked) == 1 else 'questions'} ({opened} open)"
    if talk.has_two_voices and talk.metrics.talk_ratio is not None:
        return f"The rep asked {questions} and spoke {talk.metrics.talk_ratio:.0%} of the time."
    return f"{questions[:1].upper()}{questions[1:]} asked; the voices were not told apart."


def prompt_texts(points: Sequence[Point], answers: Sequence[Answer]) -> tuple[str, str]:
    """Return the one-line summary and the details of playbook coverage and prompt answers."""
    short: list[str] = []
    details: list[str] = []
    if points:
        touched = [p for p in points if p.is_touched]
        short.append(f"Playbook: {len(touched)} of {len(points)} points touched (word match).")
        missed = [p.text for p in points if not p.is_touched]
        if touched:
            details.append("Touched: " + "; ".join(f"{p.text} (“{p.quote.text}”)" for p in touched if p.quote))
        if missed:
            details.append("Not heard: " + "; ".join(missed[:12]) + ("; …" if len(missed) > 12 else ""))
    if answers:
        found = sum(1 for a in answers if a.quote)
        short.append(f"Prompts: {found} of {len(answers)} found in the words.")
        details.extend(f"{a.title}: {a.text}" for a in answers)
    return " ".join(short), "\n".join(details)


def _length(talk: Talk) -> str:
    seconds = max(1, round(talk.end_seconds - talk.start_seconds))
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"
