"""Extract all facts of one conversation in one pass over its sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.asks import Asks, asks_in, request_scores
from dayline.scoring.facts.handling import Handling, handling_in
from dayline.scoring.facts.next_steps import NextStep, stated_and_likely
from dayline.scoring.facts.objections import Objection, objection_scores, objections_in
from dayline.scoring.facts.offers import Offer, offers_in
from dayline.scoring.facts.outcome import Outcome
from dayline.scoring.facts.outcome_decision import decided_outcome
from dayline.scoring.facts.people import People, people_in
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.signals import Signals, signals_in
from dayline.scoring.facts.statement_model import statement_model
from dayline.scoring.facts.topics import topics_in
from dayline.scoring.facts.turn_context import read_turns, stated_in, views_of
from dayline.scoring.facts.turn_encoder import Read


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of a conversation.

    Attributes:
        asks: the rep's requests for a decision or a step; none where it is not known who the rep is.
        objections: the customer's objections with the rep's answers; none where it is not known who the rep is.
        next_steps: actions agreed for afterwards.
        offers: prices the rep named.
        outcome: how the conversation ended.
        people: names of customer and rep.
        signals: smaller facts, such as needs and agreement.
        topics: nouns for a title.
        handling: estimated figures over a conversation of many turns, None of others.

    """

    asks: Asks
    objections: tuple[Objection, ...]
    next_steps: tuple[NextStep, ...]
    offers: tuple[Offer, ...]
    outcome: Outcome
    people: People
    signals: Signals
    topics: tuple[str, ...]
    handling: Handling | None


def extract(talk: Conversation, favoured: Iterable[str] = ()) -> Facts:
    """Return the facts of a conversation. Deterministic, linear in its length.

    favoured: words of the trade that titles should prefer.
    """
    features = SentenceFeatures(talk)
    read = read_turns(talk)
    asks, objections = _asks_and_objections(talk, features, read)
    steps, likely_steps = stated_and_likely(talk, asks.found, features, read)
    offers = offers_in(talk, features, read)
    people = people_in(talk)
    return Facts(
        asks=asks,
        objections=objections,
        next_steps=steps,
        offers=offers,
        outcome=decided_outcome(talk, asks.found, likely_steps, features, read),
        people=people,
        signals=signals_in(talk, read),
        topics=topics_in(talk, people.names, favoured, offers),
        handling=handling_in(talk, read),
    )


def _asks_and_objections(
    talk: Conversation, features: SentenceFeatures, read: Read | None
) -> tuple[Asks, tuple[Objection, ...]]:
    """Return both; none where it is not known who the rep is.

    By the words alone a third of the requests found are not the rep's and two fifths of the objections are none.
    """
    if talk.rep is None:
        return Asks((), is_absence_known=False), ()
    model = statement_model()
    requests, doubts = request_scores(talk, features), objection_scores(talk, features)
    views = views_of(talk, features)
    of_asks = stated_in(talk, features, model.ask_turns, requests, doubts, views["ask"], "ask", read)
    of_objections = stated_in(
        talk, features, model.objection_turns, doubts, requests, views["objection"], "objection", read
    )
    return asks_in(talk, features, of_asks), objections_in(talk, features, of_objections)
