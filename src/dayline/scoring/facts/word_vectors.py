"""A vector for each word as it was written: what its pieces and the mark after it mean."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dayline.scoring.facts.word_pieces import WordPieces

Floats = NDArray[np.float32]

MARKS = (None, ".", ",", "?", "!", "…", "-", "–", "—", ":", ";")
"""Marks after a word, in the order of their vectors; None stands for no mark."""
MOST_PIECES = 6
"""Pieces of a word that count."""
_MOST_KNOWN = 20_000


class WordVectors:
    """Vectors of words, each made once.

    tables: `pieces`, the vocabulary; `words` and `word_scales`, the vectors of the pieces; `marks`, those of `MARKS`.
    """

    def __init__(self, tables: dict[str, NDArray[Any]]) -> None:
        pieces = tables["pieces"].tobytes().decode().split("\n")
        self._pieces = WordPieces(pieces)
        self._rows = tables["words"].astype(np.float32) * tables["word_scales"].astype(np.float32)[:, None]
        self._marks = tables["marks"].astype(np.float32)
        known = {piece: number for number, piece in enumerate(pieces)}
        self._mark_of = {known[mark]: number for number, mark in enumerate(MARKS) if mark in known}
        self._known: dict[str, Floats] = {}

    def of(self, turns: Sequence[Sequence[str]]) -> tuple[Floats, list[list[int]]]:
        """Return a table of vectors, of which the first is zero for no word, and the words of the turns by its rows."""
        number: dict[str, int] = {}
        said = [[number.setdefault(word, len(number) + 1) for word in words] for words in turns]
        table = np.zeros((len(number) + 1, self._rows.shape[1]), dtype=np.float32)
        for word, row in number.items():
            table[row] = self._vector_of(word)
        return table, said

    def _vector_of(self, word: str) -> Floats:
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:  # a service runs for months, and recognisers invent words
                self._known.clear()
            pieces, mark = list(self._pieces.of(word)), 0
            while pieces and pieces[-1] in self._mark_of:
                mark = self._mark_of[pieces.pop()]
            pieces = pieces[:MOST_PIECES]
            of_pieces = self._rows[pieces].sum(axis=0) / sqrt(max(1, len(pieces)))
            found = self._known[word] = (of_pieces + self._marks[mark]).astype(np.float32)
        return found
