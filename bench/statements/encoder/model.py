# pyright: reportMissingImports=false
"""The encoder in torch: layers of BERT over windows of turns, with heads over each turn and over a whole window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

KINDS = ("price", "timing", "authority", "need", "trust", "competition", "delay", "terms")
TASKS = ("ask", "objection", "step", "offer", "accepted", "declined", "need", "answered")
HEADS = (*TASKS, *(f"kind:{kind}" for kind in KINDS))
ENDS = ("order", "refused", "open")
WIDTH, INNER, ATTENTION_HEADS = 384, 1536, 12
PAD = 0


def read_base(folder: Path) -> dict[str, Tensor]:
    """Return the weights of `base.npz`; tables are int8 rows with a scale each."""
    with np.load(folder / "base.npz") as arrays:
        known = {name: arrays[name].astype(np.float32) for name in arrays.files}
    tables = {name[:-2]: known[name] * known[f"{name[:-2]}.s"] for name in known if name.endswith(".q")}
    return {name: torch.tensor(v) for name, v in (tables | known).items() if not name.endswith((".q", ".s"))}


class Layer(nn.Module):
    """A layer of BERT. seen_dropout: of the attention itself, where it differs."""

    def __init__(self, dropout: float, inner: int = INNER, seen_dropout: float | None = None) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.n1, self.n2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)
        self.up, self.down = nn.Linear(WIDTH, inner), nn.Linear(inner, WIDTH)
        self.dropout, self.seen_dropout = dropout, dropout if seen_dropout is None else seen_dropout

    def begin_from(self, base: Mapping[str, Tensor], number: int) -> None:
        """Copy the weights of one layer of the base."""
        own = f"encoder.layer.{number}."
        names = [f"{own}attention.self.{name}" for name in ("query", "key", "value")]
        self.qkv.weight.data = torch.cat([base[f"{name}.weight"] for name in names])
        self.qkv.bias.data = torch.cat([base[f"{name}.bias"] for name in names])
        for part, name in (
            (self.out, "attention.output.dense"),
            (self.n1, "attention.output.LayerNorm"),
            (self.up, "intermediate.dense"),
            (self.down, "output.dense"),
            (self.n2, "output.LayerNorm"),
        ):
            part.weight.data, part.bias.data = base[f"{own}{name}.weight"].clone(), base[f"{own}{name}.bias"].clone()

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, n, d = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, ATTENTION_HEADS, d // ATTENTION_HEADS).permute(2, 0, 3, 1, 4)
        dropped = self.seen_dropout if self.training else 0.0
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropped)
        seen = self.out(seen.transpose(1, 2).reshape(b, n, d))
        x = self.n1(x + functional.dropout(seen, self.dropout, self.training))
        inner = self.down(functional.gelu(self.up(x)))
        return self.n2(x + functional.dropout(inner, self.dropout, self.training))


class Encoder(nn.Module):
    """Embeddings and layers; the words' embeddings stay as they are."""

    def __init__(self, base: Mapping[str, Tensor], layers: Sequence[int], dropout: float) -> None:
        super().__init__()
        own = "embeddings."
        self.words = nn.Embedding.from_pretrained(base[f"{own}word_embeddings.weight"], freeze=True)
        self.marks = nn.Parameter(base["marks"].clone())
        kind = base[f"{own}token_type_embeddings.weight"][0]
        self.places = nn.Parameter(base[f"{own}position_embeddings.weight"] + kind)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.norm.weight.data = base[f"{own}LayerNorm.weight"].clone()
        self.norm.bias.data = base[f"{own}LayerNorm.bias"].clone()
        self.layers = nn.ModuleList(Layer(dropout) for _ in layers)
        for layer, number in zip(self.layers, layers, strict=True):
            layer.begin_from(base, number)
        self.dropout = dropout

    def forward(self, pieces: Tensor) -> Tensor:
        x = self.words(pieces.clamp(min=0))
        marks = self.marks[(-pieces - 1).clamp(0, 1)].to(x.dtype)
        x = torch.where((pieces < 0)[..., None], marks, x) + self.places[: pieces.shape[1]]
        x = functional.dropout(self.norm(x), self.dropout, self.training)
        mask = (pieces != PAD)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return x


def turns_of(hidden: Tensor, spans: Tensor) -> Tensor:
    """Return the vectors of turns: the first row of each beside the mean of all its rows."""
    hidden = hidden.float()
    with torch.autocast(hidden.device.type, enabled=False):
        total = functional.pad(hidden.cumsum(1), (0, 0, 1, 0))
        window, begin, end = spans.T
        mean = (total[window, end] - total[window, begin]) / (end - begin)[:, None]
        return torch.cat([hidden[window, begin], mean], 1)


def ends_of(look: Tensor, value: Tensor, window: Tensor, windows: int) -> Tensor:
    """Return the log-odds of the end of each window: the mean of its turns' values, by how much each counts."""
    least = torch.full((windows, len(ENDS)), -1e4, device=look.device)
    top = least.scatter_reduce(0, window[:, None].expand_as(look), look, "amax")
    share = torch.exp(look - top[window].detach())  # any constant gives the same mean
    whole = torch.zeros_like(least).index_add(0, window, share)
    return torch.zeros_like(least).index_add(0, window, share / whole[window] * value)


class Model(nn.Module):
    """The encoder with its heads."""

    def __init__(self, base: Mapping[str, Tensor], layers: Sequence[int], dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = Encoder(base, layers, dropout)
        self.head, self.look, self.end = (nn.Linear(2 * WIDTH, n) for n in (len(HEADS), len(ENDS), len(ENDS)))
        for part in (self.head, self.look, self.end):
            nn.init.normal_(part.weight, std=0.02)
            nn.init.zeros_(part.bias)
        self.head.bias.data[: len(TASKS) - 1] = -3.0  # few turns hold any statement
        self.drop = nn.Dropout(0.1)

    def forward(self, pieces: Tensor, spans: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log-odds of each turn and of the end of each window.

        spans: window, first and last piece of each turn.
        """
        turns = self.drop(self.turns(pieces, spans))
        with torch.autocast(pieces.device.type, enabled=False):
            return self.head(turns), ends_of(self.look(turns), self.end(turns), spans[:, 0], len(pieces))

    def turns(self, pieces: Tensor, spans: Tensor) -> Tensor:
        """Return the vectors of turns: that of their mark beside the mean of all their pieces."""
        return turns_of(self.encoder(pieces), spans)

    def state(self) -> dict[str, Any]:
        """Return all weights but the words' embeddings."""
        return {k: v.half().cpu().numpy() for k, v in self.state_dict().items() if not k.startswith("encoder.words")}
