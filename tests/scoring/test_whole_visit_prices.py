"""Prices, objections, requests and outcomes that were false of whole visits, and nearly the same ones that are true."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.facts.objection_kinds import asks_fact

PITCH = "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"


@pytest.fixture
def facts(make):
    return lambda text: extract(Conversation(make(text), "rep"))


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("For the filter it's three hundred pounds with the first year's service.", [300.0]),
        ("They reckon it's three hundred pounds a case with the lost milk.", []),
        ("If you look at it per glass, it's nineteen pounds a year.", []),
    ],
)
def test_what_others_reckon_and_a_price_per_use_are_no_offers(facts, line, amounts) -> None:
    assert [o.amount.value for o in facts(f"{PITCH * 2}cus: How much is it?\nrep: {line}\n").offers] == amounts


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("You pay one thousand dollars now and the rest when the work is done.", []),
        ("The door is nine thousand dollars. You pay one thousand dollars now and the rest later.", [9000.0]),
        ("The door is one thousand dollars with the work.", [1000.0]),
    ],
)
def test_what_is_paid_at_once_is_no_price(facts, line, amounts) -> None:
    assert [o.amount.value for o in facts(f"{PITCH * 2}cus: How much is it?\nrep: {line}\n").offers] == amounts


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        (
            "The door is three thousand four hundred dollars and the two windows are two thousand dollars.",
            [("The door", 3400.0), ("the two windows", 2000.0)],
        ),
        ("The door is three thousand four hundred dollars and you save two thousand dollars.", [("The door", 3400.0)]),
    ],
)
def test_two_items_have_their_own_prices(facts, line, offers) -> None:
    talk = f"{PITCH * 2}cus: How much is it?\nrep: {line}\ncus: That is good.\n"
    assert [(o.what, o.amount.value) for o in facts(talk).offers] == offers


@pytest.mark.parametrize(
    ("said", "asks"),
    [("And training, is that extra?", True), ("Is that not too much?", False), ("How do I know it works?", False)],
)
def test_a_question_for_a_fact_is_told_from_a_doubt(make, said, asks) -> None:
    (sentence,) = Conversation(make(f"cus: {said}"), "rep").sentences
    assert asks_fact(sentence) is asks


@pytest.mark.parametrize(
    ("first", "kinds"), [("The garden is all slabs.", []), ("It is ninety pounds a month.", ["price"])]
)
def test_too_much_is_a_price_only_where_money_was_spoken_of(facts, first, kinds) -> None:
    talk = f"rep: The slabs are easy to sweep.\ncus: I see.\nrep: {first}\ncus: That is too much for me.\nrep: I see.\n"
    assert [o.kind for o in facts(talk).objections] == kinds


@pytest.mark.parametrize(
    ("end", "outcomes"),
    [
        (
            "rep: Shall I ring you on Friday?\ncus: Friday is fine, I'd want to talk to my wife first.\n",
            {"appointment"},
        ),
        (
            "rep: Half past eight on Friday?\ncus: Friday. Lock the dog in before you come with the digger.\n",
            {"unknown", "order"},
        ),
    ],
)
def test_a_day_for_the_work_may_follow_an_order(facts, end, outcomes) -> None:
    talk = f"{PITCH * 3}rep: The two together are eight hundred pounds.\ncus: All right.\n{end}"
    assert facts(talk).outcome.kind in outcomes


@pytest.mark.parametrize(
    ("said", "is_order"),
    [
        ("rep: The postcard has the prices.\ncus: No, I'll take the postcard.", False),
        ("rep: Would you like the big one?\ncus: Yes, I'll take the big one.", True),
        ("rep: You'd have to check with the council.\ncus: Right, I'll do that first then.", False),
        ("rep: I'll leave you a bottle, let your staff taste it.\ncus: Okay, do that.", False),
        ("rep: So shall we do it?\ncus: Okay, do that.", True),
    ],
)
def test_consent_to_less_than_an_order_is_none(facts, said, is_order) -> None:
    assert (facts(f"{PITCH * 4}{said}\nrep: Good.\n").outcome.kind == "order") is is_order


@pytest.mark.parametrize(
    ("line", "asks"), [("Is it okay if I call you Anders?", 0), ("Is it okay if I call you Monday?", 1)]
)
def test_how_to_call_somebody_is_no_request(facts, line, asks) -> None:
    assert len(facts(f"{PITCH * 3}rep: {line}\ncus: Most people do.\n").asks.found) == asks


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("Sixty children is five hundred pounds.", [500.0]),
        ("If it's sixty, five hundred, if it's a hundred, six hundred.", []),
        ("So it's a hundred and eighty pounds I can take off you.", []),
    ],
)
def test_two_numbers_and_a_discount_are_no_price(facts, line, amounts) -> None:
    found = facts(f"{PITCH}cus: How much is it?\nrep: {line}\n").offers
    assert [o.amount.value for o in found] == amounts


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("For the weekend it's thirteen hundred pounds with the generator.", [1300.0]),
        ("For the weekend it's thirteen hundred wren pounds with the generator.", []),
        ("For the weekend it's a hundred and sixty, with the generator.", [160.0]),
        ("For the weekend it's hundred and sixty, with the generator.", []),
    ],
)
def test_a_number_that_may_have_lost_a_word_is_no_price(facts, line, amounts) -> None:
    found = facts(f"{PITCH * 2}cus: How much is it?\nrep: {line}\n").offers
    assert [o.amount.value for o in found] == amounts


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("It's for any house built before two thousand and eight.", []),
        ("It's two thousand and eight pounds, installed.", [2008.0]),
        ("It's two thousand and eighty, installed.", [2080.0]),
        ("It's one million two for the large one, the small one is eight hundred and eighty.", []),
        ("It's nine hundred and twenty for the large one, the small one is eight hundred and eighty.", [920.0, 880.0]),
        ("It's between three hundred and four hundred and fifty pounds.", []),
        ("It's five hundred and fifty pounds for the eighty.", [550.0]),
        ("It's two hundred a lot minimum.", []),
        ("It's four hundred and sixty thousand for all. Without the gate it's two hundred and ninety.", [460000.0]),
        ("It's four thousand for all. Without the gate it's two thousand ninety.", [4000.0, 2090.0]),
        ("It's four thousand pounds for the small one, and the big one is twenty-two.", [4000.0]),
        ("The tax credit would be eight hundred and eighty dollars.", []),
        ("The whole set would be eight hundred and eighty dollars.", [880.0]),
    ],
)
def test_years_counts_and_what_others_pay_are_no_prices(facts, line, amounts) -> None:
    talk = f"{PITCH * 2}cus: How much is it?\nrep: {line}\ncus: That is good.\n"
    assert [o.amount.value for o in facts(talk).offers] == amounts


def test_a_number_that_is_said_digit_by_digit_keeps_equal_digits(make) -> None:
    (sentence,) = Conversation(make("rep: It is six nine nine five.\n"), "rep").sentences
    assert sentence.text == "it is six nine nine five"


def test_an_interjection_says_nothing_of_the_size_of_prices(facts) -> None:
    talk = f"{PITCH * 2}cus: Grand. What's that come to?\nrep: Sixteen twenty.\ncus: Hm.\n"
    assert not facts(talk).offers
