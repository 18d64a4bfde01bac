"""What each turn of a conversation says and does, by a small text encoder that reads the turns around it as well.

A word is one vector: the sum of its pieces' vectors and that of the mark after it. Four words are a chunk; a
convolution over pairs of words and three transformer layers over the chunks of a window read whole turns with their
sides. A turn's vector is that of its first chunk beside the mean of its chunks (as Cohan et al. 2019 for sentences);
linear heads over it give log-odds. A larger encoder taught it (distillation, Hinton et al. 2015; MiniLM, Wang et al.
2020, fine-tuned on labelled visits). `models/ENCODER.json` names the training data and the weights that the larger one
began from; `bench/statements/encoder` and `bench/statements/student` hold the recipes. Windows are read one at a time
with one thread, so that the same words give the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.word_vectors import WordVectors

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

TASKS = ("ask", "objection", "step", "offer", "accepted", "declined", "need", "answered")
"""What a turn may be, in the order of the columns of `Read.turns`."""
OF_REP, OF_CUSTOMER = ("ask", "offer", "step"), ("objection", "step", "accepted", "declined", "need", "answered")
"""What the rep's turns and what the customer's turns may be."""
CHUNK, LONGEST_TURN = 4, 56
"""Words of a chunk, and of a turn that are read."""
WINDOW, MARGIN = 128, 8
"""Chunks of a window, and of those on each side that a turn's figures should have seen."""
ENDING = 68
"""Chunks of the last turns that tell how the conversation ended."""
PLACES = 8
"""Places of a chunk in its turn that are told apart; the last stands for all later ones."""
_UNCUT = 10**6


@dataclass(frozen=True, slots=True)
class Read:
    """What the encoder reads in a conversation.

    Attributes:
        turns: log-odds of each turn for each of `TASKS`.
        ends: log-odds that the conversation ended in an order, a refusal or an open decision.

    """

    turns: Floats
    ends: Floats


class Chunks(NamedTuple):
    """The words of a conversation in chunks.

    Attributes:
        words: numbers of the words of each chunk with its neighbours in the turn, 0 for none: [chunks, CHUNK + 2].
        places: the side (0 for the rep, 1 for others) times `PLACES` and the chunk's place in its turn.
        edges: the first chunk of each turn, and the number of all chunks.

    """

    words: Numbers
    places: Numbers
    edges: Numbers


class TurnEncoder:
    """The encoder with its word vectors and heads."""

    def __init__(self, tables: dict[str, NDArray[Any]], graph: bytes) -> None:
        self._vectors = WordVectors(tables)
        self._positions, self._places = (tables[name].astype(np.float32) for name in ("positions", "places"))
        self._heads, self._looks, self._ends = (tables[name].astype(np.float32) for name in ("heads", "looks", "ends"))
        import onnxruntime as ort  # 18 MB, which a process that only sends work to others does without

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(
            graph,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["SkipLayerNormFusion"],  # the fused operator takes a sixth longer
        )

    def read(self, talk: Conversation) -> Read:
        """Return the log-odds of all turns and of the ends of a conversation. Linear in its length."""
        vectors, said = self._vectors.of(self._words_of(talk))
        sides = [0 if turn.speaker == talk.rep else 1 for turn in talk.turns]
        chunks = chunks_of(said, sides)
        sizes = np.diff(chunks.edges)
        found = np.zeros((len(sizes), len(TASKS)), dtype=np.float32)
        nearest = np.full(len(sizes), -1)
        ends = np.zeros(len(self._ends[0]), dtype=np.float32)
        for first, end in windows_of(sizes.tolist()):
            of_turns = self._vectors_of_turns(chunks, vectors, first, end)
            border = borders_of(chunks.edges, first, end)
            is_nearer = border > nearest[first:end]
            nearest[first:end][is_nearer] = border[is_nearer]
            found[first:end][is_nearer] = (of_turns @ self._heads[:-1] + self._heads[-1])[is_nearer]
            ending = of_turns[_ending_of(sizes[first:end]) :]
            looks = ending @ self._looks[:-1]
            looks = np.exp(looks - looks.max(axis=0))
            values = ending @ self._ends[:-1] + self._ends[-1]
            ends = (looks * values).sum(axis=0) / looks.sum(axis=0)  # the last window counts
        return Read(found, ends)

    def _words_of(self, talk: Conversation) -> list[list[str]]:
        found = [[token.raw for token in turn.tokens if token.raw] for turn in talk.turns]
        half = LONGEST_TURN // 2
        return [[*words[:half], *words[-half:]] if len(words) > LONGEST_TURN else words for words in found]

    def _vectors_of_turns(self, chunks: Chunks, vectors: Floats, first: int, end: int) -> Floats:
        """Return a row per turn of a window: the vector of its first chunk beside the mean of its chunks."""
        edges = chunks.edges[first : end + 1]
        words = chunks.words[edges[0] : edges[-1]]
        extra = self._positions[: len(words)] + self._places[chunks.places[edges[0] : edges[-1]]]
        pairs = np.stack([words[:, :CHUNK], words[:, -CHUNK:]], axis=1).reshape(-1, CHUNK)
        rows = vectors[pairs].reshape(len(pairs), -1)
        given = {"rows": rows[None], "extra": np.repeat(extra, 2, axis=0)[None]}
        hidden = np.asarray(self._session.run(None, given)[0])[0]
        starts = edges[:-1] - edges[0]
        means = np.add.reduceat(hidden, starts, axis=0) / np.diff(edges)[:, None]
        return np.column_stack((hidden[starts], means)).astype(np.float32)


