# pyright: reportMissingImports=false
"""The student in torch: words in pairs, a convolution over them, and few layers over chunks of four words.

A word is the sum of its pieces' vectors over the root of their number, and the vector of the mark that it ends with. A
row is a pair of words with the words beside it, so each chunk has two rows; after the convolution both become one.
Layers and heads are those of the teacher (`bench.statements.encoder.model`), whose weights it begins from.

What thousands of words share (pieces, marks, places) is read so that its gradients are summed by a product or by
`embedding_bag`: plain indexing sums them by `index_put`, which on a card takes eight times as long where most indices
are the same. The convolution, which has a group for each of its 384 columns, is nine products and sums, also for speed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from bench.statements.encoder.model import ENDS, TASKS, WIDTH, Layer, turns_of
from bench.statements.student.batches import OF_REST, Batch
from bench.statements.student.talks import Corpus
from dayline.scoring.facts.turn_encoder import CHUNK, PLACES
from dayline.scoring.facts.word_vectors import MARKS

WORD_WIDTH, STEM_INNER, INNER, REACH = 192, 256, 768, 4
"""Width of a word's vector and of inner layers; pairs on each side that the convolution sees."""
SPOKEN, IN_ROW = 2, 4
"""Words of a pair, and of its row with a neighbour on each side."""
SIDES, MOST_CHUNKS = 2, 200
"""Sides of a conversation, and chunks of a window for which there is a place."""
TAKEN = (1, 3, 5)
"""Layers of the teacher that the student begins from."""
_PIECES_OF_WORD, _LAST_PLACE = 1.44, 383
"""Pieces of a word on average, with the marks of sides; the last place that the teacher has learned."""
Weights = Mapping[str, Tensor]


