"""Compute the six pillars from facts and counted figures.

A pillar consists of components. A component is *known* if a fact was recognised or a figure could be counted; an
unknown component is left out, never zero. The score is the weighted mean of the known components, shrunk towards the
neutral 50 the less is known: 50 + (mean - 50) * sqrt(known weight / whole weight).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from dayline.domain.analysis import NEUTRAL_SCORE
from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts import Facts
from dayline.scoring.facts.signals import first_quotes
from dayline.scoring.metrics import HESITATIONS
from dayline.scoring.rubric import estimated
from dayline.scoring.rubric.component import Component, falling, rising

MIN_WORDS = 40
"""Minimum number of words for a score."""

_OUTCOME_SHARE = {"order": 1.0, "appointment": 0.8, "follow_up": 0.6, "refused": 0.15}
EXCHANGES = 20.0
HEDGES = re.compile(
    r"\b(?:i guess|not sure|maybe|probably|or something|or whatever|somehow|i suppose|more or less|i do "
    r"not know|something like that"
    r"|kind of like|sort of like|and stuff|and things like that|or so)\b"
)


@dataclass(frozen=True, slots=True)
class Pillar:
    """A scored pillar: its known components and the total weight of all its possible components."""

    score: int
    components: tuple[Component, ...]

    @property
    def is_counted(self) -> bool:
        """Whether a figure counted over the whole conversation is part of the score."""
        return any(not c.quotes for c in self.components)


UNKNOWN = Pillar(NEUTRAL_SCORE, ())


def pillars_of(talk: Conversation, facts: Facts) -> dict[str, Pillar]:
    """Return the six pillars."""
    return {
        "clarity": _pillar(_clarity(talk, facts)),
        "influence": _pillar(_influence(talk, facts)),
        "objection": _pillar(_objection(facts)),
        "discovery": _pillar(_discovery(talk, facts)),
        "delivery": delivery(talk),
        "close": _pillar(_close(talk, facts)),
    }


def _pillar(parts: Sequence[Component | None], whole: float = 100.0) -> Pillar:
    known = tuple(p for p in parts if p is not None)
    weight = sum(p.weight for p in known)
    if weight <= 0:
        return UNKNOWN
    mean = 100 * sum(p.weight * p.share for p in known) / weight
    pull = math.sqrt(min(1.0, weight / whole))
    return Pillar(round(NEUTRAL_SCORE + (mean - NEUTRAL_SCORE) * pull), known)


def _said(key: str, weight: float, sentences: Sequence[Sentence], full: float, noun: str) -> Component | None:
    """Return a component for recognised sentences; None (unknown) if there is none."""
    if not sentences:
        return None
    share = 0.5 + 0.5 * rising(len(sentences), full)
    return Component(key, weight, share, f"{noun}: {len(sentences)}", first_quotes(sentences, 2))


def _target(talk: Conversation, per_words: float, least: float, most: float) -> float:
    return max(least, min(most, len(talk.tokens) / per_words))


def _clarity(talk: Conversation, facts: Facts) -> list[Component | None]:
    signals = facts.signals
    prices = tuple(o.quote for o in facts.offers[:2])
    return [
        estimated.replies(facts.handling) if facts.handling else None,
        _said("explanations", 20, signals.explanations, _target(talk, 200, 2, 6), "explanations in steps or reasons"),
        Component("prices", 30, 1.0, f"prices named in figures: {len(facts.offers)}", prices) if facts.offers else None,
        _said("checks", 10, signals.checks, 2, "checks that the customer follows"),
        _turn_length(talk),
        _hedging(talk),
    ]


def _turn_length(talk: Conversation) -> Component | None:
    if not talk.has_two_voices:
        return None
    own = [len(t.tokens) for t in talk.turns if t.speaker == talk.rep]
    typical = median(n for n in own for _ in range(n)) if own else 0
    return Component(
        "turn_length",
        15,
        falling(typical, 55, 180),
        f"half of the rep's words stand in turns of {typical:.0f} words or more",
    )


def _hedging(talk: Conversation) -> Component | None:
    words = sum(len(s.words) for s in talk.rep_sentences)
    if words < MIN_WORDS:
        return None
    found = sum(len(HEDGES.findall(s.text)) for s in talk.rep_sentences)
    rate = 100 * found / words
    return Component("hedging", 25, falling(rate, 0.4, 3.0), f"hedging phrases per 100 words: {rate:.1f}")


def _influence(talk: Conversation, facts: Facts) -> list[Component | None]:
    signals = facts.signals
    known = facts.handling
    return [
        *([_exchanges(talk)] if known is None else [estimated.reaction(known), estimated.pressing(known, 20)]),
        _said("benefits", 25, signals.benefits, 4, "benefits said as the customer's own"),
        _said("proof", 20, signals.proof, 3, "guarantees, references or results"),
        _said("taking_up", 5, signals.empathy, 3, "what the customer said taken up"),
        _said("agreement", 30, signals.agreement, 3, "agreement by the customer"),
    ]


def _exchanges(talk: Conversation) -> Component | None:
    """Return the component of the customer's number of turns: low if the conversation was broken off."""
    if not talk.has_two_voices:
        return None
    turns = sum(1 for t in talk.turns if t.speaker != talk.rep)
    return Component("exchanges", EXCHANGES, rising(turns - 1, 12), f"turns of the customer: {turns}")


