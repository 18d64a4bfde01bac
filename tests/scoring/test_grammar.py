"""Patterns over the words of sentences."""

from __future__ import annotations

import pytest

from dayline.scoring.facts.grammar import any_of, pattern

PATTERNS = (pattern("(?P<head>i|we) will (?P<verb>call|send)"), pattern("^no thanks$"), pattern("<DAY> works"))


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("we will send it", True),
        ("no thanks", True),
        ("so tuesday works", True),
        ("no thanks then", False),
        ("a wee will sends", False),
        ("", False),
    ],
)
def test_any_of_matches_where_one_of_the_patterns_does(text, is_found) -> None:
    assert any(p.search(text) for p in PATTERNS) is is_found
    assert (any_of(PATTERNS).search(text) is not None) is is_found