class Network(nn.Module):
    """The student. parts: pieces of each rest, 0 after the last; pieces: the size of the vocabulary."""

    def __init__(self, parts: NDArray[np.integer], pieces: int) -> None:
        super().__init__()
        counts = (parts > 0).sum(axis=1, keepdims=True)
        self.register_buffer("parts", torch.tensor(parts.astype(np.int64)), persistent=False)
        self.register_buffer("shares", 1 / torch.tensor(counts).clamp(min=1).float().sqrt(), persistent=False)
        self.words, self.marks = nn.Embedding(pieces, WORD_WIDTH), nn.Embedding(len(MARKS), WORD_WIDTH)
        self.stem = nn.Linear(IN_ROW * WORD_WIDTH, WIDTH)
        self.stem_up, self.stem_down = nn.Linear(IN_ROW * WORD_WIDTH, STEM_INNER), nn.Linear(STEM_INNER, WIDTH)
        self.positions, self.places = nn.Embedding(MOST_CHUNKS, WIDTH), nn.Embedding(SIDES * PLACES, WIDTH)
        self.near = nn.Conv1d(WIDTH, WIDTH, 2 * REACH + 1, padding=REACH, groups=WIDTH)
        self.pair_up, self.pair_down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.merge = nn.Linear(SPOKEN * WIDTH, WIDTH)
        for name in ("stem_norm", "near_norm", "pair_norm", "merge_norm"):
            self.add_module(name, nn.LayerNorm(WIDTH, eps=1e-12))
        self.layers = nn.ModuleList(Layer(0.0, INNER) for _ in TAKEN)
        self.head, self.look, self.end = (nn.Linear(2 * WIDTH, n) for n in (len(TASKS), len(ENDS), len(ENDS)))
        self.as_teacher = nn.Linear(2 * WIDTH, 2 * WIDTH)

    def forward(self, batch: Batch[Tensor], dropped: float = 0.0) -> Tensor:
        """Return the vectors of turns in the student's windows: their first chunk's beside the mean of all.

        dropped: share of words left out in training.
        """
        vectors = self._vectors_of(batch.words.long())
        if self.training and dropped:
            vectors = vectors * (torch.rand(batch.words.shape, device=vectors.device) > dropped)[..., None]
        places = torch.arange(batch.words.shape[1], device=vectors.device)
        mask = places < batch.sizes.long()[:, None]
        x = self._chunks(vectors, batch.places.long(), mask)
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        return turns_of(x, batch.spans[:, :3].long())

    def _vectors_of(self, words: Tensor) -> Tensor:
        """Return the vectors of words; those of all rests are made first, as most are said many times."""
        rests = functional.embedding_bag(self.parts, self.words.weight, mode="sum", padding_idx=0) * self.shares
        vectors = functional.embedding(words // OF_REST, rests, padding_idx=0)
        marks = _one_hot(words % OF_REST, OF_REST, vectors) * (words > 0)[..., None]
        return vectors + marks[..., : len(MARKS)] @ self.marks.weight

    def _chunks(self, vectors: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        windows, count = places.shape
        pairs = [vectors[:, :, at : at + IN_ROW] for at in range(0, CHUNK, SPOKEN)]
        rows = torch.stack(pairs, 2).reshape(windows, SPOKEN * count, IN_ROW * WORD_WIDTH)
        of_places = _one_hot(places, SIDES * PLACES, vectors) @ self.places.weight
        extra = (self.positions.weight[:count] + of_places).repeat_interleave(SPOKEN, 1)
        x = self.stem_norm(self.stem(rows) + self.stem_down(functional.gelu(self.stem_up(rows))) + extra)
        x = x * mask.repeat_interleave(SPOKEN, 1)[..., None]
        x = self.near_norm(x.float() + self._near(x.float()))
        x = self.pair_norm(x + self.pair_down(functional.gelu(self.pair_up(x))))
        return self.merge_norm(self.merge(x.reshape(windows, count, -1)))

    def _near(self, x: Tensor) -> Tensor:
        """Return the convolution over pairs."""
        padded, weights = functional.pad(x, (0, 0, REACH, REACH)), self.near.weight[:, 0]
        found = self.near.bias.expand_as(x)
        for at in range(weights.shape[1]):
            found = torch.addcmul(found, padded[:, at : at + x.shape[1]], weights[:, at])
        return found

    def figures(self, vectors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return for turns the log-odds of `TASKS`, and how much each counts for the end and with what value."""
        return self.head(vectors), self.look(vectors), self.end(vectors)


def _one_hot(numbers: Tensor, count: int, like: Tensor) -> Tensor:
    return functional.one_hot(numbers, count).to(like.dtype)


def uses_of(corpus: Corpus, pieces: int) -> NDArray[np.float64]:
    """Return how often each piece is said; pieces: how many there are."""
    said, found = np.bincount(corpus.rests, minlength=len(corpus.parts)), np.zeros(pieces)
    for column in corpus.parts.T:
        np.add.at(found, column, said)
    found[0] = 0
    return found


def begin(network: Network, teacher: Weights, corpus: Corpus) -> None:
    """Start from the teacher: its vectors of pieces in the directions in which what is said differs most."""
    basis, scale = _begin_words(network, teacher["words"].numpy(), corpus)
    own = network.stem.weight.data = torch.zeros(WIDTH, IN_ROW * WORD_WIDTH)
    for at in range(IN_ROW):
        share = (1.0 if 0 < at < IN_ROW - 1 else 0.3) / math.sqrt(SPOKEN)
        own[:, at * WORD_WIDTH : (at + 1) * WORD_WIDTH] = torch.tensor(basis.T / scale) * share
    for part, spread in (
        (network.stem_up, 0.04),
        (network.stem_down, 0.002),
        (network.near, 0.02),
        (network.pair_up, 0.04),
        (network.pair_down, 0.002),
    ):
        nn.init.normal_(part.weight, std=spread)
    for part in (network.stem, network.stem_up, network.stem_down, network.near, network.merge):
        nn.init.zeros_(part.bias)
    network.merge.weight.data = torch.cat([torch.eye(WIDTH)] * SPOKEN, 1) / SPOKEN
    for norm in (network.stem_norm, network.merge_norm):
        _copy(norm, teacher, "norm")
    _begin_places(network, teacher)
    for layer, number in zip(network.layers, TAKEN, strict=True):
        _begin_layer(layer, teacher, f"layers.{number}.")
    for part, name in ((network.head, "head"), (network.look, "look"), (network.end, "end")):
        _copy(part, teacher, name, len(part.bias))
    network.as_teacher.weight.data = torch.eye(2 * WIDTH)
    nn.init.zeros_(network.as_teacher.bias)


def _begin_words(network: Network, base: NDArray[np.float32], corpus: Corpus) -> tuple[NDArray[np.float64], float]:
    """Set the vectors of pieces and marks; return the directions that are kept, and the scale."""
    uses = uses_of(corpus, len(base))
    mean = (base * uses[:, None]).sum(0) / uses.sum()
    basis = np.linalg.svd((base - mean) * np.sqrt(uses + 0.5)[:, None], full_matrices=False)[2][:WORD_WIDTH]
    kept = base @ basis.T
    scale = 0.5 / np.sqrt(((kept**2).mean(1) * uses).sum() / uses.sum())
    table = torch.tensor(kept * scale, dtype=torch.float32)
    table[0] = 0
    network.words.weight.data = table
    network.marks.weight.data.zero_()
    for mark, piece in enumerate(corpus.of_marks.tolist()):
        if piece:
            network.marks.weight.data[mark] = 0.3 * table[piece]
    return basis, float(scale)


def _begin_places(network: Network, teacher: Weights) -> None:
    known, sides = teacher["places"], teacher["marks"]
    for position in range(MOST_CHUNKS):
        piece = min(int(position * _PIECES_OF_WORD * CHUNK), _LAST_PLACE)
        network.positions.weight.data[position] = known[piece]
    for side in range(SIDES):
        for place in range(PLACES):
            network.places.weight.data[side * PLACES + place] = sides[side] * (0.2 if place else 0.7)


def _begin_layer(layer: nn.Module, teacher: Weights, own: str) -> None:
    """Copy a layer of the teacher; of its inner rows those with the greatest weights."""
    for name in ("qkv", "out", "n1", "n2"):
        _copy(getattr(layer, name), teacher, own + name)
    up, bias, down = (teacher[own + name] for name in ("up.weight", "up.bias", "down.weight"))
    kept = (up.norm(dim=1) * down.norm(dim=0)).argsort(descending=True)[:INNER]
    layer.up.weight.data, layer.up.bias.data = up[kept].clone(), bias[kept].clone()
    layer.down.weight.data, layer.down.bias.data = down[:, kept].clone(), teacher[f"{own}down.bias"].clone()


def _copy(part: nn.Module, weights: Weights, name: str, rows: int | None = None) -> None:
    part.weight.data, part.bias.data = (weights[f"{name}.{kind}"][:rows].clone() for kind in ("weight", "bias"))
