"""Objections and names that were false of whole visits, and nearly the same ones that are true."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract

PITCH = "rep: The filter takes the chalk out of the water, it's three hundred pounds.\ncus: I see.\n"


@pytest.fixture
def facts(make):
    return lambda text: extract(Conversation(make(text), "rep"))


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("And I'll tell the other one no thank you.", []),
        ("No thank you, we have got one already.", ["need"]),
        ("I like that more than I thought I would.", []),
        ("That's more than I thought.", ["price"]),
        ("That's less than I'm paying now.", []),
        ("We have put six thousand dollars in the bank for this.", []),
        ("If one of them got wet, it would cost me thousands.", []),
    ],
)
def test_what_speaks_for_the_offer_is_no_objection(facts, said, kinds) -> None:
    talk = f"{PITCH * 2}rep: So shall I put it in for you?\ncus: {said}\nrep: I understand.\n"
    assert [o.kind for o in facts(talk).objections] == kinds


@pytest.mark.parametrize(
    ("opening", "name"),
    [
        ("cus: Come in. Mr Ellery's let us in.", None),
        ("cus: Come in. I'm Mr Ellery.", "Mr Ellery"),
        ("cus: Come in.", "Mr Ellery"),
    ],
)
def test_a_name_that_the_customer_says_of_somebody_else_is_not_theirs(facts, opening, name) -> None:
    talk = f"rep: Good morning.\n{opening}\n{PITCH}rep: When did you stop, Mr Ellery?\ncus: When I was seventy.\n"
    assert facts(talk).people.prospect == name
