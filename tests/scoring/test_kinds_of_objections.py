"""A kind of objection is stated where it is clear; an objection whose kind is not clear is one all the same."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.facts.objections import Objection

THIRD_VISIT = """
    rep: I see. How big does the new door have to be?
    cus: At least three feet, I think, and it must be easy to open with one hand.
    rep: Good to know, and what about the two windows next to the door?
    cus: They are all due, if the price is right, we would change them at the same time.
    rep: The door is $3,400, and the two windows are $2,000, so you would stay under your $6,000.
    cus: That is good, but another company was cheaper. They offered me the door for $3,000.
    rep: That is a fair question. Does their price include the work, and will they take the old door away?
    cus: No, I believe that was only for the door.
"""


@pytest.fixture
def objection(make):
    def found(lines: str) -> tuple[Objection, ...]:
        return extract(
            Conversation(make(f"rep: The door is $3,400 with the work.\n{lines}\nrep: I see."), "rep")
        ).objections

    return found


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("That is too expensive for us.", "price"),
        ("We are very happy with our current supplier.", "competition"),
        ("We only just bought one.", "other"),
    ],
)
def test_kind_is_stated_only_where_it_is_clear(objection, said, kind) -> None:
    assert [(o.quote.text, o.kind) for o in objection(f"cus: {said}")] == [(said, kind)]


def test_the_only_objection_of_the_third_visit_is_the_other_company(make) -> None:
    (found,) = extract(Conversation(make(THIRD_VISIT), "rep")).objections
    assert found.kind in {"competition", "price"}
    assert found.quote.text in {
        "That is good, but another company was cheaper.",
        "They offered me the door for $3,000.",
    }


@pytest.mark.parametrize("is_for", [True, False])
def test_a_price_that_would_be_right_is_no_objection(objection, is_for) -> None:
    said = "If the price is right, we would change them at the same time." if is_for else "That is a lot of money."
    assert bool(objection(f"cus: {said}")) is not is_for
