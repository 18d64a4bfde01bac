"""Words are divided into the longest pieces of the vocabulary."""

from __future__ import annotations

from dayline.scoring.facts import word_pieces
from dayline.scoring.facts.word_pieces import UNKNOWN, WordPieces

VOCABULARY = [UNKNOWN, "dog", "do", "##g", "##s", "$", "5", "##0", "'", "s", ","]


def _pieces(word: str) -> list[str]:
    return [VOCABULARY[number] for number in WordPieces(VOCABULARY).of(word)]


def test_the_longest_piece_comes_first() -> None:
    assert _pieces("dog") == ["dog"]
    assert _pieces("dogs") == ["dog", "##s"]


def test_case_accents_and_curly_apostrophes_do_not_count() -> None:
    assert _pieces("DÓG’s") == _pieces("dog's") == ["dog", "'", "s"]


def test_punctuation_stands_alone_and_figures_are_divided() -> None:
    assert _pieces("$50,") == ["$", "5", "##0", ","]


def test_a_service_that_runs_for_months_forgets_words(monkeypatch) -> None:
    monkeypatch.setattr(word_pieces, "_MOST_KNOWN", 3)
    pieces = WordPieces(VOCABULARY)
    found = [pieces.of(word) for word in ("dog", "dogs", "do", "s", "dog")]
    assert found[0] == found[-1]
    assert len(pieces._known) <= 3


def test_a_word_with_an_unknown_part_is_unknown_there_alone() -> None:
    assert _pieces("dog-cat") == ["dog", UNKNOWN, UNKNOWN]
    assert WordPieces(VOCABULARY).of("") == ()
