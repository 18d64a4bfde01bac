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
        ("That's more like my money.", []),
        ("My husband has to decide, I do the rest.", ["authority"]),
        ("Good. I was afraid you'd say a year.", []),
        ("I'm the owner. My husband has to decide about the trucks, I do the rest.", []),
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


@pytest.mark.parametrize(
    ("talk", "name"),
    [
        ("cus: My supplier's name is Pete.\n", None),
        ("cus: The fellow's name is Pete, he brings it himself.\n", None),
        ("cus: The boss name is Pete.\n", None),
        ("cus: My name is Pete.\n", "Pete"),
        ("rep: Hello, is it Mrs Halloren?\ncus: Halloran.\n", "Mrs Halloran"),
        ("rep: Hello, is it Mr Bexton?\ncus: Becton.\n", "Mr Becton"),
        ("rep: Hello, is it Ms Ackerman?\ncus: Ackermann.\n", "Ms Ackermann"),
        ("rep: Hello, is it Mrs Halloren?\ncus: Speaking.\n", "Mrs Halloren"),
        ("rep: Hello, is it Mrs Halloren?\ncus: Upstairs.\n", "Mrs Halloren"),
        ("rep: A mason in Dudley has one, he likes it. Mr Brophy.\ncus: Right.\n", None),
        ("rep: A mason in Dudley has one. So thank you, Mr Brophy.\ncus: Right.\n", "Mr Brophy"),
        ("rep: Thank you, Mr Brophy.\ncus: I know Mr Brophy, that is the mason.\n", None),
    ],
)
def test_a_name_is_the_customers_own_and_as_they_say_it(facts, talk, name) -> None:
    assert facts(f"cus: Come in, then.\n{talk}{PITCH}rep: And thank you.\ncus: Right.\n").people.prospect == name


@pytest.mark.parametrize(
    ("opening", "greeting", "name"),
    [
        ("Darlene, Prairie Bin Watch.", "Hi, Darlene. We met before.", None),
        ("Skip Mallory, Golden Kettle Foods.", "Hello, Skip.", None),
        ("Hello there. Moira, Northern Roof Care.", "Hi, Moira.", None),
        ("Good morning, come about the roof.", "Hi, Darlene. We met before.", "Darlene"),
    ],
)
def test_the_name_before_that_of_the_firm_is_the_reps(facts, opening, greeting, name) -> None:
    talk = f"rep: {opening}\ncus: Come in out of the wind.\n{PITCH}ann: Oh, hello.\nrep: {greeting}\nann: Hello.\n"
    assert facts(talk).people.prospect == name
