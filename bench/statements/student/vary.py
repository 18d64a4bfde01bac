"""Talks that the student learns from, each drawn anew: parts of conversations, with words replaced, wrong or dropped.

Three in ten are a conversation of up to 70 turns with few changes; the others are spliced of runs of turns. What is
said in a varied talk is what the teacher says of it; labels stay with their turns where no turn goes on as another.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.statements.student.talks import EXCHANGES, LABELLED, PHRASES, UNLABELLED, Corpus

Ints = NDArray[np.int64]

KEPT = {PHRASES: 0.03, EXCHANGES: 0.08, LABELLED: 1.0, UNLABELLED: 0.7}
"""How likely a turn of each kind is the first of a run."""
WHOLE, LEAST_TURNS, PART, AT_THE_END = 0.3, 12, (40, 70), 0.5
"""Share of talks that are one conversation; its least turns; turns of a part of a longer one, how often its end."""
TALK, SHORT_RUNS, SHORT_RUN, RUN = 60, 0.25, (1, 7), (5, 31)
"""Turns of a spliced talk at least; share of talks of short runs; turns of runs, the last number not among them."""
REPLACED_IN_ONE, REPLACED_IN_TURN = (0.0, 0.0, 0.05, 0.1), (0.1, 0.2, 0.35, 0.5)
"""Shares of words replaced by similar ones, one drawn for one conversation, or for each turn of a spliced talk."""
CROSSED, LEAST_WORDS, OFTEN = (0.0, 0.15, 0.3), 3, 0.5
"""Shares of turns that go on as another of the same side; least words of both; least of `KEPT` of the other."""
NOISE, NOISY_ONES, NOISY_SPLICED, OF_NOISE_DROPPED = 0.1, 0.4, 0.15, 0.35
"""Share of words that are wrong or dropped; in which shares of conversations and of spliced talks; dropped of it."""
DROPPED, PLAIN = 0.02, 0.1
"""Share of words dropped in spliced talks, and of talks without any mark."""


class Changes(NamedTuple):
    """What is changed in a talk.

    Attributes:
        replaced: share of words replaced by similar ones; None: drawn for each turn.
        crossed: share of turns of which the latter part is that of another.
        noise: share of words that are wrong or dropped.
        dropped: share of words that are dropped besides.
        ended: the conversation whose end the talk has, -1 for none.

    """

    replaced: float | None = 0.0
    crossed: float = 0.0
    noise: float = 0.0
    dropped: float = 0.0
    ended: int = -1


class Said(NamedTuple):
    """Words of a talk: the rest, the mark and the turn of each. Turns may have lost all words."""

    rests: NDArray[Any]
    marks: NDArray[Any]
    turns: Ints


class Varied:
    """Draws talks from a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._starts = np.concatenate([[0], np.cumsum(corpus.turn_sizes.astype(np.int64))])
        sizes = np.diff(corpus.edges)
        self._talk_of = np.repeat(np.arange(len(sizes)), sizes)
        likely = np.array([KEPT[int(kind)] for kind in corpus.kinds])
        of_turns = likely[self._talk_of]
        self._firsts = np.cumsum(of_turns / of_turns.sum())
        is_long = np.isin(corpus.kinds, (LABELLED, UNLABELLED)) & (sizes >= LEAST_TURNS)
        of_talks = is_long * np.sqrt(sizes)
        self._ones = np.cumsum(of_talks / of_talks.sum())
        self._of_side = [np.nonzero((corpus.sides == side) & (of_turns > OFTEN))[0] for side in (0, 1)]

    def choose(self, dice: Generator) -> tuple[Ints, Changes]:
        """Return the turns of a talk, and what is to be changed."""
        return self._one(dice) if dice.random() < WHOLE else self._spliced(dice)

    def _one(self, dice: Generator) -> tuple[Ints, Changes]:
        edges = self._corpus.edges
        number = min(int(np.searchsorted(self._ones, dice.random())), len(edges) - 2)
        first, end = int(edges[number]), int(edges[number + 1])
        if end - first > PART[1]:
            count = int(dice.integers(*PART))
            first = end - count if dice.random() < AT_THE_END else int(dice.integers(first, end - count))
            end = first + count
        replaced = float(dice.choice(REPLACED_IN_ONE))
        noise = NOISE if dice.random() < NOISY_ONES else 0.0
        ended = number if end == edges[number + 1] else -1
        return np.arange(first, end), Changes(replaced, noise=noise, ended=ended)

    def _spliced(self, dice: Generator) -> tuple[Ints, Changes]:
        runs, turns, is_short = list[Ints](), 0, dice.random() < SHORT_RUNS
        while turns < TALK:
            first = min(int(np.searchsorted(self._firsts, dice.random())), len(self._talk_of) - 1)
            last = int(self._corpus.edges[self._talk_of[first] + 1])
            runs.append(np.arange(first, min(last, first + int(dice.integers(*(SHORT_RUN if is_short else RUN))))))
            turns += len(runs[-1])
        crossed = float(dice.choice(CROSSED))
        noise = NOISE if dice.random() < NOISY_SPLICED else 0.0
        return np.concatenate(runs), Changes(None, crossed, noise, DROPPED)

    def said(self, turns: Ints, changes: Changes, dice: Generator) -> Said:
        """Return the words of turns after the changes."""
        starts, sizes = self._ranges(turns, changes, dice)
        after = np.cumsum(sizes)
        at = np.repeat(starts - (after - sizes), sizes) + np.arange(after[-1])
        turn = np.repeat(np.arange(len(turns)).repeat(2), sizes)
        rests, marks = self._corpus.rests[at], self._corpus.marks[at]
        if changes.replaced != 0:
            self._replace(rests, turn, len(turns), changes.replaced, dice)
        if changes.noise:
            wrong = np.nonzero(dice.random(len(rests)) < changes.noise * (1 - OF_NOISE_DROPPED))[0]
            known = self._corpus.known
            rests[wrong] = known[dice.integers(0, len(known), len(wrong))]
        dropped = changes.dropped + changes.noise * OF_NOISE_DROPPED
        if dropped:
            kept = dice.random(len(rests)) >= dropped
            rests, marks, turn = rests[kept], marks[kept], turn[kept]
        if dice.random() < PLAIN:
            marks, kept = np.zeros_like(marks), self._corpus.part_counts[rests] > 0
            rests, marks, turn = rests[kept], marks[kept], turn[kept]
        return Said(rests, marks, turn)

    def _ranges(self, turns: Ints, changes: Changes, dice: Generator) -> tuple[Ints, Ints]:
        """Return the first words and the sizes of two ranges of words for each turn, the second from another turn."""
        starts = np.column_stack([self._starts[turns], np.zeros_like(turns)])
        sizes = np.column_stack([self._starts[turns + 1] - self._starts[turns], np.zeros_like(turns)])
        for place in np.nonzero(dice.random(len(turns)) < changes.crossed)[0] if changes.crossed else ():
            others = self._of_side[self._corpus.sides[turns[place]]]
            other = others[int(dice.integers(len(others)))]
            size = int(self._starts[other + 1] - self._starts[other])
            if size < LEAST_WORDS or sizes[place, 0] < LEAST_WORDS:
                continue
            sizes[place, 0] = int(dice.integers(1, sizes[place, 0] + 1))
            skipped = int(dice.integers(0, size))
            starts[place, 1], sizes[place, 1] = self._starts[other] + skipped, size - skipped
        return starts.ravel(), sizes.ravel()

    def _replace(self, rests: NDArray[Any], turn: Ints, turns: int, share: float | None, dice: Generator) -> None:
        """Replace words by similar ones, in place."""
        shares = dice.choice(REPLACED_IN_TURN, turns)[turn] if share is None else share
        near = self._corpus.near_counts[rests]
        hit = np.nonzero((dice.random(len(rests)) < shares) & (near > 0))[0]
        rests[hit] = self._corpus.near[rests[hit], (dice.random(len(hit)) * near[hit]).astype(int)]
