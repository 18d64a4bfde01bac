"""Days of next steps that the next turns move: the time is the one that holds in the end."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract

PITCH = "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"


@pytest.fixture
def steps(make):
    def of(text: str):
        return extract(Conversation(make(PITCH * 3 + text), "rep")).next_steps

    return of


@pytest.mark.parametrize(
    ("reply", "answer", "last", "expected"),
    [
        ("Make it Thursday.", "Thursday it is.", "Good.", ["Thursday"]),
        ("I've the dentist on Tuesday.", "Then Wednesday?", "Wednesday is good.", ["Wednesday"]),
        ("Tuesday we have the auditors in.", "Friday, then.", "Right.", ["Friday"]),
        ("Could you do the Monday?", "Monday is fine.", "Good.", ["Monday"]),
        ("Thursday would suit us better.", "No problem.", "Good.", ["Thursday"]),
        ("Tuesday is fine.", "Tuesday it is.", "Good.", ["Tuesday"]),
        ("Good. Could you ring my brother on Thursday too?", "I could.", "Good.", ["Tuesday"]),
        ("Yes. I'm at home on Tuesday.", "See you then. Friday is my day off.", "Ha.", ["Tuesday"]),
    ],
)
def test_the_day_of_a_visit_is_the_one_that_holds(steps, reply, answer, last, expected) -> None:
    found = steps(f"rep: I'll come back on Tuesday.\ncus: {reply}\nrep: {answer}\ncus: {last}\n")
    assert [s.when for s in found if s.owner == "rep"][:1] == expected


def test_a_proposal_that_is_turned_down_as_well_leaves_no_day(steps) -> None:
    talk = (
        "rep: I'll come back on Tuesday.\ncus: I've the dentist on Tuesday.\nrep: Then Wednesday?\ncus: No, leave it.\n"
    )
    assert not [s for s in steps(talk) if s.when]


def test_a_moved_day_is_shown_by_the_words_that_name_it(steps) -> None:
    (step,) = steps("rep: I'll bring it on Friday.\ncus: I've the market on Friday.\nrep: Monday, then.\ncus: Yes.\n")
    assert step.when == "Monday"
    assert "Monday" in step.quote.text
    assert "Friday" not in step.action


def test_what_is_due_by_a_day_is_not_moved_by_another_one(steps) -> None:
    talk = "rep: I'll send you the figures by Tuesday.\ncus: And what about Thursday?\nrep: Thursday we're shut.\n"
    assert [s.when for s in steps(talk)] == ["Tuesday"]


@pytest.mark.parametrize(
    ("rep", "reply", "answer", "expected"),
    [
        ("I'll send the form in on Wednesday.", "Is it not the Friday they open?", "Friday, you're right.", []),
        (
            "I'll send the form in on Wednesday.",
            "Is it not the Friday they open?",
            "No, it's the Wednesday.",
            ["Wednesday"],
        ),
        ("I'm sending the fitter on Monday.", "Monday's the fair, nobody can park. Tuesday.", "Right.", ["Tuesday"]),
        ("I'm sending the fitter on Monday.", "Monday's good. Tuesday I'm away.", "Right.", ["Monday"]),
        ("I'll be out to you on the eighteenth.", "We're away. The twenty-fifth?", "Twenty-fifth.", []),
        ("I'll send the form in next week.", "Not the week of the fair!", "All right.", []),
        ("I'll send the form in next week.", "Good, not a week too soon.", "All right.", ["next week"]),
    ],
)
def test_a_day_in_whose_place_another_one_is_named_is_not_stated(steps, rep, reply, answer, expected) -> None:
    found = steps(f"rep: {rep}\ncus: {reply}\nrep: {answer}\n")
    assert [s.when for s in found if s.owner == "rep"] == expected


def test_a_third_voice_may_make_it_another_day(steps) -> None:
    talk = "rep: I'll come back on Tuesday.\ncus: Tuesday is fine.\nrep: Good.\ncus: No, wait, make it the Wednesday.\n"
    assert [s.when for s in steps(talk)] in ([], ["Wednesday"])


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("Don't. I would only have to print it.", False),
        ("Don't bother with the data sheet, we have one.", False),
        ("Don't bother with the biscuits this time.", True),
        ("Do. I will print it.", True),
    ],
)
def test_what_the_customer_does_not_want_is_no_step(steps, reply, kept) -> None:
    found = steps(f"rep: I'll email you the data sheet tonight.\ncus: {reply}\nrep: Right.\n")
    assert bool([s for s in found if "data sheet" in s.action]) is kept


@pytest.mark.parametrize(
    ("talk", "day"),
    [
        ("rep: Can I come back on Sunday?\ncus: Sunday suits me.\nrep: Sunday it is.\n", "Sunday"),
        (
            "rep: Can I come back next week?\ncus: I'll pay it when I do the till on Sunday.\nrep: Sunday's fine.\n",
            None,
        ),
        ("rep: So when's Des back from his holiday?\ncus: The Tuesday after.\nrep: Right.\n", None),
        ("rep: So you two sit down with it once he's home?\ncus: That Saturday, after work.\nrep: Right.\n", None),
        ("rep: I'll write you a quote by Wednesday.\ncus: Wednesday's good.\nrep: Right.\n", None),
        (
            "rep: Could you get me a photo of it?\ncus: Tomorrow. I'll get the ladder back and send it.\nrep: Yes.\n",
            None,
        ),
        ("rep: Could I come and measure it?\ncus: Tuesday. I'll be at home all day.\nrep: Thanks.\n", "Tuesday"),
    ],
)
def test_a_day_that_was_named_for_something_else_is_no_appointment(steps, talk, day) -> None:
    days = [s.when for s in steps(talk) if s.action.startswith(("Appointment", "Come back"))]
    assert days == ([] if day is None else [day])


def test_the_day_of_the_week_that_a_date_falls_on_does_not_replace_the_date(steps) -> None:
    (step,) = steps("rep: I'll come back on the third of February, that's a Tuesday.\ncus: That's fine.\n")
    assert step.when is not None
    assert "third" in step.when


@pytest.mark.parametrize(("reply", "kept"), [("Thursday I've the choir.", False), ("Thursday I'm at home.", True)])
def test_a_day_on_which_the_customer_is_elsewhere_is_not_stated(steps, reply, kept) -> None:
    found = steps(f"rep: I'll drop the chart in to you on Thursday.\ncus: {reply}\nrep: Right so.\n")
    assert bool([s for s in found if s.when]) is kept


def test_an_hour_whose_day_was_not_heard_is_not_stated(steps) -> None:
    found = steps("rep: I'll be back here on the at night, eleven o'clock.\ncus: That's fine.\n")
    assert not [s for s in found if s.when]


@pytest.mark.parametrize("before", ["So Monday, then.", "Monday it is.", "Right, the Monday morning."])
def test_an_hour_goes_with_the_day_that_was_named_just_before(steps, before) -> None:
    step = steps(f"rep: {before} I'll be back here at half past four.\ncus: That's fine.\n")[-1]
    assert step.when is not None
    assert step.when.startswith(("Monday", "the Monday"))
    assert step.when.endswith("4:30")
    assert "half past four" in step.quote.text
