"""Talks in the windows of both readers, the teacher's and the student's, as arrays: the same turns in both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.statements.encoder import six_layers
from bench.statements.student.talks import Array, Corpus
from bench.statements.student.vary import Changes, Ints, Said, Varied
from dayline.scoring.facts.turn_encoder import LONGEST_TURN, MARGIN, WINDOW, Chunks, borders_of, chunks_of, windows_of

OF_REST = 16
"""A word is its rest times this and its mark; 0 is no word."""
LEAST_TURNS = 4
WHOLE_WINDOWS, LEAST_WINDOW, MARGIN_IN_TRAINING = 0.65, 40, 3
"""Share of talks whose windows are as long as they may be, chunks of the others' at least, and the margin."""
CUT_END = 0.25
"""Weight of what is said about the end of a window that is not the end of its talk."""
BEGIN, END = 2, 3
"""Pieces around a window of the teacher."""
_ROOM = six_layers.WINDOW - 2
A = TypeVar("A")


class Talk(NamedTuple):
    """A talk as both read it.

    Attributes:
        turns: numbers of its turns in the corpus.
        pieces: what the teacher reads: the mark of a side (-1 or -2) and the pieces of each turn.
        piece_edges: the first of each turn, and the number of all.
        chunks: what the student reads.
        changes: what was changed.

    """

    turns: Ints
    pieces: NDArray[np.int16]
    piece_edges: Ints
    chunks: Chunks
    changes: Changes


class Batch(NamedTuple, Generic[A]):
    """Windows of talks. A turn in several windows of the student has several places, but one in the teacher's windows.

    Attributes:
        pieces: windows of the teacher, filled up with 0.
        piece_spans: window, first and last piece of each turn.
        words: windows of the student: the words of each chunk with those beside it, filled up with 0.
        places: side and place in its turn of each chunk.
        sizes: chunks of each window.
        spans: window, first and last chunk, and the turn (a row of `piece_spans`) of each place.
        borders: how many chunks each place is away from the nearer border that cuts the talk.
        is_tail: whether the teacher could read the place and all to the end of the window at once.
        labels: of each place, -1 where nothing is known.
        ends: labels of the end of each window, -1 where nothing is known.
        of_ends: weight of what the teacher says of each window's end.

    """

    pieces: A
    piece_spans: A
    words: A
    places: A
    sizes: A
    spans: A
    borders: A
    is_tail: A
    labels: A
    ends: A
    of_ends: A


def unchanged(corpus: Corpus, number: int) -> tuple[Said, Ints, Changes]:
    """Return a conversation of the corpus as it was said."""
    turns = np.arange(corpus.edges[number], corpus.edges[number + 1])
    starts = np.concatenate([[0], np.cumsum(corpus.turn_sizes.astype(np.int64))])
    words = slice(int(starts[turns[0]]), int(starts[turns[-1] + 1]))
    turn = np.repeat(np.arange(len(turns)), corpus.turn_sizes[turns].astype(np.int64))
    return Said(corpus.rests[words], corpus.marks[words], turn), turns, Changes(ended=number)


def talk_of(corpus: Corpus, said: Said, turns: Ints, changes: Changes) -> Talk:
    """Return a talk as both read it: turns without a word are left out, and the middle of long ones."""
    known, turn = np.unique(said.turns, return_inverse=True)
    turns = turns[known]
    kept = _ends_of(turn, LONGEST_TURN)
    rests, marks, turn = said.rests[kept].astype(np.int64), said.marks[kept].astype(np.int64), turn[kept]
    sides = corpus.sides[turns].astype(np.int64)
    pieces, piece_edges = _pieces_of(corpus, rests, marks, turn, sides)
    sizes = np.bincount(turn, minlength=len(turns))
    words = np.split(rests * OF_REST + marks, np.cumsum(sizes)[:-1])
    return Talk(turns, pieces, piece_edges, chunks_of([own.tolist() for own in words], sides.tolist()), changes)


