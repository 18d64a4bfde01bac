"""The encoder (BERT with line markers) and the network of static vectors, in PyTorch."""
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from windows import PAD

WIDTH, HEADS, INNER, POSITIONS, DROP = 384, 12, 1536, 256, 0.1
OUTPUTS = 8  # six kinds, start, end
REDUCED, HIDDEN, ROLE = 96, 128, 16


class Layer(nn.Module):
    """One layer of BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.n1, self.n2 = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)
        self.a, self.b = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        n, t, d = x.shape
        q, k, v = (m(x).view(n, t, HEADS, d // HEADS).transpose(1, 2) for m in (self.q, self.k, self.v))
        drop = DROP if self.training else 0.0
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=drop)
        y = self.o(y.transpose(1, 2).reshape(n, t, d))
        x = self.n1(x + functional.dropout(y, DROP, self.training))
        y = self.b(functional.gelu(self.a(x)))
        return self.n2(x + functional.dropout(y, DROP, self.training))


class Encoder(nn.Module):
    """Word pieces to eight outputs per piece; those at the markers of lines count."""

    def __init__(self, pieces: int, layers: int) -> None:
        super().__init__()
        self.word, self.pos = nn.Embedding(pieces, WIDTH), nn.Embedding(POSITIONS, WIDTH)
        self.seg, self.norm = nn.Embedding(2, WIDTH), nn.LayerNorm(WIDTH, 1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.head = nn.Linear(WIDTH, OUTPUTS)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: torch.Tensor, segment: torch.Tensor) -> torch.Tensor:
        x = self.word(ids) + self.pos.weight[: ids.shape[1]][None] + self.seg(segment)
        x = functional.dropout(self.norm(x), DROP, self.training)
        mask = (ids != PAD)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(x)


class Network(nn.Module):
    """Vectors of pieces, a convolution over pieces, sum and maximum per line, dilated convolutions over lines."""

    def __init__(self, vectors: torch.Tensor) -> None:
        super().__init__()
        self.word = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        self.c1 = nn.Conv1d(REDUCED, HIDDEN, 3, padding=1)
        self.role = nn.Embedding(3, ROLE)
        self.inp = nn.Linear(2 * HIDDEN + ROLE, HIDDEN)
        self.l = nn.ModuleList(nn.Conv1d(HIDDEN, HIDDEN, 3, padding=g, dilation=g) for g in (1, 2, 4))
        self.head = nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, ids: torch.Tensor, line: torch.Tensor, role: torch.Tensor) -> torch.Tensor:
        lines, real = role.shape[1], (ids != PAD)[..., None]
        x = functional.dropout(self.word(ids), DROP, self.training) * real
        x = functional.relu(self.c1(x.transpose(1, 2))).transpose(1, 2).float() * real
        b, _, width = x.shape
        zero, where = x.new_zeros(b, lines + 1, width), line[..., None].expand(-1, -1, width)
        count = x.new_zeros(b, lines + 1).scatter_add_(1, line, (ids != PAD).float())[:, :lines, None]
        total = zero.scatter_add(1, where, x)[:, :lines]
        top = zero.scatter_reduce(1, where, x, "amax", include_self=True)[:, :lines]
        y = torch.cat([total / count.clamp(min=1).sqrt(), top, self.role(role)], -1)
        y = functional.dropout(functional.relu(self.inp(y)), 0.2, self.training) * (count > 0)
        for around in self.l:
            y = (y + functional.relu(around(y.transpose(1, 2))).transpose(1, 2)) * (count > 0)
        return self.head(y)


def reduced(encoder: nn.Module) -> torch.Tensor:
    """The vectors of an encoder's word pieces along their `REDUCED` largest directions."""
    e = encoder.word.weight.detach().float()
    e = e - e.mean(0)
    out = e @ torch.linalg.svd(e, full_matrices=False).Vh[:REDUCED].T
    return (out / out.std() * 0.5).cpu()


def load_base(model: Encoder, base: Mapping[str, np.ndarray], layers: Iterable[int]) -> Encoder:
    """Take the weights of `base.npz`; layers: which of its layers become those of the model."""

    def matrix(name: str) -> torch.Tensor:
        return torch.tensor(base[name + ".q"].astype(np.float32) * base[name + ".s"].astype(np.float32)[:, None])

    with torch.no_grad():
        model.word.weight.copy_(matrix("word"))
        model.pos.weight.copy_(matrix("pos"))
        model.seg.weight.copy_(torch.tensor(base["seg"]))
        model.norm.weight.copy_(torch.tensor(base["norm.w"]))
        model.norm.bias.copy_(torch.tensor(base["norm.b"]))
        for layer, i in zip(model.layers, layers, strict=True):
            for n in "qkvoab":
                getattr(layer, n).weight.copy_(matrix(f"{i}.{n}"))
                getattr(layer, n).bias.copy_(torch.tensor(base[f"{i}.{n}.bias"]))
            for n in ("n1", "n2"):
                getattr(layer, n).weight.copy_(torch.tensor(base[f"{i}.{n}.w"]))
                getattr(layer, n).bias.copy_(torch.tensor(base[f"{i}.{n}.b"]))
    return model
