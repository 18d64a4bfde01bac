"""Dialogues as windows of numbered pieces, with their labels, for the training of the encoder.

Words are dropped or replaced in half of the dialogues and marks of punctuation in a quarter, so that a recogniser's
errors do not hurt. At judging the windows are those of `six_layers`.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.statements.encoder.model import ENDS, KINDS, TASKS
from bench.statements.encoder.six_layers import LONGEST_TURN, Window, windows_of

GOALS = {"order": {"order"}, "refused": {"refused"}, "open": {"follow_up", "appointment"}}
WEIGHT = {"phrases": 0.1, "exchanges": 0.3, "others": 0.2, "dev": 0.6, "build": 0.6, "written": 0.6, "objections": 0.6}
"""Weight of the turns of parts that are no whole visits."""
LENGTHS = (256, 384, 384, 448)
DROPPED, PLAIN, NOISY = 0.35, 0.25, 0.5
_MARKS = re.compile(r"^[^\w$£€]+|[^\w%]+$")
Row = dict[str, Any]


class Item(NamedTuple):
    """A window of a dialogue."""

    window: Window
    is_last: bool
    row: Row


class Spoken:
    """The dialogues of `data.json.gz`."""

    def __init__(self, folder: Path) -> None:
        with gzip.open(folder / "data.json.gz", "rt", encoding="utf-8") as file:
            data = json.load(file)
        self.rows: list[Row] = data["rows"]
        self.pieces: list[list[int]] = data["pieces"]
        words: list[str] = data["words"]
        self.number = {word: n for n, word in enumerate(words)}
        self._plain = [self.pieces[self.number.get(_MARKS.sub("", word), n)] for n, word in enumerate(words)]
        self._spoken = [n for n, word in enumerate(words) if any(c.isalnum() for c in word)]
        self.dice = random.Random(0)

    def as_judged(self, row: Row, texts: Sequence[Sequence[int]], sides: Sequence[int]) -> list[Item]:
        """Return the windows of a dialogue as the analyst reads it."""
        return _items(
            windows_of([self._turn(t, s, 0.0, is_plain=False) for t, s in zip(texts, sides, strict=True)]), row
        )

    def varied(self, row: Row, noise: float, lengths: Sequence[int] = LENGTHS) -> list[Item]:
        """Return windows of random length, with wrong words in half of all dialogues."""
        loud = noise if self.dice.random() < NOISY else 0.0
        plain = self.dice.random() < PLAIN
        length = self.dice.choice(lengths)
        turns = [self._turn(t, s, loud, plain) for t, s in zip(row["texts"], row["sides"], strict=True)]
        return _items(windows_of(turns, lambda: self.dice.randint(length // 2, length)), row)

    def _turn(self, words: Sequence[int], side: int, noise: float, is_plain: bool) -> list[int]:
        source = self._plain if is_plain else self.pieces
        pieces = [piece for heard in self.heard(words, noise) for piece in source[heard]]
        if len(pieces) > LONGEST_TURN:
            pieces = [*pieces[: LONGEST_TURN // 2], *pieces[-LONGEST_TURN // 2 :]]
        return [-1 - side, *pieces]

    def heard(self, words: Sequence[int], noise: float) -> list[int]:
        """Return words of which this share is missing or is another."""
        if not noise:
            return list(words)
        found: list[int] = []
        for spoken in words:
            roll = self.dice.random()
            if roll >= noise * DROPPED:
                found.append(self.dice.choice(self._spoken) if roll < noise else spoken)
        return found


def _items(windows: list[Window], row: Row) -> list[Item]:
    return [Item(window, n == len(windows) - 1, row) for n, window in enumerate(windows)]


def labels_of(row: Row) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the labels of each turn and of the end: 1, 0, or -1 where nothing is known."""
    known, count = row["y"], len(row["texts"])
    table = np.full((count, len(TASKS) + len(KINDS)), -1.0, dtype=np.float32)
    ends = np.full(len(ENDS), -1.0, dtype=np.float32)
    if known is None:
        return table, ends
    for column, task in enumerate(TASKS[:-1]):
        table[:, column] = known[task]
    for turn, answered in known["answered"].items():
        table[int(turn), TASKS.index("answered")] = answered
    for turn, kinds in known["kinds"].items():
        if kinds:
            table[int(turn), len(TASKS) :] = [float(kind in kinds) for kind in KINDS]
    said = set(row["outcome"] or ())
    for place, end in enumerate(ENDS):
        if said and not (said & GOALS[end] and said - GOALS[end]):
            ends[place] = float(bool(said & GOALS[end]))
    return table, ends


def batches(items: list[Item], most_pieces: int, dice: random.Random) -> list[list[Item]]:
    """Return groups of windows of like length, each with at most this many pieces, in random order."""
    groups: list[list[Item]] = []
    for item in sorted(items, key=lambda item: len(item.window.pieces) + dice.random() * 40):
        if not groups or (len(groups[-1]) + 1) * (len(item.window.pieces) + 40) > most_pieces:
            groups.append([])
        groups[-1].append(item)
    dice.shuffle(groups)
    return groups
