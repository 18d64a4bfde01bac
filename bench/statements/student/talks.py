"""Conversations to learn from as flat arrays, and the words in them as a rest and the marks at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dayline.scoring.facts.word_pieces import WordPieces
from dayline.scoring.facts.word_vectors import MARKS, MOST_PIECES

Array = NDArray[Any]
Parts = tuple[int, ...]

PHRASES, EXCHANGES, LABELLED, UNLABELLED = range(4)
"""Kinds of conversations: two that are a few turns only, others with labels, and those of the detector's corpus."""
NO_WORD, MARK_ALONE = 0, 1
"""Rests that are no word, and a word that consists of marks."""
SIMILAR, LEAST_LIKENESS = 14, 0.25
MOST_KNOWN, LEAST_USES, MOST_PARTS = 14_000, 2, 4
"""Rests that may stand for others: how many for each, and how like; of how many, how often said, of how many pieces."""
_AT_ONCE = 1000


class Corpus(NamedTuple):
    """Conversations with their labels, one after the other.

    A rest is a word without the marks at its end, as at most `MOST_PIECES` pieces.

    Attributes:
        rests: the rest of each word.
        marks: the first of the marks at its end, a number in `MARKS`, 0 for none.
        turn_sizes: words of each turn.
        sides: side of each turn, 0 the rep, 1 others.
        labels: of each turn for each task, -1 where nothing is known.
        kinds: kind of each conversation.
        edges: the first turn of each conversation, and the number of all turns.
        ends: labels of how each conversation ended, -1 where nothing is known.
        parts: pieces of each rest, 0 after the last.
        part_counts: pieces of each rest.
        of_marks: the piece of each mark, 0 where there is none.
        near: rests that are like each rest.
        near_counts: how many these are.
        known: rests that a wrong word may be.

    """

    rests: Array
    marks: Array
    turn_sizes: Array
    sides: Array
    labels: Array
    kinds: Array
    edges: Array
    ends: Array
    parts: Array
    part_counts: Array
    of_marks: Array
    near: Array
    near_counts: Array
    known: Array

    def write(self, path: Path) -> None:
        """Write the arrays to one file."""
        np.savez_compressed(path, **self._asdict())

    @classmethod
    def read(cls, path: Path) -> Corpus:
        """Read what `write` has written."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in cls._fields})


class Spoken(NamedTuple):
    """A conversation as words, with its labels as in `Corpus`."""

    kind: int
    texts: Sequence[Sequence[str]]
    sides: Sequence[int]
    labels: Array
    ends: Array


class Rests:
    """Numbers for the rests of words. vocabulary: the pieces in the order of their numbers."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._pieces = WordPieces(list(vocabulary))
        number = {piece: n for n, piece in enumerate(vocabulary)}
        self.of_marks = np.array([number.get(mark, 0) if mark else 0 for mark in MARKS], np.int16)
        self._mark_of = {int(piece): mark for mark, piece in enumerate(self.of_marks) if piece}
        self._number: dict[Parts, int] = {(): MARK_ALONE}
        self._known: dict[str, tuple[int, int]] = {}

    def of(self, word: str) -> tuple[int, int]:
        """Return the rest of a word and the first of the marks at its end."""
        if word not in self._known:
            pieces, mark = list(self._pieces.of(word)), 0
            while pieces and pieces[-1] in self._mark_of:
                mark = self._mark_of[pieces.pop()]
            parts = tuple(pieces[:MOST_PIECES])
            self._known[word] = self._number.setdefault(parts, len(self._number) + 1), mark
        return self._known[word]

    def tables(self) -> tuple[Array, Array]:
        """Return the pieces of each rest and their number."""
        parts = np.zeros((len(self._number) + 1, MOST_PIECES), np.int16)
        counts = np.zeros(len(parts), np.uint8)
        for own, rest in self._number.items():
            parts[rest, : len(own)], counts[rest] = own, len(own)
        return parts, counts


def corpus_of(talks: Sequence[Spoken], rests: Rests) -> Corpus:
    """Return conversations as arrays; no rest is like another yet."""
    said = [rests.of(word) for talk in talks for text in talk.texts for word in text]
    parts, counts = rests.tables()
    if len(parts) > np.iinfo(np.uint16).max:
        raise ValueError("too many different words for 16 bits")
    return Corpus(
        rests=np.array([rest for rest, _ in said], np.uint16),
        marks=np.array([mark for _, mark in said], np.uint8),
        turn_sizes=np.array([len(text) for talk in talks for text in talk.texts], np.uint16),
        sides=np.array([side for talk in talks for side in talk.sides], np.uint8),
        labels=np.concatenate([talk.labels for talk in talks]).astype(np.int8),
        kinds=np.array([talk.kind for talk in talks], np.uint8),
        edges=np.cumsum([0, *(len(talk.texts) for talk in talks)]),
        ends=np.array([talk.ends for talk in talks], np.int8),
        parts=parts,
        part_counts=counts,
        of_marks=rests.of_marks,
        near=np.zeros((len(parts), SIMILAR), np.uint16),
        near_counts=np.zeros(len(parts), np.uint8),
        known=np.zeros(0, np.uint16),
    )


def with_near(corpus: Corpus, base: NDArray[np.float32]) -> Corpus:
    """Return a corpus with the rests that are like each other. base: the teacher's vectors of the pieces."""
    counts = corpus.part_counts
    often = [
        rest
        for rest, uses in Counter(corpus.rests.tolist()).most_common()
        if uses >= LEAST_USES and 0 < counts[rest] <= MOST_PARTS
    ][:MOST_KNOWN]
    known = np.array(often, np.uint16)
    rows = np.stack([base[corpus.parts[rest, : counts[rest]]].sum(axis=0) / counts[rest] ** 0.5 for rest in often])
    rows -= rows.mean(axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    near, near_counts = np.zeros_like(corpus.near), np.zeros_like(corpus.near_counts)
    best_count = min(SIMILAR + 1, len(often))
    for first in range(0, len(often), _AT_ONCE):
        likeness = rows[first : first + _AT_ONCE] @ rows.T
        best = np.argpartition(-likeness, best_count - 1, axis=1)[:, :best_count]
        for place, (row, own) in enumerate(zip(best, likeness, strict=True), first):
            found = known[[n for n in row if n != place and own[n] > LEAST_LIKENESS][:SIMILAR]]
            near[known[place], : len(found)], near_counts[known[place]] = found, len(found)
    return corpus._replace(near=near, near_counts=near_counts, known=known)
