"""How times, phrases and word stems are written and compared."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.rubric.keywords import stem
from dayline.scoring.rubric.wording import _lower, clock


@pytest.mark.parametrize(("seconds", "text"), [(0.0, "0:00"), (65.9, "1:05"), (3599.0, "59:59"), (3905.0, "1:05:05")])
def test_a_time_is_written_with_hours_only_where_there_are_some(seconds, text) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("text", "lower"),
    [
        ("The big window", "the big window"),
        ("Mr Hill and I", "Mr Hill and I"),
        ("The plan for Mr", "the plan for Mr"),
        ("UV glass", "UV glass"),
        ("Glass with UV", "glass with UV"),
        (None, ""),
    ],
)
def test_only_a_first_word_that_is_no_name_loses_its_capital(text, lower) -> None:
    assert _lower(text) == lower


@pytest.mark.parametrize(
    ("one", "other"), [("inspections", "inspected"), ("fitting", "fitted"), ("insulation", "insulations")]
)
def test_endings_are_removed_from_the_end(one, other) -> None:
    assert stem(one) == stem(other)
    assert one.startswith(stem(one))


@pytest.mark.parametrize(
    ("before", "is_delay"),
    [("It is nine hundred dollars for the filter.", True), ("The filter sits under your sink.", False)],
)
def test_not_sure_is_a_delay_only_after_a_price_or_a_request(make, before, is_delay) -> None:
    talk = make(
        "rep: Good morning, I am from the water company.\ncus: Good morning.\n"
        f"rep: {before}\ncus: I am not sure.\nrep: I see.\ncus: Yes.\n"
    )
    assert ("delay" in [o.kind for o in extract(Conversation(talk, "rep")).objections]) is is_delay


@pytest.mark.parametrize(
    ("wants", "outcome"), [("Two of those, please.", "unknown"), ("I see, all right.", "follow_up")]
)
def test_talk_as_of_an_order_leaves_a_promise_to_ring_without_an_outcome(make, wants, outcome) -> None:
    talk = make(
        "rep: Good morning, I am from the water company.\ncus: Good morning.\n"
        + "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n" * 3
        + f"rep: It is nine hundred dollars.\ncus: {wants}\nrep: I will ring you on Friday at ten.\ncus: Fine.\n"
    )
    assert extract(Conversation(talk, "rep")).outcome.kind == outcome
