"""Runs of words as features of the linear models.

A run is a tuple of its kind ("w" for words, "c" for classes of words) and its words; in the model's files it is named
"w:shall i put". A sentence has about seventy: `RunTable` finds the rows of those of a whole conversation at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, pairwise, repeat
from sys import intern

import numpy as np
from numpy.typing import NDArray

Run = tuple[str, ...]
Feature = str | Run
"""A run of words, or any other feature by its name."""
KINDS = ("w", "c")
"""Kinds of runs in the features of sentences and of turns."""
_SHAPES = {"w": ((0,), (0, 1), (0, 1, 2), (0, 2)), "c": ((0,), (0, 1), (0, 1, 2), (0, 1, 2, 3))}
"""Which words from one on form the runs of each kind, in the order of `runs_of`."""
_LONGEST = 4
Integers = NDArray[np.int64]


def runs_of(words: list[str], classes: list[str]) -> list[Run]:
    """Return the runs of up to three words, of two with another one between, and of up to four classes."""
    w, c = repeat("w"), repeat("c")
    second, third = words[1:], words[2:]
    found: list[Run] = [*zip(w, words, strict=False)]
    found += zip(w, words, second, strict=False)
    found += zip(w, words, second, third, strict=False)
    found += zip(w, words, repeat("_"), third, strict=False)
    second, third = classes[1:], classes[2:]
    found += zip(c, classes, strict=False)
    found += zip(c, classes, second, strict=False)
    found += zip(c, classes, second, third, strict=False)
    found += zip(c, classes, second, third, classes[3:], strict=False)
    return found


def name_of(run: Run) -> str:
    """Return the name of a run in the model's files."""
    return f"{run[0]}:{' '.join(run[1:])}"


def feature_of(name: str, kinds: Collection[str] = KINDS) -> Feature:
    """Return the feature of a name: a run of words if it is of one of these kinds, else the name itself."""
    kind, _, words = name.partition(":")
    return (intern(kind), *map(intern, words.split(" "))) if kind in kinds else name  # equal words are one object


class RunTable:
    """Rows of runs in a table of weights.

    Words are numbers here, and a run is one number made of those of its words, so that the runs of one shape of a whole
    conversation are looked up together in a sorted list. It takes a third of the time of a look-up of each tuple.
    """

    def __init__(self, rows: Mapping[Feature, int]) -> None:
        runs = [run for run in rows if isinstance(run, tuple)]
        self._numbers = {word: n for n, word in enumerate(sorted({word for run in runs for word in run[1:]}), 1)}
        self._known: dict[tuple[str, tuple[int, ...]], tuple[Integers, Integers]] = {}
        for kind, shapes in _SHAPES.items():
            of_kind = [run for run in runs if run[0] == kind]
            for shape in shapes:
                of_shape = [(self._key(run, shape), rows[run]) for run in of_kind if _has_shape(run, shape)]
                table = np.array(sorted(of_shape), dtype=np.int64).reshape(-1, 2)
                self._known[kind, shape] = table[:, 0].copy(), table[:, 1].copy()

    def _key(self, run: Run, shape: tuple[int, ...]) -> int:
        key = 0
        for place in shape:
            key = key * (len(self._numbers) + 1) + self._numbers[run[1 + place]]
        return key

    def rows_of(self, words: Sequence[list[str]], classes: Sequence[list[str]]) -> list[list[int]]:
        """Return the rows of the known runs of each sentence, in the order of `runs_of`.

        words, classes: those of all sentences.
        """
        found = [
            self._found(kind, shape, *numbered)
            for kind, said in zip(KINDS, (words, classes), strict=True)
            for numbered in [self._numbered(said)]
            for shape in _SHAPES[kind]
        ]
        sentences, rows = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(sentences, kind="stable")
        borders = np.searchsorted(sentences[order], np.arange(len(words) + 1)).tolist()
        in_order = rows[order].tolist()
        return [in_order[first:end] for first, end in pairwise(borders)]

    def _numbered(self, said: Sequence[list[str]]) -> tuple[Integers, Integers]:
        """Return the numbers of the words of all sentences, unknown ones and gaps as 0, and whose word each is."""
        get, gap = self._numbers.get, [""] * (_LONGEST - 1)
        numbers = [get(word, 0) for word in chain.from_iterable(chain(words, gap) for words in said)]
        sizes = [len(words) + len(gap) for words in said]
        return np.array(numbers, dtype=np.int64), np.repeat(np.arange(len(said)), sizes)

    def _found(
        self, kind: str, shape: tuple[int, ...], numbers: Integers, owners: Integers
    ) -> tuple[Integers, Integers]:
        """Return the sentences that have known runs of a shape, and the rows of these, in the order of their words."""
        keys, rows = self._known[kind, shape]
        starts = np.flatnonzero(numbers)
        for place in shape[1:]:
            starts = starts[numbers[starts + place] > 0]
        wanted = np.zeros(len(starts), dtype=np.int64)
        for place in shape:
            wanted = wanted * (len(self._numbers) + 1) + numbers[starts + place]
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        is_known = keys[places] == wanted if len(keys) else np.zeros(len(starts), dtype=bool)
        return owners[starts[is_known]], rows[places[is_known]]


def _has_shape(run: Run, shape: tuple[int, ...]) -> bool:
    if shape == (0, 2):
        return len(run) == 4 and run[2] == "_"
    return len(run) == 1 + len(shape) and "_" not in run