def _ending_of(sizes: Numbers) -> int:
    """Return the first of the last turns that have `ENDING` chunks together, at least the last turn."""
    after = np.cumsum(sizes[::-1])
    return len(sizes) - max(1, int(np.searchsorted(after, ENDING, side="right")))


def chunks_of(turns: Sequence[Sequence[int]], sides: Sequence[int]) -> Chunks:
    """Return the words of turns, given by number, in chunks; a turn without words is one empty chunk."""
    sizes = np.array([max(1, -(-len(words) // CHUNK)) for words in turns], dtype=np.int64)
    edges = np.concatenate(([0], np.cumsum(sizes)))
    flat = np.zeros(int(edges[-1]) * CHUNK, dtype=np.int64)
    for words, start in zip(turns, edges[:-1].tolist(), strict=True):
        flat[start * CHUNK : start * CHUNK + len(words)] = words
    own = flat.reshape(-1, CHUNK)
    before, after = np.zeros(len(own), dtype=np.int64), np.zeros(len(own), dtype=np.int64)
    before[1:], after[:-1] = own[:-1, -1], own[1:, 0]
    before[edges[:-1]] = 0
    after[edges[1:] - 1] = 0
    in_turn = np.arange(len(own)) - np.repeat(edges[:-1], sizes)
    places = np.repeat(np.array(sides, dtype=np.int64), sizes) * PLACES + np.minimum(in_turn, PLACES - 1)
    return Chunks(np.column_stack((before, own, after)), places, edges)


def windows_of(
    sizes: Sequence[int], longest: Callable[[], int] = lambda: WINDOW, margin: int = MARGIN
) -> list[tuple[int, int]]:
    """Return the first turn and the end of each window of whole turns that overlap by twice `margin` chunks.

    The last window is filled from before. sizes: chunks of each turn. longest: the length of the next window in
    chunks; in training it varies, and the margin is less.
    """
    found: list[tuple[int, int]] = []
    at = 0
    while True:
        end, size, room = at, 0, longest()
        while end < len(sizes) and (end == at or size + sizes[end] <= room):
            size += sizes[end]
            end += 1
        while end == len(sizes) and at > 0 and size + sizes[at - 1] <= room:
            at -= 1
            size += sizes[at]
        if end > at:
            found.append((at, end))
        if end >= len(sizes):
            return found
        first = at
        at, size = end, 0
        while at - 1 > first and size + sizes[at - 1] <= 2 * margin:
            at -= 1
            size += sizes[at]


def borders_of(edges: Numbers, first: int, end: int) -> Numbers:
    """Return how far each turn of a window is from the nearer border that cuts the conversation, in chunks."""
    within = edges[first : end + 1] - edges[first]
    count = end - first
    before = within[:-1] if first else np.full(count, _UNCUT)
    after = within[-1] - within[1:] if end < len(edges) - 1 else np.full(count, _UNCUT)
    return np.minimum(before, after)


@cache
def turn_encoder() -> TurnEncoder:
    """Return the shipped encoder, read once."""
    folder = files("dayline.scoring.facts").joinpath("models")
    with np.load(BytesIO(folder.joinpath("encoder.npz").read_bytes()), allow_pickle=False) as arrays:
        tables = {name: arrays[name] for name in arrays.files}
    return TurnEncoder(tables, folder.joinpath("encoder.onnx").read_bytes())
