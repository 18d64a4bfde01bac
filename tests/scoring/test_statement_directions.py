"""Directions of statements and scores: what a change of the words must move, and what it must not."""

from __future__ import annotations

import pytest

from dayline.domain.analysis import AnalysisTask
from dayline.domain.quotes import normalise
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.facts.objections import _is_elsewhere
from dayline.scoring.facts.times import times_in
from dayline.scoring.rubric import RubricAnalyst
from dayline.scoring.rubric.components import pillars_of

PITCH = "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"


@pytest.fixture
def facts(make):
    return lambda text: extract(Conversation(make(text), "rep"))


@pytest.fixture
def scores(make):
    def build(text: str) -> dict[str, int]:
        talk = Conversation(make(text), "rep")
        return {name: p.score for name, p in pillars_of(talk, extract(talk)).items()}

    return build


def judged(transcript, playbook: str = ""):
    return RubricAnalyst().analyze(transcript, AnalysisTask("rep", playbook=playbook, language="en"))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("I come back on the second Tuesday in Feb.", ["the second Tuesday in Feb"]),
        ("I'm back through on the nineteenth with the van.", ["the nineteenth"]),
        ("I phone you the first week of May.", ["the first week of May"]),
        ("It hangs on the first floor.", []),
        ("You put it on the second shelf.", []),
        ("We bring it on the ninth, with the van.", ["the ninth"]),
        ("I come Wednesday the twenty-first.", ["Wednesday the twenty-first"]),
        ("I come a week from Monday.", ["a week from Monday"]),
        ("You have it by end of day tomorrow.", ["end of day tomorrow"]),
        ("We finish in about three weeks.", ["in about three weeks"]),
    ],
)
def test_dates_keep_what_tells_them_apart(make, text, written) -> None:
    (sentence,) = Conversation(make(f"rep: {text}"), "rep").sentences
    assert [t.text for t in times_in(sentence)] == written


@pytest.mark.parametrize(
    ("said", "expected"),
    [("That is too much money for us.", ["price"]), ("If the price is right, we would take both of them.", [])],
)
def test_a_condition_of_a_yes_is_no_objection(facts, said, expected) -> None:
    talk = f"rep: And the two windows next to the door?\ncus: {said}\nrep: What did you plan to spend on them?\n"
    assert [o.kind for o in facts(PITCH + talk).objections] == expected


def test_a_condition_of_a_yes_is_never_left_to_the_model(make) -> None:
    talk = Conversation(make("cus: If it fits, we would have the big one.\ncus: It would never fit."), "rep")
    assert [_is_elsewhere(s) for s in talk.sentences] == [True, False]


@pytest.mark.parametrize(("said", "count"), [("that isn't what", 0), ("that is what", 1)])
def test_a_price_that_is_less_than_was_feared_is_no_objection(facts, said, count) -> None:
    talk = (
        f"rep: Sixteen hundred for the device.\ncus: That's to be fair, {said} I was dreading. The last gentleman was "
        "at three thousand one hundred and he had a tie pin.\nrep: I see.\n"
    )
    assert len(facts(PITCH * 20 + talk).objections) == count


@pytest.mark.parametrize(
    ("asked", "count"),
    [("What about the shop in the high street?", 0), ("Two of our fitters would come in and do it.", 1)],
)
def test_what_stands_before_tells_whom_an_objection_of_a_longer_talk_is_about(facts, asked, count) -> None:
    talk = f"rep: {asked}\ncus: I do not trust those people.\nrep: I understand.\n"
    assert len(facts(PITCH * 45 + talk).objections) == count


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("rep: Until then I send both of you the offer.", "Send both of you the offer"),
        ("rep: Then I phone you on Thursday.", "Phone you on Thursday"),
        ("rep: You have the report on Monday.", "See that you have the report on Monday"),
    ],
)
def test_promises_in_the_present_are_steps(facts, line, action) -> None:
    (step,) = facts(f"{PITCH}cus: My brother would have to see that.\n{line}\n").next_steps
    assert (step.owner, step.action) == ("rep", action)


@pytest.mark.parametrize("line", ["cus: See you Thursday.", "rep: Fine, I'll tell the office you are not interested."])
def test_farewells_and_what_is_told_to_others_are_no_steps(facts, line) -> None:
    assert facts(f"{PITCH}{line}\n").next_steps == ()


@pytest.mark.parametrize(
    ("said", "amounts"),
    [
        ("rep: Who buys your twelve pound cheese?\ncus: A few people.", []),
        ("rep: That room costs you about twelve grand a year.\ncus: I know.", []),
        ("rep: For the whole room it's six hundred and ninety.\ncus: Six hundred and ninety, that's a lot.", [690.0]),
        ("rep: The whole room has six hundred and ninety of them in it.\ncus: What is that noise?", []),
        ("cus: And the oil?\nrep: It's gone up, twenty litres is sixty two now.\ncus: Sixty two?", [62.0]),
        ("rep: It's about four hundred dollars a year that the boiler wastes.\ncus: Really?", []),
    ],
)
def test_an_amount_is_an_offer_when_it_is_taken_for_a_price(facts, said, amounts) -> None:
    assert [o.amount.value for o in facts(f"{PITCH}{said}\n").offers] == amounts


