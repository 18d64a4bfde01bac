"""What an answer must show before it is believed, and forms of small models that are read all the same."""

from __future__ import annotations

import pytest

from dayline.domain.analysis import NEUTRAL_SCORE
from dayline.domain.transcript import Transcript, Utterance
from dayline.scoring.fact_check import check_against_facts
from dayline.scoring.quote_verification import verify
from tests.llm.scripted_answers import GOOD, TALK, changed, cited, judge

SOLD = Transcript(
    (
        Utterance(0.0, 6.0, "Good morning, I am Dana from Kestrel Garage Doors. How old is the door?", "A"),
        Utterance(7.0, 12.0, "Ten years. What would a new one cost?", "B"),
        Utterance(13.0, 18.0, "Nine hundred dollars. If you sign today we begin on Monday.", "A"),
        Utterance(19.0, 24.0, "All right, let's do it. Where do I sign?", "B"),
        Utterance(25.0, 30.0, "Right here. Thank you, we will see you on Monday.", "A"),
    ),
    30.0,
    language="en",
)


def outcome_evidence(assessment):
    return [(e.claim, e.quote) for e in assessment.evidence if e.about and e.about.kind == "outcome"]


def test_an_outcome_needs_the_words_that_show_it(server, config, reply) -> None:
    server.replies = [reply(GOOD)]
    assessment = judge(config)
    assert assessment.outcome == "follow_up"
    assert outcome_evidence(assessment) == [("outcome: follow up", "come by on monday then")]


@pytest.mark.parametrize("quote", [None, cited(4, "where do I sign the order")])
def test_an_outcome_without_such_words_is_unknown_and_counted(server, config, reply, quote) -> None:
    server.replies = [reply(changed(outcome="sale", outcome_quote=quote))]
    assessment = judge(config)
    assert assessment.outcome == "unknown"
    assert outcome_evidence(assessment) == []
    assert assessment.dropped == 1


@pytest.mark.parametrize(("claimed", "said"), [("sale", "sale"), ("no_sale", "unknown"), ("follow_up", "unknown")])
def test_an_outcome_that_the_facts_contradict_is_unknown(server, config, reply, claimed, said) -> None:
    answer = changed(
        title="Door",
        summary=[],
        double_down=None,
        general_improvement=None,
        objections=[],
        next_steps=[],
        offers=[],
        **{p: {"score": 50} for p in ("clarity", "influence", "objection", "discovery", "delivery", "close")},
        outcome=claimed,
        outcome_quote=cited(4, "all right, let's do it"),
    )
    server.replies = [reply(answer)]
    assessment = check_against_facts(judge(config, SOLD), SOLD, "A")
    assert assessment.outcome == said
    assert bool(outcome_evidence(assessment)) is (said == claimed)
    assert assessment.dropped == (said != claimed)


def test_an_objection_is_what_the_customer_said(server, config, reply) -> None:
    own_words = {"kind": "price", "quote": cited(3, "it is forty dollars a month"), "handled": True}
    server.replies = [reply(changed(objections=[*GOOD["objections"], own_words]))]
    assessment = judge(config)
    assert [o.quote for o in assessment.objections] == ["it is too expensive"]
    assert assessment.dropped == 1


def test_an_answer_to_an_objection_is_what_the_rep_said(server, config, reply) -> None:
    objection = {**GOOD["objections"][0], "response": cited(4, "all right come by on monday")}
    server.replies = [reply(changed(objections=[objection]))]
    (found,) = judge(config).objections
    assert (found.response, found.handled) == (None, None)


def test_an_offer_is_what_the_rep_said(server, config, reply) -> None:
    talk = Transcript(
        (*TALK.utterances, Utterance(123.0, 127.0, "the other company wanted sixty dollars", "B")),
        27.0,
        start_seconds=100.0,
    )
    other = {"what": "a month", "amount": 60, "quote": cited(5, "wanted sixty dollars")}
    server.replies = [reply(changed(offers=[*GOOD["offers"], other]))]
    assessment = judge(config, talk)
    assert [o.amount for o in assessment.offers] == [40.0]
    assert assessment.dropped == 1


@pytest.mark.parametrize(("code", "kept"), [("USD", "USD"), ("usd", "USD"), ("EUR", None), ("", None)])
def test_a_currency_is_one_that_was_said(server, config, reply, code, kept) -> None:
    server.replies = [reply(changed(offers=[{**GOOD["offers"][0], "currency": code}]))]
    (offer,) = judge(config).offers
    assert (offer.amount, offer.currency) == (40.0, kept)


