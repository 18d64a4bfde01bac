"""Which words a text holds, what a query asks for, and where it matches."""

from __future__ import annotations

import pytest

from dayline.search.text import MAX_QUERY_TOKENS, parse_query, tokens_of


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The Warranty", ["the", "warranty"]),
        ("Señor Müller’s don't", ["senor", "mullers", "dont"]),
        ("cafe\u0301", ["cafe"]),
        ("Straße", ["strasse"]),
        ("follow-up, $5,400.", ["follow", "up", "5", "400"]),
        ("保証は10年です", ["保", "証", "は", "10", "年", "で", "す"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("snake_case \N{WARNING SIGN} '' -", ["snake", "case"]),
        ("x" * 80, ["x" * 64]),
        ("", []),
    ],
)
def test_texts_are_divided_into_words(text, tokens):
    assert [token.text for token in tokens_of(text)] == tokens


def test_tokens_stand_where_they_are_written():
    text = "Señor Müller’s 保証"
    assert [text[token.start : token.end] for token in tokens_of(text)] == ["Señor", "Müller’s", "保", "証"]


def matched(query: str, text: str) -> list[str]:
    found = parse_query(query)
    assert found is not None
    return [text[start:end] for start, end in found.matches(text).ranges]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("spring", "Two springs, one spring.", ["springs", "spring"]),
        ("SPRING", "two Springs", ["Springs"]),
        ("on", "once on", ["on"]),
        ('"spring"', "Two springs, one spring.", ["spring"]),
        ("warranty five", "five years of warranty", ["five", "warranty"]),
        ('"five year warranty"', "a five year warranty, year five", ["five year warranty"]),
        ('"five year', "five year, year five", ["five year"]),
        ("follow-up", "follow it up; follow up; follow-up", ["follow up", "follow-up"]),
        ("muller", "Frau Müller", ["Müller"]),
        ("12", "120 or 12", ["12"]),
        ("保証", "証保 保証", ["保証"]),
        ("nothing", "no thing", []),
    ],
)
def test_a_query_matches_words(query, text, expected):
    assert matched(query, text) == expected


def test_a_term_is_asked_for_once_and_long_queries_are_cut():
    query = parse_query("price Price " + " ".join(f"w{n}" for n in range(40)))
    assert query is not None
    assert sum(len(term.tokens) for term in query.terms) == MAX_QUERY_TOKENS - 1


@pytest.mark.parametrize("text", ["", "  ", '""', "?!", "'"])
def test_a_query_without_words_is_none(text):
    assert parse_query(text) is None
