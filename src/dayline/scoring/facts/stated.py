"""Facts in the form in which an assessment states them, each with the words and the times of its quote."""

from __future__ import annotations

from dayline.domain.analysis import StatedObjection, StatedOffer, StatedStep
from dayline.scoring.facts.extract import Facts


def stated_objections(facts: Facts) -> tuple[StatedObjection, ...]:
    """Return the customer's objections."""
    return tuple(
        StatedObjection(
            kind=o.kind,
            quote=o.quote.text,
            start_seconds=o.quote.start_seconds,
            end_seconds=o.quote.end_seconds,
            response=o.response.text if o.response else None,
            response_start_seconds=o.response.start_seconds if o.response else None,
            handled=o.handled,
        )
        for o in facts.objections
    )


def stated_steps(facts: Facts) -> tuple[StatedStep, ...]:
    """Return the next steps that were agreed."""
    return tuple(
        StatedStep(s.action, s.owner, s.when, s.quote.text, s.quote.start_seconds, s.quote.end_seconds)
        for s in facts.next_steps
    )


def stated_offers(facts: Facts) -> tuple[StatedOffer, ...]:
    """Return the prices that the rep named."""
    return tuple(
        StatedOffer(
            o.what and o.what.rstrip(" .,;:!?"),
            o.amount.value,
            o.amount.currency,
            o.amount.period,
            o.quote.text,
            o.quote.start_seconds,
            o.quote.end_seconds,
        )
        for o in facts.offers
    )
