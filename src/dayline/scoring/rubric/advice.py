"""Advice on one conversation: what was said, and what could have been said at that place.

Each piece of advice names a place in the conversation. Without known facts there is no advice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dayline.domain.analysis import PlaybookPoint
from dayline.scoring.conversation import Conversation, Quote, Sentence
from dayline.scoring.facts import Facts
from dayline.scoring.facts.objections import Objection
from dayline.scoring.questions import Question, questions_in
from dayline.scoring.rubric.wording import clock, is_answered, offer_text, said

_DECIDER = re.compile(
    r"\b(?:my|our|the) (wife|husband|boss|manager|partner|board|brother|sister|mother|father|son|daughter|"
    r"owner|landlord|committee|"
    r"office|group|team|accountant|family|missus|director)\b"
)
_MONOLOGUE_SECONDS = 100.0


@dataclass(frozen=True, slots=True)
class Advice:
    """Advice on what to keep and what to change.

    Attributes:
        keep: what worked in this conversation.
        keep_how: how to use it again.
        change: what to change, with the place.
        principle: the line of the playbook about it.

    """

    keep: str | None
    keep_how: str | None
    change: str | None
    principle: str | None


def advice_for(talk: Conversation, facts: Facts, points: tuple[PlaybookPoint, ...]) -> Advice:
    """Return advice from the facts of this conversation."""
    keep, keep_how = _keep(talk, facts)
    change, about = _change(talk, facts, points)
    return Advice(keep, keep_how, change, _principle(points, about))


def _keep(talk: Conversation, facts: Facts) -> tuple[str | None, str | None]:
    settled = next((o for o in facts.objections if o.agreement and o.response), None)
    if settled and settled.response and settled.agreement:
        return (
            f"To the {_objection(settled)} {said(settled.quote)} the rep said {said(settled.response)}; "
            f"later the customer said {said(settled.agreement)}.",
            f"For the next {_objection(settled)}: {said(settled.response)}.",
        )
    found = _question_with_need(talk, facts)
    if found:
        question, need = found
        return (
            f"The question {said(question)} brought out {said(need.quote)}.",
            f"Ask {said(question)} again early in the next conversation of this kind.",
        )
    booked = next((s for s in facts.next_steps if s.is_appointment and s.when and s.sentence.is_rep), None)
    if booked:
        return (
            f"A time was fixed: {booked.when}, with {said(booked.quote)}.",
            f"Ask for the next appointment as here: {said(booked.quote)}.",
        )
    return None, None


def _question_with_need(talk: Conversation, facts: Facts) -> tuple[Quote, Sentence] | None:
    for need in facts.signals.needs:
        before = [s for s in talk.before(need, 1) if s.is_rep]
        asked = next((s for s in reversed(before) if any(_may_bring_out(q) for q in questions_in(s.tokens))), None)
        if asked is not None:
            return asked.quote, need
    return None


def _may_bring_out(question: Question) -> bool:
    """Return whether a question asks for more than a name or a yes ("You're Nia?")."""
    return not question.is_courtesy and (question.is_open or len(question.tokens) >= _LEAST_QUESTION)


_LEAST_QUESTION = 5


def _change(talk: Conversation, facts: Facts, points: tuple[PlaybookPoint, ...]) -> tuple[str | None, str]:
    """Return the advice and words of its subject, used to choose a playbook line."""
    unsettled = [o for o in facts.objections if o.handled is not True and not o.explored and not is_answered(facts, o)]
    if unsettled:
        return _on_objection(facts, unsettled[-1]), f"objection {unsettled[-1].kind} {unsettled[-1].quote.text}"
    untimed = next((s for s in facts.next_steps if not s.when and s.owner == "rep"), None)
    if untimed and not any(s.when for s in facts.next_steps):
        return (
            f"The step {said(untimed.quote)} was left without a day. A day and an hour could have been added to "
            f"it there.",
            "next step appointment day hour date follow up",
        )
    if facts.asks.is_absence_known:
        where = _last_words(talk)
        offer = f" after naming {offer_text(facts, len(facts.offers) - 1)}" if facts.offers else ""
        return f"No decision and no next step was asked for{offer}.{where}", "ask decision close next step"
    missed = next((p for p in points if p.covered == "no"), None)
    if missed:
        return f"The playbook says “{missed.text}”; no word of it was heard.{_last_words(talk)}", missed.text
    longest = _monologue(talk)
    if longest:
        return (
            f"From {clock(longest.start_seconds)} the rep spoke for "
            f"{longest.end_seconds - longest.start_seconds:.0f} seconds "
            f"without a word of the customer, beginning {said(longest)}.",
            "listen ask question pause",
        )
    return None, ""


def _last_words(talk: Conversation) -> str:
    last = next((s for s in reversed(talk.rep_sentences) if len(s.words) >= 4), None)
    return f" The rep's last words were {said(last.quote)}." if last else ""


def _on_objection(facts: Facts, objection: Objection) -> str:
    answer = (
        f"the answer was {said(objection.response)}, without a question"
        if objection.response
        else "no answer was recognised"
    )
    return f"When the customer said {said(objection.quote)}, {answer}. {_could_ask(facts, objection)}"


def _could_ask(facts: Facts, objection: Objection) -> str:
    priced = [o for o in facts.offers if o.sentence.number < objection.sentence.number]
    price = priced[-1].amount.written() if priced else None
    text = objection.sentence.text
    if objection.kind == "authority":
        decider = _DECIDER.search(f"{text} {objection.quote.text.lower()}")
        who = f"your {decider[1]}" if decider else "whoever decides"
        return f"One could have asked: “When can we speak with {who} together?”"
    if objection.kind == "price":
        about = f"{price} as a whole, or paying it at once" if price else "the whole sum, or paying it at once"
        return f"One could have asked: “Is it {about}?”"
    if objection.kind == "competition":
        return "One could have asked: “What does their price include?”"
    if objection.kind == "delay":
        return "One could have asked: “What do you still need to know to decide?”"
    if objection.kind == "timing":
        return "One could have asked: “When would be a better time?”"
    if objection.kind == "terms":
        return "One could have asked: “Which of the terms worries you?”"
    if objection.kind == "trust":
        return "One could have asked: “What would you need to see to be sure?”"
    if objection.kind == "need":
        return "One could have asked: “How do you do it today?”"
    return "One could have asked: “What exactly worries you about that?”"


def _objection(objection: Objection) -> str:
    return "objection" if objection.kind == "other" else f"{objection.kind} objection"


def _monologue(talk: Conversation) -> Quote | None:
    if not talk.has_two_voices:
        return None
    runs: list[list[Sentence]] = []
    for sentence in talk.sentences:
        if sentence.is_rep and runs and runs[-1][-1].number == sentence.number - 1:
            runs[-1].append(sentence)
        elif sentence.is_rep:
            runs.append([sentence])
    longest = max(runs, key=lambda r: r[-1].end_seconds - r[0].start_seconds, default=None)
    if longest is None or longest[-1].end_seconds - longest[0].start_seconds < _MONOLOGUE_SECONDS:
        return None
    return Quote(longest[0].quote.text, longest[0].start_seconds, longest[-1].end_seconds)


def _principle(points: tuple[PlaybookPoint, ...], about: str) -> str | None:
    """Return the playbook line that shares most words with the advice; None if none shares two."""
    wanted = set(re.findall(r"[a-z]{4,}", about.lower()))
    best, most = None, 1
    for point in points:
        shared = len(wanted & set(re.findall(r"[a-z]{4,}", point.text.lower())))
        if shared > most or (point.text == about and shared):
            best, most = point.text, shared
    return best
