"""A word is the sum of its pieces over the root of their number, and the mark that it ends with."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from dayline.scoring.facts import word_vectors
from dayline.scoring.facts.word_pieces import UNKNOWN
from dayline.scoring.facts.word_vectors import MARKS, MOST_PIECES, WordVectors

PIECES = ["[PAD]", UNKNOWN, "dog", "##s", ".", "?", "!", "'"]


@pytest.fixture
def vectors() -> WordVectors:
    rows = np.eye(len(PIECES), dtype=np.int8)
    marks = 10.0 * np.arange(1, 1 + len(MARKS))[:, None] * np.ones(len(PIECES))
    tables = {
        "pieces": np.frombuffer("\n".join(PIECES).encode(), dtype=np.uint8),
        "words": rows,
        "word_scales": np.ones(len(PIECES), dtype=np.float16),
        "marks": marks.astype(np.float16),
    }
    return WordVectors(tables)


def _of(vectors: WordVectors, word: str) -> list[float]:
    table, said = vectors.of([[word]])
    return table[said[0][0]].tolist()


def test_pieces_are_added_and_no_mark_is_a_mark_as_well(vectors) -> None:
    assert _of(vectors, "dog") == [10, 10, 11, 10, 10, 10, 10, 10]
    assert _of(vectors, "dogs") == pytest.approx([10, 10, 10 + 1 / sqrt(2), 10 + 1 / sqrt(2), 10, 10, 10, 10])


def test_of_several_marks_the_first_counts(vectors) -> None:
    question = 10.0 * (1 + MARKS.index("?"))
    assert _of(vectors, "dog?") == _of(vectors, "dog?!") == [question + (n == 2) for n in range(len(PIECES))]
    assert _of(vectors, "?") == [question] * len(PIECES)


def test_a_mark_within_a_word_is_a_piece(vectors) -> None:
    assert _of(vectors, "dog's")[PIECES.index("'")] > _of(vectors, "dog")[PIECES.index("'")]


def test_of_a_long_word_the_first_pieces_count(vectors) -> None:
    assert _of(vectors, "'" * 40 + "dog") == _of(vectors, "'" * MOST_PIECES)


def test_no_word_is_zero_and_a_word_has_one_row(vectors) -> None:
    table, said = vectors.of([["dog", "dogs"], [], ["dog"]])
    assert not table[0].any()
    assert said == [[1, 2], [], [1]]
    assert len(table) == 3


def test_a_service_that_runs_for_months_forgets_words(vectors, monkeypatch) -> None:
    monkeypatch.setattr(word_vectors, "_MOST_KNOWN", 2)
    found = [_of(vectors, word) for word in ("dog", "dogs", "?", "!", "dog")]
    assert found[0] == found[-1]
    assert len(vectors._known) <= 2
