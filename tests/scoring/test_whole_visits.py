"""Next steps, names and playbook points that were false of whole visits, and nearly the same ones that are true."""

from __future__ import annotations

import pytest

from dayline.domain.analysis import AnalysisTask
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.facts.times import times_in
from dayline.scoring.rubric import RubricAnalyst

PITCH = "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"


@pytest.fixture
def facts(make):
    return lambda text: extract(Conversation(make(text), "rep"))


def actions(facts) -> list[str]:
    return [step.action for step in facts.next_steps]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cus: I wrote nine emails, and they go, we'll pass that on to the owner.", []),
        ("cus: We'll pass that on to the owner.", ["Pass that on to the owner"]),
        ("cus: Tell them I'll ring on Friday.", []),
        ("cus: I'll ring on Friday, I promise.", ["Ring on Friday, I promise"]),
        ("cus: I'll tell her it was half of that.", []),
        ("rep: I'll tell the fitter about the step tomorrow.", ["Tell the fitter about the step tomorrow"]),
    ],
)
def test_words_of_others_and_for_others_are_no_steps(facts, line, expected) -> None:
    assert actions(facts(f"{PITCH * 3}{line}\nrep: All right, good.\n")) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rep: I've pieces in the van, I'll bring three of them.", []),
        ("rep: I'll bring three of them.", ["Bring three of them"]),
        ("rep: I'm going to bring your head up, tell me when it's enough.", []),
        ("cus: I'll give you a plate of soup.", []),
        ("rep: I'll give you a call.", ["Give you a call"]),
    ],
)
def test_what_is_done_at_once_or_as_a_favour_is_no_step(facts, line, expected) -> None:
    assert (
        actions(facts(f"{PITCH * 3}{line}\nrep: Good.\n" if line[:3] == "cus" else f"{PITCH * 3}{line}\n")) == expected
    )


def test_a_customer_who_answers_the_family_promises_the_rep_nothing(facts) -> None:
    family = "son: Who drives me?\ncus: I'll ring the school on Friday.\nson: You never do.\n"
    assert facts(f"{PITCH * 3}{family}").next_steps == ()
    assert (
        len(facts(f"{PITCH * 3}rep: Who could tell us?\ncus: I'll ring the school on Friday.\nrep: Good.\n").next_steps)
        == 1
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("If it's under a grand I'll bring the boy on Friday.", 0),
        ("If that's all right I'll bring the boy on Friday.", 1),
    ],
)
def test_a_condition_is_told_from_a_courtesy(facts, said, expected) -> None:
    assert len(facts(f"{PITCH * 3}cus: {said}\nrep: Good.\n").next_steps) == expected


def test_what_a_step_is_for_is_no_second_step(facts) -> None:
    purpose = facts(f"{PITCH * 3}rep: I'll send it to you by Friday so you have it in your hand on Sunday.\n")
    promise = facts(f"{PITCH * 3}rep: So you have it in your hand on Sunday.\n")
    assert [s.when for s in purpose.next_steps] == ["Friday"]
    assert [s.when for s in promise.next_steps] == ["Sunday"]


def test_a_place_after_going_to_is_no_action(facts) -> None:
    assert facts(f"{PITCH * 3}rep: I'm going to Brecon Friday, so I'd combine it.\n").next_steps == ()
    assert actions(facts(f"{PITCH * 3}rep: I'm going to reline it Friday.\n")) == ["Reline it Friday"]


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("I'll bring one Friday by eleven.", ["Friday at 11"]),
        ("Ring me at one Friday.", ["Friday at 1"]),
        ("So twenty four on Friday?", ["Friday"]),
        ("So four on Friday?", ["Friday at 4"]),
        ("Would you let me send two tomorrow?", ["tomorrow"]),
        ("Two tomorrow, then.", ["tomorrow at 2"]),
    ],
)
def test_a_number_of_things_before_a_day_is_no_hour(make, line, times) -> None:
    (sentence,) = Conversation(make(f"rep: {line}"), "rep").sentences
    assert [t.text for t in times_in(sentence)] == times


@pytest.mark.parametrize(
    ("asked", "named", "back", "when"),
    [
        (
            "When is it quiet for you, Tuesday morning?",
            "Tuesday I am away. Wednesday, ten-ish.",
            "Wednesday at ten.",
            ["Wednesday at 10"],
        ),
        ("When is it quiet for you, Tuesday morning?", "Tuesday I am away. Wednesday?", "Wednesday is full.", []),
        ("When did it break?", "Wednesday.", "Wednesday at ten.", []),
    ],
)
def test_a_day_said_back_is_an_appointment_where_one_was_asked_for(facts, asked, named, back, when) -> None:
    talk = facts(f"{PITCH * 3}rep: {asked}\ncus: {named}\nrep: {back}\n")
    assert [s.when for s in talk.next_steps if s.is_appointment] == when


@pytest.mark.parametrize(
    ("talk", "prospect"),
    [
        ("cus: Biscuit, get down. He's a mess.\nrep: Bye, Biscuit!", None),
        ("cus: He's a mess.\nrep: Bye, Jade!", "Jade"),
        ("cus: There was a woman, and she's cheaper.\nrep: Oh, is that Leanne? She's lovely.", None),
        ("cus: This is Bex, from the colour people.\nrep: Hello.", None),
    ],
)
def test_a_name_that_the_customer_calls_or_presents_is_not_the_customers(facts, talk, prospect) -> None:
    assert facts(f"{PITCH * 2}{talk}\n").people.prospect == prospect


@pytest.mark.parametrize(
    ("line", "covered"), [("Mention the waste figure.", "unclear"), ("Mention the repair patch.", "no")]
)
def test_information_can_be_told_without_its_name(make, line, covered) -> None:
    task = AnalysisTask("rep", playbook=line, language="en")
    (point,) = RubricAnalyst().analyze(make(PITCH * 3), task).playbook_points
    assert point.covered == covered


@pytest.mark.parametrize(
    ("asked", "reply", "steps"),
    [
        ("Would Saturday suit you?", "It is one of those days.", 0),
        ("Would Saturday suit you?", "Saturday it is.", 1),
        ("Shall we say half now and half in August?", "Yes, that is fine.", 0),
        ("Shall I call you in August?", "Yes, that is fine.", 1),
        ("Could I do a free test on Saturday?", "Saturday we're at my daughter's.", 0),
        ("Could I do a free test on Saturday?", "Saturday we're at home.", 1),
        ("Shall I keep the place for you until Friday?", "Yes, please.", 0),
        ("Shall I come to see the place on Friday?", "Yes, please.", 1),
    ],
)
def test_an_answer_that_is_no_consent_fixes_no_day(facts, asked, reply, steps) -> None:
    assert len(facts(f"{PITCH * 3}rep: {asked}\ncus: {reply}\nrep: Good.\n").next_steps) == steps


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        ("I'd like a letter, so we can ask the grid about it.", 0),
        ("We can ask the grid about it.", 1),
        ("I'll call it two days.", 0),
        ("I'll call you in two days.", 1),
        ("In a week you ask for any file.", 0),
        ("On Friday you ask for the file.", 1),
    ],
)
def test_a_purpose_a_price_and_a_prospect_are_no_steps(facts, line, steps) -> None:
    assert len(facts(f"{PITCH * 3}rep: {line}\ncus: I see.\n").next_steps) == steps
