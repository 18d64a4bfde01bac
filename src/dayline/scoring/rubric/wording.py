"""Sentences of the analysis, built from facts of this conversation only. Unknown facts are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dayline.domain.analysis import PillarFeedback
from dayline.scoring.conversation import Conversation, Quote, quote_for
from dayline.scoring.facts import Facts
from dayline.scoring.facts.next_steps import NextStep
from dayline.scoring.facts.objections import Objection
from dayline.scoring.rubric.components import HEDGES, Component, Pillar

OUTCOMES = {
    "order": "sale",
    "appointment": "follow_up",
    "follow_up": "follow_up",
    "refused": "no_sale",
    "unknown": "unknown",
}
"""Outcomes in the words of the analysis."""

_MOST_QUOTE_WORDS = 30
_COUNTED = "counted over the whole conversation"
_STRONG, _WEAK = 0.75, 0.45


def clock(seconds: float) -> str:
    """Format a time of the recording as "4:05" or "1:04:05"."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def said(quote: Quote) -> str:
    """Format a quote with its time for use in a sentence; long quotes are cut with an ellipsis."""
    words = quote.text.split()
    text = quote.text if len(words) <= _MOST_QUOTE_WORDS else " ".join(words[:_MOST_QUOTE_WORDS]) + " …"
    return f"“{text}” ({clock(quote.start_seconds)})"


def listed(parts: Iterable[str]) -> str:
    """Join parts as an English list: "a, b and c"."""
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def title_for(talk: Conversation, facts: Facts) -> str:
    """Return a short title: the topic, and the customer's name if it was said. Never empty."""
    return titled(talk, facts.topics, facts.people.prospect)


def titled(talk: Conversation, topics: Sequence[str], prospect: str | None) -> str:
    """Return the title of a conversation with these topics and this customer. Never empty."""
    if not talk.tokens:
        return "Recording without recognised words"
    if topics:
        about = listed(topics)
        about = about[:1].upper() + about[1:]
        return f"{about} with {prospect}" if prospect else about
    return f"Conversation with {prospect}" if prospect else f"Conversation of {length_of(talk)}"


def length_of(talk: Conversation) -> str:
    """Return the length of a conversation in words."""
    seconds = max(1, round(talk.end_seconds - talk.start_seconds))
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"


def summary_for(talk: Conversation, facts: Facts) -> str:
    """Return plain sentences: the customer, the need, the offer, objections, the outcome, next steps."""
    if not talk.tokens:
        return "No words were recognised in this recording."
    with_whom = f" with {facts.people.prospect}" if facts.people.prospect else ""
    about = f" ({listed(facts.topics)})" if facts.topics else ""
    sentences = [f"A conversation of {length_of(talk)}{with_whom}{about}."]
    if facts.signals.needs:
        sentences.append(f"The customer said: {said(facts.signals.needs[0].quote)}.")
    if facts.offers:
        sentences.append(f"Prices named: {listed(offer_text(facts, i) for i in range(min(4, len(facts.offers))))}.")
    sentences += [_objection_text(o) for o in facts.objections[:3]]
    ended = _ending(facts)
    if ended:
        sentences.append(ended)
    if facts.next_steps:
        sentences.append(f"Next: {'; '.join(step_text(s) for s in facts.next_steps[:4])}.")
    return " ".join(sentences)


def offer_text(facts: Facts, index: int) -> str:
    """Return an offer in words: "$480 for both springs"."""
    offer = facts.offers[index]
    what = f" for {_lower(offer.what)}" if offer.what else f" ({clock(offer.quote.start_seconds)})"
    return f"{offer.amount.written()}{what}"


def step_text(step: NextStep) -> str:
    """Return a next step in words: owner and action, with the time if the action does not contain it."""
    owner = {"rep": "rep", "customer": "customer"}.get(step.owner or "", "")
    lead = f"{owner}: " if owner and not step.is_appointment else ""
    action = step.action
    day = (step.when or "").split(" at ")[0].lower()
    when = f" ({step.when})" if step.when and day not in action.lower() else ""
    return f"{lead}{_lower(action)}{when}" if not step.is_appointment else f"{_lower(action)}{when}"


def _objection_text(objection: Objection) -> str:
    text = f"Objection ({objection.kind}): {said(objection.quote)}"
    if objection.agreement is not None:
        return f"{text}; later the customer said {said(objection.agreement)}."
    return f"{text}, raised again or not accepted." if objection.handled is False else f"{text}."


def _ending(facts: Facts) -> str | None:
    outcome = facts.outcome
    if outcome.quote is None:
        return None
    words = {
        "order": "It ended in an order",
        "appointment": "It ended in an appointment",
        "follow_up": "It ended in a follow-up",
        "refused": "The customer declined",
    }
    return f"{words[outcome.kind]}: {said(outcome.quote)}."


def feedback_for(name: str, pillar: Pillar, talk: Conversation, facts: Facts) -> PillarFeedback:
    """Return the known strengths and weaknesses of a pillar, each with a place; None where nothing is known."""
    if name == "objection":
        return _objection_feedback(facts)
    if name == "discovery":
        return _discovery_feedback(pillar, talk)
    if name == "delivery":
        return _delivery_feedback(pillar, talk)
    told = [c for c in pillar.components if not c.is_estimate]
    ranked = sorted(told, key=lambda c: (-c.share * c.weight, c.key))
    good = [c for c in ranked if c.share >= _STRONG]
    best = next((c for c in good if c.quotes), None) or next((c for c in good if _place(c, talk)), None)
    weak = sorted((c for c in told if c.share <= _WEAK), key=lambda c: ((1 - c.share) * c.weight, c.key))
    return PillarFeedback(_stated(best, talk) if best else None, _stated(weak[-1], talk) if weak else None)


