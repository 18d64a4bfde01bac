"""Components from the figures that are estimated over a conversation of many turns (`facts.handling`).

They were chosen and weighted by a ranking of 383 visits by people (`bench/statements/LOG.md`), each in the direction
that a coach would name, so that a score never rises because an objection was left without an answer.
"""

from __future__ import annotations

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.handling import Handling
from dayline.scoring.facts.objections import Objection
from dayline.scoring.rubric.component import Component, falling

_ANY_OBJECTION = 0.5
"""Estimated number of objections under which nothing is said of their answers."""
_USUAL_RATE = 0.8
"""Share of objections that reps answer; counts as one more objection, so that a single one does not decide."""
_EARLY = 0.4
"""Part of the conversation in which questions come before the offer."""


def replies(known: Handling) -> Component | None:
    """Return the component of how long the replies to objections are."""
    if known.reply_words is None:
        return None
    counted = f"words of a reply to an objection, on average: {known.reply_words:.0f}"
    return Component("replies", 50, falling(known.reply_words, 24, 8), counted, is_estimate=True)


def reaction(known: Handling) -> Component:
    """Return the component of how the customer took the offer, whether an end is stated or not."""
    counted = f"likelihood of an order {known.order:.0%}, of an open end {known.left_open:.0%}"
    return Component("reaction", 60, known.order + 0.75 * known.left_open, counted, is_estimate=True)


def pressing(known: Handling, weight: float) -> Component:
    """Return the component of requests made in place of an answer."""
    counted = f"requests in place of an answer to an objection: about {known.pressed:.0f}"
    return Component("pressing", weight, falling(known.pressed, 0.05, 0.5), counted, is_estimate=True)


def answers(known: Handling) -> Component | None:
    """Return the component of the objections that the rep answers; None where nothing is objected."""
    if known.objecting < _ANY_OBJECTION:
        return None
    rate = (known.answered + _USUAL_RATE) / (known.objecting + 1)
    counted = f"objections: about {known.objecting:.0f}, answered: about {known.answered:.0f}"
    return Component("answers", 80, falling(rate, 0.93, 0.6), counted, is_estimate=True)


def share_of(known: Handling, objection: Objection) -> float:
    """Return the share that a stated objection reaches: how likely it was answered, and whether that settled it."""
    return max(0.0, min(1.0, known.answers(objection) - 0.1 + 0.2 * (objection.handled is True)))


def early_questions(talk: Conversation) -> Component:
    """Return the component of the questions asked before much was offered."""
    early = sum(1 for turn, q in talk.questions if turn < _EARLY * len(talk.turns) and not q.is_courtesy)
    return Component("early_questions", 40, min(1.0, early / 8), f"questions in the first two fifths: {early}")


def needs_first(known: Handling) -> Component:
    """Return the component of the needs that the customer told before a price was named."""
    counted = f"needs told before the first price: about {known.needs:.0f}"
    return Component("needs_first", 40, min(1.0, known.needs / 2.5), counted, is_estimate=True)


def agreed(known: Handling) -> Component:
    """Return the component of the next steps agreed late in the conversation, stated or not."""
    counted = f"turns at the end with a next step: about {known.steps:.0f}"
    return Component("agreed", 40, min(1.0, known.steps / 3.5), counted, is_estimate=True)


def likely_end(known: Handling) -> Component:
    """Return the component of the end where none is stated."""
    share = known.order + 0.7 * known.left_open + 0.1 * known.refused
    counted = f"end not clear; likelihood of an order {known.order:.0%}, of an open end {known.left_open:.0%}"
    return Component("likely_end", 30, share, counted, is_estimate=True)