def _ends_of(turn: Ints, longest: int) -> NDArray[np.bool_]:
    """Return which rows are at the begin or at the end of their turn. turn: that of each row, in order."""
    sizes = np.bincount(turn)
    place = np.arange(len(turn)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return (sizes[turn] <= longest) | (place < longest // 2) | (place >= sizes[turn] - longest // 2)


def _pieces_of(corpus: Corpus, rests: Ints, marks: Ints, turn: Ints, sides: Ints) -> tuple[NDArray[np.int16], Ints]:
    """Return the pieces of turns, each after the mark of its side, and the first of each turn."""
    counts = corpus.part_counts[rests].astype(np.int64)
    table = np.zeros((len(rests), corpus.parts.shape[1] + 1), np.int16)
    table[:, :-1] = corpus.parts[rests]
    table[np.arange(len(rests)), counts] = corpus.of_marks[marks]
    counts += marks > 0
    own, of_turn = table[np.arange(table.shape[1]) < counts[:, None]], np.repeat(turn, counts)
    kept = _ends_of(of_turn, six_layers.LONGEST_TURN)
    own, of_turn = own[kept], of_turn[kept]
    edges = np.concatenate([[0], np.cumsum(np.bincount(of_turn, minlength=len(sides)) + 1)])
    pieces, is_said = np.zeros(edges[-1], np.int16), np.ones(edges[-1], bool)
    is_said[edges[:-1]] = False
    pieces[~is_said], pieces[is_said] = -1 - sides, own
    return pieces, edges


def draw(varied: Varied, corpus: Corpus, dice: Generator) -> Talk:
    """Return a varied talk of a few turns at least."""
    while True:
        turns, changes = varied.choose(dice)
        said = varied.said(turns, changes, dice)
        if len(np.unique(said.turns)) >= LEAST_TURNS:
            return talk_of(corpus, said, turns, changes)


def batch_of(corpus: Corpus, talks: Sequence[Talk], dice: Generator | None) -> Batch[Array]:
    """Return talks in windows. dice: for windows of varied length; None: as the analyst reads."""
    found: dict[str, list[Array]] = {name: [] for name in Batch._fields}
    turns = 0
    for talk in talks:
        _add_for_teacher(found, talk)
        longest = _longest(dice)
        margin = MARGIN if dice is None else MARGIN_IN_TRAINING
        for first, end in windows_of(np.diff(talk.chunks.edges).tolist(), longest, margin):
            _add_for_student(found, corpus, talk, first, end, turns)
        turns += len(talk.turns)
    stacked, joined = ("pieces", "words", "places", "sizes", "ends", "of_ends"), ("piece_spans", "spans", "borders")
    arrays = {name: np.stack(found[name]) for name in stacked}
    arrays |= {name: np.concatenate(found[name]) for name in (*joined, "is_tail", "labels")}
    return Batch(**arrays)


def _longest(dice: Generator | None) -> Callable[[], int]:
    if dice is None or dice.random() < WHOLE_WINDOWS:
        return lambda: WINDOW
    return lambda: int(dice.integers(LEAST_WINDOW, WINDOW + 1))


def _add_for_teacher(found: dict[str, list[Array]], talk: Talk) -> None:
    """Add the teacher's windows of a talk, and the place of each turn in the one that shows most around it."""
    edges = talk.piece_edges
    spans, nearest = np.zeros((len(talk.turns), 3), np.int32), np.full(len(talk.turns), -1)
    for first, end in windows_of(np.diff(edges).tolist(), lambda: _ROOM, six_layers.MARGIN):
        own = talk.pieces[edges[first] : edges[end]]
        window = np.zeros(six_layers.WINDOW, np.int16)
        window[0], window[1 : 1 + len(own)], window[1 + len(own)] = BEGIN, own, END
        within, borders = edges[first : end + 1] - edges[first] + 1, borders_of(edges, first, end)
        is_nearer = borders > nearest[first:end]
        nearest[first:end][is_nearer] = borders[is_nearer]
        places = np.column_stack([np.full(end - first, len(found["pieces"])), within[:-1], within[1:]])
        spans[first:end][is_nearer] = places[is_nearer]
        found["pieces"].append(window)
    found["piece_spans"].append(spans)


def _add_for_student(
    found: dict[str, list[Array]], corpus: Corpus, talk: Talk, first: int, end: int, turns: int
) -> None:
    """Add a window of the student with what is known of it. turns: turns of the talks before."""
    edges, turn = talk.chunks.edges, np.arange(first, end)
    own = slice(edges[first], edges[end])
    size, within = int(edges[end] - edges[first]), edges[first : end + 1] - edges[first]
    words, places = np.zeros((WINDOW, talk.chunks.words.shape[1]), np.int32), np.zeros(WINDOW, np.uint8)
    words[:size], places[:size] = talk.chunks.words[own], talk.chunks.places[own]
    spans = np.column_stack([np.full(end - first, len(found["words"])), within[:-1], within[1:], turns + turn])
    is_last, numbers, ended = end == len(talk.turns), talk.turns[first:end], talk.changes.ended
    is_tail = talk.piece_edges[end] - talk.piece_edges[first:end] <= _ROOM
    is_tail[-1] = True
    labels, ends = corpus.labels[numbers], corpus.ends[ended]
    added = {
        "words": words,
        "places": places,
        "sizes": np.int32(size),
        "spans": spans.astype(np.int32),
        "borders": borders_of(edges, first, end).astype(np.int32),
        "is_tail": is_tail,
        "labels": np.full_like(labels, -1) if talk.changes.crossed else labels,
        "ends": ends if is_last and ended >= 0 else np.full_like(ends, -1),
        "of_ends": np.float32(1.0 if is_last else CUT_END),
    }
    for name, values in added.items():
        found[name].append(np.asarray(values))


def batches(corpus: Corpus, talks: int, seed: int) -> Iterator[Batch[Array]]:
    """Yield batches of varied talks without end; the same seed gives the same."""
    dice, varied = np.random.default_rng(seed), Varied(corpus)
    while True:
        yield batch_of(corpus, [draw(varied, corpus, dice) for _ in range(talks)], dice)