@pytest.mark.parametrize(
    ("period", "kept"), [("month", "month"), ("per month", "month"), ("monthly", "month"), ("year", None), ("", None)]
)
def test_a_price_is_for_a_period_that_was_said_of_it(server, config, reply, period, kept) -> None:
    server.replies = [reply(changed(offers=[{**GOOD["offers"][0], "period": period}]))]
    (offer,) = judge(config).offers
    assert offer.period == kept


def test_the_length_of_a_warranty_is_no_period_of_a_price(server, config, reply) -> None:
    talk = Transcript(
        (*TALK.utterances, Utterance(123.0, 127.0, "a spring is ninety dollars with a warranty of five years", "A")),
        27.0,
        start_seconds=100.0,
    )
    spring = {"what": "spring", "amount": 90, "period": "5 years", "quote": cited(5, "ninety dollars")}
    server.replies = [reply(changed(offers=[spring]))]
    (offer,) = judge(config, talk).offers
    assert (offer.amount, offer.period) == (90.0, None)


@pytest.mark.parametrize("title", ["AssessmentAnswer", "Sales discussion", "Hedge trimming"])
def test_a_title_is_about_something_that_was_said(server, config, reply, title) -> None:
    server.replies = [reply(changed(title=title))]
    assessment = judge(config)
    assert assessment.title == "Conversation"
    assert assessment.dropped == 1


@pytest.mark.parametrize("name", ["CUSTOMER", "Customer", "the prospect"])
def test_a_role_is_no_name(server, config, reply, name) -> None:
    server.replies = [reply(changed(prospect_name=name))]
    assessment = judge(config)
    assert assessment.prospect_name is None
    assert assessment.dropped == 1


def test_one_score_without_a_quote_is_not_asked_for_again_and_does_not_count(server, config, reply) -> None:
    server.replies = [reply(changed(objection={"score": 0, "positive": None, "negative": None, "cites": []}))]
    assessment = judge(config)
    assert len(server.requests) == 1
    assert verify(assessment, TALK).assessment.scores["objection"] == NEUTRAL_SCORE


def test_an_answer_inside_the_schema_is_read(server, config, reply) -> None:
    server.replies = [reply({"properties": GOOD, "type": "object", "required": ["title"]})]
    assessment = judge(config, output_mode="json")
    assert assessment.scores["clarity"] == 80
    assert len(server.requests) == 1


def test_quotes_without_a_line_are_looked_up_and_held_to_the_words(server, config, reply) -> None:
    step = {"action": "Visit", "owner": "rep", "when": "Monday", "quote": "come by on monday then"}
    server.replies = [reply(changed(next_steps=[step]))]
    assessment = judge(config)
    assert [(s.quote, s.start_seconds >= 119.0) for s in assessment.next_steps] == [("come by on monday then", True)]


@pytest.mark.parametrize("words", ["the rep comes on monday then", "on monday", ""])
def test_quotes_without_a_line_that_were_not_said_or_are_too_short_are_left_out(server, config, reply, words) -> None:
    step = {"action": "Visit", "owner": "rep", "when": "Monday", "quote": words}
    server.replies = [reply(changed(next_steps=[step]))]
    assessment = judge(config)
    assert assessment.next_steps == ()
    assert assessment.dropped == 1


def test_one_unusable_item_does_not_cost_the_answer_and_is_counted(server, config, reply) -> None:
    bad = {"kind": "concern about money", "quote": cited(2, "it is too expensive")}
    many = [cited(3, "it is forty dollars a month")] * 6
    server.replies = [
        reply(
            changed(
                objections=[bad, *GOOD["objections"]],
                clarity={"score": 80, "positive": None, "negative": None, "cites": many},
            )
        )
    ]
    assessment = judge(config)
    assert [o.kind for o in assessment.objections] == ["price"]
    assert assessment.dropped == 1
    assert len([e for e in assessment.evidence if e.about and e.about.name == "clarity"]) == 4
    assert len(server.requests) == 1


def test_a_missing_pillar_is_asked_for_again(server, config, reply) -> None:
    without = {k: v for k, v in GOOD.items() if k != "close"}
    server.replies = [reply(without), reply(GOOD)]
    assert judge(config).scores["close"] == 75
    assert len(server.requests) == 2
