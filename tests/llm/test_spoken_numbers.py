from __future__ import annotations

import pytest

from dayline.domain.spoken_numbers import numbers_in


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("four hundred and eighty dollars", 480),
        ("it is $1,200.50 a month", 1200.5),
        ("two thousand one hundred", 2100),
        ("one seventy one a month", 171),
        ("thirty one nine", 31900),
        ("seventy one", 71),
        ("half past seven", 7),
        ("twelve hundred", 1200),
        ("two grand", 2000),
    ],
)
def test_a_reading_of_the_number_is_found(text, value) -> None:
    assert value in numbers_in(text)


@pytest.mark.parametrize(("text", "value"), [("forty dollars", 45), ("no number here", 0), ("seventy one", 17)])
def test_other_values_are_not(text, value) -> None:
    assert value not in numbers_in(text)
