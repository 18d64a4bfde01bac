"""What the six layers, the teacher of the shipped encoder, read in a conversation: to record their figures.

A turn is the mark of its side with the pieces of its words; windows of whole turns are read one at a time. A turn's
vector is that of its mark beside the mean of its words; linear heads over it give log-odds. `encoder.ship` writes the
files that are read here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import turn_encoder
from dayline.scoring.facts.turn_encoder import TASKS, Read
from dayline.scoring.facts.word_pieces import WordPieces

Floats = NDArray[np.float32]

LONGEST_TURN, WINDOW, MARGIN = 80, 384, 30
"""Pieces of a turn that are read, of a window, and of the words on each side that a turn's figures should have seen."""
_BEGIN, _END = 2, 3
_TINY, _UNCUT = 1e-12, 10**6


class Place(NamedTuple):
    """Where a turn stands in a window, and how far it is from the nearer border that cuts the conversation."""

    turn: int
    begin: int
    end: int
    border: int


class Window(NamedTuple):
    """Numbers of pieces (the mark of the rep is -1, of others -2) with the turns in it."""

    pieces: list[int]
    places: list[Place]


class SixLayers:
    """The encoder and its heads. folder: `encoder.onnx` and `encoder.npz`, as `encoder.ship` writes them."""

    def __init__(self, folder: Path) -> None:
        with np.load(folder / "encoder.npz", allow_pickle=False) as arrays:
            tables = {name: arrays[name] for name in arrays.files}
        self._pieces = WordPieces(tables["pieces"].tobytes().decode().split("\n"))
        self._words = tables["words"]
        self._scales = tables["word_scales"].astype(np.float32)
        self._marks, self._spots = tables["marks"].astype(np.float32), tables["spots"].astype(np.float32)
        self._norm = tables["norm"].astype(np.float32)
        self._heads = tables["heads"].astype(np.float32)
        self._looks, self._ends = tables["looks"].astype(np.float32), tables["ends"].astype(np.float32)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(
            str(folder / "encoder.onnx"),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["SkipLayerNormFusion"],  # the fused operator takes a sixth longer
        )

    def read(self, talk: Conversation) -> Read:
        """Return the log-odds of all turns and of the ends of a conversation. Linear in its length."""
        turns = [self._of_turn(talk, turn) for turn in range(len(talk.turns))]
        found = np.zeros((len(turns), len(TASKS)), dtype=np.float32)
        nearest = np.full(len(turns), -1)
        ends = np.zeros(len(self._ends[0]), dtype=np.float32)
        for window in windows_of(turns):
            vectors = self._vectors(window)
            scores = vectors @ self._heads[:-1] + self._heads[-1]
            for place, row in zip(window.places, scores, strict=True):
                if place.border > nearest[place.turn]:
                    nearest[place.turn], found[place.turn] = place.border, row
            looks = vectors @ self._looks[:-1]
            looks = np.exp(looks - looks.max(axis=0))
            values = vectors @ self._ends[:-1] + self._ends[-1]
            ends = (looks * values).sum(axis=0) / looks.sum(axis=0)  # the last window counts
        return Read(found, ends)

    def _of_turn(self, talk: Conversation, turn: int) -> list[int]:
        said = talk.turns[turn]
        pieces = [piece for token in said.tokens if token.raw for piece in self._pieces.of(token.raw)]
        if len(pieces) > LONGEST_TURN:
            pieces = [*pieces[: LONGEST_TURN // 2], *pieces[-LONGEST_TURN // 2 :]]
        return [-1 if said.speaker == talk.rep else -2, *pieces]

    def _vectors(self, window: Window) -> Floats:
        """Return a row per turn: the vector of its mark beside the mean over its pieces."""
        pieces = np.array(window.pieces)
        known = np.maximum(pieces, 0)
        rows = self._words[known].astype(np.float32) * self._scales[known, None]
        is_mark = pieces < 0
        rows[is_mark] = self._marks[-pieces[is_mark] - 1]
        rows += self._spots[: len(rows)]
        rows -= rows.mean(axis=1, keepdims=True)
        rows /= np.sqrt((rows * rows).mean(axis=1, keepdims=True) + _TINY)
        rows = rows * self._norm[0] + self._norm[1]
        hidden = np.asarray(self._session.run(None, {"rows": rows[None]})[0])[0]
        means = [hidden[p.begin : p.end].mean(axis=0) for p in window.places]
        return np.column_stack((hidden[[p.begin for p in window.places]], means))


def windows_of(turns: Sequence[Sequence[int]], longest: Callable[[], int] = lambda: WINDOW) -> list[Window]:
    """Return windows of whole turns that overlap by twice `MARGIN` pieces; the last is filled from before.

    longest: the length of the next window in pieces; in training it varies.
    """
    spans = turn_encoder.windows_of([len(turn) for turn in turns], lambda: longest() - len((_BEGIN, _END)), MARGIN)
    return [_window(turns, first, end) for first, end in spans]


def _window(turns: Sequence[Sequence[int]], first: int, end: int) -> Window:
    pieces, spans = [_BEGIN], list[tuple[int, int]]()
    for turn in turns[first:end]:
        spans.append((len(pieces), len(pieces) + len(turn)))
        pieces += turn
    pieces.append(_END)
    places = [
        Place(first + n, a, b, min(a if first else _UNCUT, len(pieces) - b if end < len(turns) else _UNCUT))
        for n, (a, b) in enumerate(spans)
    ]
    return Window(pieces, places)
