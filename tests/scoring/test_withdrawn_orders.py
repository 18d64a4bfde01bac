"""Orders that are taken back later in a visit, and orders that stand: the end of the talk decides."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract

PITCH = "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"
ORDER = "rep: Shall I put you down for the filter at four hundred?\ncus: Yes, let's do it. Put me down for one.\n"
CALLED = "rep: Lovely, I will write it up.\ncus: That is the phone. Hello? No, he is here now.\nrep: All good?\n"


@pytest.fixture
def outcome(make):
    return lambda text: extract(Conversation(make(text), "rep")).outcome


@pytest.mark.parametrize(
    "line",
    [
        "I'm sorry, I think I just want to leave it. Not until we have the letter.",
        "He says not to sign anything till we know.",
        "Can we let you know at the weekend? I want to look at the budget with her.",
        "We've changed our minds, sorry.",
        "Cancel it, please.",
        "I'd better sleep on it.",
        "I think we'd better hold fire.",
        "We wouldn't be needing it, then.",
        "No, you let somebody else have it.",
    ],
)
def test_an_order_that_is_taken_back_is_no_sale(outcome, line) -> None:
    told = outcome(f"{PITCH * 3}{ORDER}{CALLED}cus: {line}\nrep: No, I get that.\ncus: Bye, then.\n")
    assert told.kind != "order"


@pytest.mark.parametrize(
    "line",
    [
        "I'm sorry about that. Just leave it on the step.",
        "Where do I sign it?",
        "Can we let you know about the color?",
        "My sister has changed her mind about hers.",
        "What if I change my mind?",
        "If we have changed our minds by Friday, what then?",
    ],
)
def test_an_order_about_which_something_is_asked_stands(outcome, line) -> None:
    told = outcome(f"{PITCH * 3}{ORDER}{CALLED}cus: {line}\nrep: That is fine.\ncus: Bye, then.\n")
    assert told.kind == "order"
    assert told.quote is not None


def test_an_order_given_again_after_it_was_taken_back_stands(outcome) -> None:
    told = outcome(f"{PITCH * 3}{ORDER}{CALLED}cus: I just want to leave it, sorry.\nrep: I see.\n{ORDER}")
    assert told.kind == "order"


def test_a_call_agreed_after_an_order_was_taken_back_is_a_follow_up(outcome) -> None:
    back = "cus: I just want to leave it, sorry.\nrep: I see. I'll call you on Friday.\ncus: Yes, all right.\n"
    told = outcome(f"{PITCH * 3}{ORDER}{CALLED}{back}")
    assert told.kind == "follow_up"
    assert "Friday" in told.quote.text


@pytest.mark.parametrize(
    ("said", "is_follow_up"),
    [
        ("rep: Sign there, and there.\ncus: There.\n", False),
        ("cus: Keith, I've bought some cards.\nson: Have you?\n", False),
        ("rep: It is the one up there.\ncus: There.\n", True),
        ("cus: Keith, I've seen some cards.\nson: Have you?\n", True),
    ],
)
def test_a_step_after_a_purchase_is_no_sign_that_it_was_left_open(outcome, said, is_follow_up) -> None:
    talk = "rep: I'll call you on Monday with the price, and you can think about it.\ncus: I need to think about it.\n"
    assert (outcome(f"{PITCH * 3}{talk}{said}").kind == "follow_up") is is_follow_up