@pytest.mark.parametrize(
    ("said", "ended"), [("Okay, put me down.", "order"), ("Okay, put me down if my wife agrees.", "unknown")]
)
def test_an_order_with_a_condition_is_none(facts, said, ended) -> None:
    assert facts(f"{PITCH * 3}rep: Shall I put you down for one?\ncus: {said}\n").outcome.kind == ended


@pytest.mark.parametrize(
    ("asked", "said", "steps"),
    [
        ("And if it breaks?", "I will bring you another one the next morning.", 0),
        ("When do I get another one?", "I will bring you another one tomorrow morning.", 1),
        ("And if Mum says no?", "Then you ring me before Friday.", 0),
    ],
)
def test_what_would_be_done_in_a_case_is_no_step(facts, asked, said, steps) -> None:
    assert len(facts(f"{PITCH * 3}cus: {asked}\nrep: {said}\ncus: Fair enough.\n").next_steps) == steps


@pytest.mark.parametrize(
    ("reply", "steps"), [("No, please don't. I have your card.", 0), ("Please do. I have your card.", 1)]
)
def test_what_the_customer_turns_down_is_no_step(facts, reply, steps) -> None:
    talk = f"{PITCH * 3}rep: I will ring you in August.\ncus: {reply}\nrep: All right.\n"
    assert len(facts(talk).next_steps) == steps


def test_a_day_that_is_only_asked_about_is_not_the_day_that_was_chosen(facts) -> None:
    offered = "rep: Shall we do Thursday at four, or Saturday at eight?\n"
    asked = facts(f"{PITCH * 3}{offered}cus: Saturday at eight? In the morning?\nrep: In the morning.\n")
    told = facts(f"{PITCH * 3}{offered}cus: Saturday at eight is good.\nrep: Good.\n")
    assert asked.next_steps == ()
    assert [s.when for s in told.next_steps] == ["Saturday at 8"]


@pytest.mark.parametrize(
    ("said", "is_order"),
    [
        ("rep: Shall I find out about it and drop you an email?\ncus: Yeah, do that.\nrep: Super, bye.\n", False),
        ("rep: Shall I put you down for one?\ncus: Yeah, do that.\nrep: Super, bye.\n", True),
        ("rep: I could do ten of them on Tuesday.\ncus: I'll have them in by eight.\nrep: Good.\n", False),
        ("rep: Would you like the two of them?\ncus: I'll have them.\nrep: Good.\n", True),
    ],
)
def test_a_consent_to_a_message_or_to_be_ready_is_no_order(facts, said, is_order) -> None:
    assert (facts(f"{PITCH * 3}{said}").outcome.kind == "order") is is_order


@pytest.mark.parametrize("line", ["Explain the maintenance contract.", "Offer a home visit."])
def test_what_can_be_said_in_any_words_is_never_called_missing(make, line) -> None:
    (point,) = judged(make(PITCH * 3), playbook=line).playbook_points
    assert point.covered == "unclear"


def test_a_thing_to_be_named_can_be_missing(make) -> None:
    (point,) = judged(make(PITCH * 3), playbook="Mention the written warranty.").playbook_points
    assert point.covered == "no"


def test_every_sentence_of_feedback_quotes_this_conversation(make) -> None:
    talk = make(PITCH * 3 + "rep: How long have you lived here?\ncus: Ten years.\nrep: Maybe I could show you one?\n")
    words = " ".join(normalise(talk.text))
    for feedback in judged(talk).feedback.values():
        for text in filter(None, (feedback.positive, feedback.negative)):
            quoted = text.split("“")[1].split("”")[0].rstrip("… ")
            assert " ".join(normalise(quoted)) in words


def test_a_talk_that_goes_on_has_more_influence_than_one_broken_off(scores) -> None:
    assert scores(PITCH * 8)["influence"] > scores(PITCH * 2)["influence"]


def test_an_ask_raises_the_close_score(scores) -> None:
    assert (
        scores(f"{PITCH * 3}rep: Shall I put you down for one?\ncus: Hm.\n")["close"]
        > scores(f"{PITCH * 3}rep: It is blue.\ncus: Hm.\n")["close"]
    )


def test_asking_about_an_objection_scores_more_than_passing_over_it(scores) -> None:
    talk = f"{PITCH}rep: It's ninety dollars a month.\ncus: That is too expensive for us.\n"
    asked = scores(f"{talk}rep: I understand. What did you want to spend?\ncus: Fifty.\n")
    passed = scores(f"{talk}rep: I understand. It also comes in blue.\ncus: Fifty.\n")
    assert asked["objection"] > passed["objection"]


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("That is fine. You do not need to sign anything today.", 0),
        ("What would you need to see to feel sure about it?", 0),
        ("Here is my card with the number, I will call you on Sunday evening to confirm, have a good day.", 0),
        ("I can show you one, can we meet there on Monday at 10?", 1),
    ],
)
def test_what_the_customer_need_not_do_and_what_is_told_are_no_requests(facts, said, count) -> None:
    talk = f"rep: One window is about twelve hundred dollars.\ncus: I am not sure.\nrep: {said}\ncus: Good.\n"
    assert len(facts(PITCH + talk).asks.found) == count
