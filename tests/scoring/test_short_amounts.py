"""Amounts in short form: read where the other amounts of the talk say what they mean, and left alone where not."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract

PITCH = "rep: The set takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"


@pytest.fixture
def prices(make):
    def read(talk: str) -> list[float]:
        return [o.amount.value for o in extract(Conversation(make(talk), "rep")).offers]

    return read


@pytest.mark.parametrize(
    ("others", "line", "amount"),
    [
        ("We had two thousand dollars in mind.", "For the whole set it's twenty-eight fifty, installed.", 2850.0),
        ("We had three hundred dollars in mind.", "For the whole set it's two eighty-nine, installed.", 289.0),
        ("We pay forty pounds a month now.", "For the set it's thirty-nine ninety-five a month, installed.", 39.95),
        ("We had fifteen thousand dollars in mind.", "For the whole set it's thirteen four, installed.", 13400.0),
        ("That is a lot.", "For the whole set it's two thousand one forty, installed.", 2140.0),
        ("We had three thousand dollars in mind.", "For the whole set it's two six four zero, installed.", 2640.0),
        ("That is a lot.", "For the whole set it's seven and a half grand, installed.", 7500.0),
    ],
)
def test_an_amount_in_short_form_is_read_as_the_other_amounts_say(prices, others, line, amount) -> None:
    assert prices(f"{PITCH * 2}cus: {others} How much is it?\nrep: {line}\ncus: That is good.\n") == [amount]


@pytest.mark.parametrize(
    ("others", "line"),
    [
        ("I see.", "For the whole set it's three nine, installed."),
        ("We had three hundred dollars in mind.", "I count them, one two three, all there."),
        ("We had three hundred dollars in mind.", "There are three nine of them in the set."),
        ("We were married in nineteen ninety five.", "My father began in nineteen ninety-five, with one van."),
        ("We sell boxes at two eighty-five each.", "For the plain ones it's one ninety."),
        ("We had twelve hundred in mind and twenty acres.", "It's eighteen fifty a probe, installed."),
        ("We had three thousand dollars in mind. Is it four percent?", "It's two nine on the card."),
        ("I see.", "You can't ring anybody until, what, 2030."),
    ],
)
def test_a_short_form_that_may_mean_something_else_is_no_price(prices, others, line) -> None:
    assert prices(f"{PITCH * 2}cus: {others} How much is it?\nrep: {line}\ncus: I see.\n") == []


def test_a_bare_number_beside_hundreds_of_its_size_is_no_price(prices) -> None:
    start = f"{PITCH * 2}cus: How much is it?\n"
    line = "A new one is {} hundred, or I can get it down to eighty-four apiece."
    assert prices(f"{start}rep: {line.format('ninety-two')}\ncus: That is good.\n") == [9200.0]
    assert prices(f"{start}rep: {line.format('six')}\ncus: That is good.\n") == [600.0, 84.0]
    dearer = "The bars and the reader are thirty-nine hundred. With the wand it's fifty-two, installed."
    assert prices(f"{start}rep: {dearer}\ncus: That is good.\n") == [3900.0]


def test_the_number_that_names_a_thing_is_no_price(prices) -> None:
    start = f"{PITCH * 2}cus: We had four hundred pounds in mind. How much is it?\n"
    assert prices(f"{start}rep: The two eighty-five, that's the big one, it's three thousand pounds.\n") == [3000.0]
    assert prices(f"{start}rep: The big one is two hundred and eighty-five pounds.\n") == [285.0]


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("For your own ones it's three pounds fifty each, with the oil.", [3.5]),
        ("For the big set you're at eight hundred and eighty, installed.", [880.0]),
        ("The cards are ninety five pence each to you.", [0.95]),
        ("The set is fifteen forty, and that's what you paid last time.", []),
        ("It's three hundred a month he's just throwing away.", []),
        ("It's three hundred a month with the salt.", [300.0]),
    ],
)
def test_small_change_pence_and_totals_are_read_whole(prices, line, amounts) -> None:
    assert prices(f"{PITCH * 2}cus: How much is it?\nrep: {line}\ncus: That is good.\n") == amounts


def test_two_short_forms_of_a_sentence_are_of_one_size(prices) -> None:
    talk = "cus: We pay forty-seven pounds a week. How much is it?\nrep: {}\ncus: That is good.\n"
    assert prices(PITCH * 2 + talk.format("The dinner's four ninety-five, the pudding's one eighty.")) == []
    assert prices(PITCH * 2 + talk.format("The whole set is one eighty, installed.")) == [180.0]


@pytest.mark.parametrize(
    ("others", "said", "amounts"),
    [
        ("We pay £47.25 a week.", "3375", []),  # thirty-three seventy-five
        ("We had four thousand pounds in mind.", "3375", [3375.0]),
        ("We had four thousand pounds in mind, and pay £47.25 a week.", "3375", []),
        ("We pay £47.25 a week.", "3,375", [3375.0]),
        ("I see.", "1144", []),
        ("I see.", "1450", [1450.0]),
    ],
)
def test_four_digits_without_a_comma_are_read_by_the_other_amounts(prices, others, said, amounts) -> None:
    talk = f"{PITCH * 2}cus: {others} How much is it?\nrep: For the whole set it's {said}, installed.\ncus: Good.\n"
    assert prices(talk) == amounts
