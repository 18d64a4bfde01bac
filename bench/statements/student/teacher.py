# pyright: reportMissingImports=false
"""The teacher in torch: the six layers and their heads, from the files that the package read before the student.

The weights of its layers are int8 there, with a scale for each column; a card reads with them in half precision.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from bench.statements.encoder.model import PAD, WIDTH, Layer, turns_of
from bench.statements.student.batches import Batch

LAYERS = 6
Weights = dict[str, Tensor]


class Known(NamedTuple):
    """What the teacher says of turns: their vectors, log-odds of the tasks, looks and values for the ends."""

    vectors: Tensor
    figures: Tensor
    looks: Tensor
    values: Tensor


def vocabulary_of(folder: Path) -> list[str]:
    """Return the pieces of words in the order of their numbers."""
    with np.load(folder / "encoder.npz", allow_pickle=False) as arrays:
        return arrays["pieces"].tobytes().decode().split("\n")


def words_of(folder: Path) -> NDArray[np.float32]:
    """Return the vectors of the pieces."""
    with np.load(folder / "encoder.npz", allow_pickle=False) as arrays:
        return arrays["words"].astype(np.float32) * arrays["word_scales"].astype(np.float32)[:, None]


def weights_of(folder: Path) -> Weights:
    """Return the weights of layers and heads. folder: `encoder.onnx` and `encoder.npz` of the six layers."""
    with np.load(folder / "encoder.npz", allow_pickle=False) as arrays:
        tables = {name: arrays[name].astype(np.float32) for name in arrays.files if name != "pieces"}
    found = {"words": words_of(folder), "marks": tables["marks"], "places": tables["spots"]}
    found |= dict(zip(("norm.weight", "norm.bias"), tables["norm"], strict=True))
    for name, table in (("head", "heads"), ("look", "looks"), ("end", "ends")):
        found |= {f"{name}.weight": tables[table][:-1].T, f"{name}.bias": tables[table][-1]}
    graph = onnx.load(str(folder / "encoder.onnx")).graph
    known = {values.name: numpy_helper.to_array(values).astype(np.float32) for values in graph.initializer}
    for number in range(LAYERS):
        given, own = f"layer{number}_", f"layers.{number}."
        for name in ("qkv", "out", "up", "down"):
            found[f"{own}{name}.weight"] = (known[f"{given}{name}_w_quantized"] * known[f"{given}{name}_w_scale"]).T
            found[f"{own}{name}.bias"] = known[f"{given}{name}_b"]
        for name in ("n1", "n2"):
            found |= {f"{own}{name}.{kind}": known[f"{given}{name}_{kind}"] for kind in ("weight", "bias")}
    return {name: torch.tensor(np.ascontiguousarray(values)) for name, values in found.items()}


class Teacher(nn.Module):
    """The six layers; nothing of them is learned."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        for name in ("words", "marks", "places"):
            self.register_buffer(name, torch.empty_like(weights[name]))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(0.0) for _ in range(LAYERS))
        for name in ("head", "look", "end"):
            self.add_module(name, nn.Linear(2 * WIDTH, len(weights[f"{name}.bias"])))
        self.load_state_dict(weights)
        self.eval().requires_grad_(False)

    def on(self, device: torch.device) -> Teacher:
        """Move to a device, on a card all but the heads in half precision."""
        return (self.halved() if device.type == "cuda" else self).to(device)

    def halved(self) -> Teacher:
        """Turn all but the heads to half precision."""
        for part in (self.norm, *self.layers):
            part.half()
        self.words, self.marks, self.places = self.words.half(), self.marks.half(), self.places.half()
        return self

    @torch.no_grad()
    def forward(self, batch: Batch[Tensor]) -> Known:
        """Return what is said of each turn of `piece_spans`."""
        pieces = batch.pieces.long()
        x = torch.where((pieces < 0)[..., None], self.marks[(-pieces - 1).clamp(0, 1)], self.words[pieces.clamp(min=0)])
        x = self.norm(x + self.places[: pieces.shape[1]])
        mask = (pieces != PAD)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        vectors = turns_of(x, batch.piece_spans.long())
        return Known(vectors, self.head(vectors), self.look(vectors), self.end(vectors))


def at_places(known: Known, batch: Batch[Tensor]) -> Known:
    """Return what is said of each place of the student's windows."""
    turn = batch.spans[:, 3].long()
    return Known(*(values[turn] for values in known))