def _stated(component: Component, talk: Conversation) -> str | None:
    """Return a component in words with a place; None if it has no place."""
    text = component.counted[:1].upper() + component.counted[1:]
    for quote in component.quotes[:1]:
        return (
            f"{text}, such as {said(quote)}." if len(component.quotes) > 1 else f"{_without_one(text)}: {said(quote)}."
        )
    place = _place(component, talk)
    return f"{text} ({_COUNTED}); {place}." if place else None


def _without_one(text: str) -> str:
    """Return a count of one without its number: the single quote beside it makes it redundant."""
    return text.removesuffix(": 1")


def _place(component: Component, talk: Conversation) -> str | None:
    """Return the place that illustrates a figure: the longest turn, a hedging phrase, or the last words of the rep."""
    if component.key == "turn_length":
        return _longest_turn(talk)
    if component.key == "hedging":
        found = next((s for s in talk.rep_sentences if HEDGES.search(s.text)), None)
        return f"such as {said(found.quote)}" if found else None
    if component.key == "asks":
        last = next((s for s in reversed(talk.rep_sentences) if len(s.words) >= 4), None)
        return f"the rep's last words were {said(last.quote)}" if last else None
    return None


def _longest_turn(talk: Conversation) -> str | None:
    turns = [t for t in talk.turns if t.speaker == talk.rep] if talk.has_two_voices else []
    if not turns:
        return None
    longest = max(turns, key=lambda t: len(t.tokens))
    return f"the longest turn, of {len(longest.tokens)} words, is {said(quote_for(longest.tokens))}"


def _discovery_feedback(pillar: Pillar, talk: Conversation) -> PillarFeedback:
    """Return the questions with one of them as an example, and a need that the customer stated."""
    asked = [q for _, q in talk.questions if not q.is_courtesy]
    open_ones = [q for q in asked if q.is_open]
    counted = [c for c in pillar.components if not c.quotes and not c.is_estimate]
    positive = negative = None
    if asked:
        example = said(quote_for(max(open_ones or asked, key=lambda q: len(q.tokens)).tokens))
        good = [c.counted for c in counted if c.share >= _STRONG]
        weak = [c.counted for c in counted if c.share <= _WEAK]
        positive = f"{_sentence(good)} ({_COUNTED}), such as {example}." if good else None
        negative = f"{_sentence(weak)} ({_COUNTED}); the longest question was {example}." if weak else None
    told = next((c for c in pillar.components if c.quotes), None)
    if told:
        positive = f"{positive + ' ' if positive else ''}{_stated(told, talk)}"
    return PillarFeedback(positive, negative)


def _delivery_feedback(pillar: Pillar, talk: Conversation) -> PillarFeedback:
    """Return the good and the weak figures of the whole conversation separately, with the longest turn."""
    place = _longest_turn(talk)
    if place is None:
        return PillarFeedback(None, None)
    good = [c.counted for c in pillar.components if c.share >= _STRONG]
    weak = [c.counted for c in pillar.components if c.share <= _WEAK]
    return PillarFeedback(*(f"{_sentence(part)} ({_COUNTED}); {place}." if part else None for part in (good, weak)))


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _objection_feedback(facts: Facts) -> PillarFeedback:
    settled = next((o for o in facts.objections if o.agreement and o.response), None)
    answered = settled or next((o for o in facts.objections if o.response and is_answered(facts, o)), None)
    positive = negative = None
    if answered and answered.response:
        positive = f"To the objection {said(answered.quote)} the rep said {said(answered.response)}"
        positive += f"; later the customer said {said(answered.agreement)}." if answered.agreement else "."
    open_one = next((o for o in facts.objections if o.handled is False and not is_answered(facts, o)), None) or next(
        (o for o in facts.objections if o.handled is None and is_left_open(facts, o)), None
    )
    if open_one:
        answer = (
            f"the rep said {said(open_one.response)}" if open_one.response else "no answer of the rep was recognised"
        )
        end = " The customer raised it again or refused." if open_one.handled is False else ""
        negative = f"To the objection {said(open_one.quote)} {answer}.{end}"
    return PillarFeedback(positive, negative)


def is_answered(facts: Facts, objection: Objection) -> bool:
    """Return whether the rep surely answered an objection; False where that is not known."""
    return facts.handling is not None and facts.handling.answers(objection) >= _SURELY_ANSWERED


def is_left_open(facts: Facts, objection: Objection) -> bool:
    """Return whether the rep likely passed over an objection: in a short conversation, if no question followed."""
    if facts.handling is None:
        return not objection.explored
    return facts.handling.answers(objection) < _HARDLY_ANSWERED


_SURELY_ANSWERED, _HARDLY_ANSWERED = 0.93, 0.7
"""Probabilities of an answer from which an objection is shown as answered (of 262 such objections of visits whose hand
the encoder had not seen 253 were), and under which it is shown as open."""


def _lower(text: str | None) -> str:
    if not text:
        return ""
    first = text.split()[0]
    return text if first.isupper() or first in {"I", "Mr", "Mrs", "Ms", "Dr"} else text[:1].lower() + text[1:]
