"""Runs of words as features of the linear models.

A run is a tuple of its kind ("w" for words, "c" for classes of words) and its words; in the model's files it is named
"w:shall i put". Tuples are built and looked up many times faster than texts, and a sentence has about seventy.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import repeat
from sys import intern

Run = tuple[str, ...]
Feature = str | Run
"""A run of words, or any other feature by its name."""
KINDS = ("w", "c")
"""Kinds of runs in the features of sentences and of turns."""


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
