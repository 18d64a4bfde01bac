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