def _objection(facts: Facts) -> list[Component | None]:
    known = facts.handling
    answers = estimated.answers(known) if known else None
    found: list[Component | None] = [answers]
    for objection in facts.objections:
        work = 0.35 * objection.explored + 0.3 * objection.explained + 0.2 * objection.acknowledged
        share = {True: 0.8 + 0.2 * work / 0.85, None: 0.35 + 0.5 * work, False: 0.1 + 0.45 * work}[objection.handled]
        if known is not None:
            share = estimated.share_of(known, objection)
        quotes = [objection.quote, *([objection.response] if objection.response else [])]
        end = {
            True: "the customer agreed afterwards",
            False: "the customer came back to it",
            None: "not known how it ended",
        }
        found.append(
            Component(
                objection.kind,
                (100 - (answers.weight if answers else 0)) / len(facts.objections),
                share,
                f"{'of no clear kind' if objection.kind == 'other' else objection.kind}, {end[objection.handled]}",
                tuple(quotes),
            )
        )
    return found


def _discovery(talk: Conversation, facts: Facts) -> list[Component | None]:
    asked = [q for _, q in talk.questions if not q.is_courtesy]
    if talk.rep is None:
        return [None]
    return [
        Component("questions", 25, rising(len(asked), _target(talk, 130, 2, 10)), f"questions: {len(asked)}"),
        _said("needs", 35 if facts.handling is None else 15, facts.signals.needs, 3, "needs told by the customer"),
        *([estimated.early_questions(talk), estimated.needs_first(facts.handling)] if facts.handling else []),
    ]


def delivery(talk: Conversation) -> Pillar:
    """Return the pillar based on counted figures only: pace, fillers, share of talk, monologue, exchange."""
    m = talk.metrics
    words = sum(len(s.words) for s in talk.rep_sentences)
    if words < MIN_WORDS // 2:
        return UNKNOWN
    pace = m.words_per_minute
    pace_share = falling(pace, 185, 260) if pace >= 110 else falling(pace, 110, 50)
    parts: list[Component | None] = [Component("pace", 20, pace_share, f"words per minute: {pace:.0f}")]
    # Most recognisers omit hesitations; a count is meaningful only if the transcript contains some of any speaker.
    if any(t.text in HESITATIONS for t in talk.tokens):
        fillers = 100 * m.filler_word_count / max(1, words)
        parts.append(Component("fillers", 30, falling(fillers, 1.0, 7.0), f"filler words per 100 words: {fillers:.1f}"))
    if talk.has_two_voices and m.talk_ratio is not None:
        ratio = m.talk_ratio
        share = falling(ratio, 0.62, 0.9) if ratio >= 0.35 else falling(ratio, 0.35, 0.05)
        parts.append(Component("talk_share", 25, share, f"share of talk by the rep: {ratio:.0%}"))
        longest = m.longest_monologue_seconds or 0.0
        parts.append(Component("monologue", 15, falling(longest, 60, 180), f"longest monologue: {longest:.0f} s"))
        parts.append(
            Component(
                "exchange",
                10,
                rising(m.interactivity or 0.0, 6),
                f"changes of voice per minute: {m.interactivity or 0:.1f}",
            )
        )
    return _pillar(parts, sum(p.weight for p in parts if p is not None))


def _close(talk: Conversation, facts: Facts) -> list[Component | None]:
    asks = facts.asks
    timed = [s for s in facts.next_steps if s.when]
    steps = timed or list(facts.next_steps)
    ending = [s for s in (*facts.signals.recaps, *facts.signals.thanks) if talk.share_at(s.start_seconds) >= 0.7]
    known = facts.handling
    parts: list[Component | None] = [estimated.agreed(known), estimated.pressing(known, 15)] if known else []
    if asks.found:
        share = 0.75 + 0.25 * rising(len(asks.found) - 1, 1)
        quotes = tuple(a.quote for a in asks.found[-2:])
        parts.append(Component("asks", 5, share, f"requests for a decision or a step: {len(asks.found)}", quotes))
    elif asks.is_absence_known:
        parts.append(Component("asks", 5, 0.0, "no request for a decision or a step in the whole conversation"))
    if steps:
        counted = f"next steps: {len(facts.next_steps)}, with a time: {len(timed)}"
        weight = 50 if known is None else 25
        parts.append(Component("next_steps", weight, 1.0 if timed else 0.6, counted, tuple(s.quote for s in steps[:2])))
    outcome = facts.outcome
    if outcome.quote is None and known is not None:
        parts.append(estimated.likely_end(known))
    if outcome.quote is not None:
        words = {
            "order": "an order",
            "appointment": "an appointment",
            "follow_up": "a follow-up",
            "refused": "a refusal",
        }
        parts.append(
            Component(
                "outcome", 45, _OUTCOME_SHARE[outcome.kind], f"it ended in {words[outcome.kind]}", (outcome.quote,)
            )
        )
    if ending:
        parts.append(Component("ending", 5, 1.0, f"recap or thanks at the end: {len(ending)}", first_quotes(ending, 1)))
    return parts
