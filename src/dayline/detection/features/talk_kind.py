"""What kind of talk each line belongs to, by a small trained network of word pieces.

Vectors of word pieces, a convolution over three pieces, sum and maximum per line, and three convolutions over lines, so
that a line is read with seven lines on either side. The vectors come from a sentence encoder that was trained for the
kind of talk (`bench/detection/kinds`); the network was trained to say what that encoder says. It reads words and who is
the rep, no times. Words of more than one piece are divided as the encoder divided them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt
from dayline.detection.features.speaker_roles import SpeakerRoles
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]
F32 = NDArray[np.float32]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

UNKNOWN = 1
"""Number of the piece that stands for a part of a word that no pieces spell."""

BLOCK_PIECES = 8000
"""Pieces that are convolved at once, so that a long day needs little memory."""

REACHES = (1, 2, 4)
"""Distance in lines that each convolution over lines reaches to either side."""

KINDS = ("customer", "internal", "personal", "errand", "broadcast", "memo")
"""What the outputs of the network stand for, in their order."""

DECIMALS = 3
"""Log-odds are rounded, so that the order in which a machine adds does not show."""

_PARTS = re.compile(r"[a-z]+|\d|'|\$")


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of the network and the numbers of its word pieces.

    Attributes:
        pieces: number of each word piece; a piece that continues a word begins with "##".
        vectors: vector of each piece, shape (pieces, d).
        near: weights over three pieces in a row, shape (3 d, h), and `near_bias` (h,).
        role: vector of a line by nobody known, by the rep, by somebody else, shape (3, r).
        line: weights of sum, maximum and role of a line, shape (2 h + r, h), and `line_bias` (h,).
        around: weights over the lines before, here and after, shape (h, h) each, and bias, one entry per reach.
        out: weights of the six kinds, the customer first, shape (h, 6), and `out_bias`.
    """

    pieces: Mapping[str, int]
    vectors: F32
    near: F32
    near_bias: F32
    role: F32
    line: F32
    line_bias: F32
    around: Sequence[tuple[F32, F32, F32, F32]]
    out: F32
    out_bias: F32


def split(word: str, pieces: Mapping[str, int]) -> list[int]:
    """Return the numbers of the longest pieces that spell a lower-case word, from its beginning on."""
    found: list[int] = []
    for part in _PARTS.findall(word):
        i, mine = 0, list[int]()
        while i < len(part):
            prefix = "##" if i else ""
            j = next((j for j in range(len(part), i, -1) if prefix + part[i:j] in pieces), i)
            if j == i:
                mine = [UNKNOWN]
                break
            mine.append(pieces[prefix + part[i:j]])
            i = j
        found += mine
    return found


def read(u: UtteranceArrays, roles: SpeakerRoles, network: Network) -> F:
    """Return the log probability that each line's talk is of each of `KINDS`, shape (n, 6)."""
    per_word: dict[str, list[int]] = {}
    for word in {w for line in u.tokens for w in line}:
        per_word[word] = split(word, network.pieces)
    lines = [[piece for word in line for piece in per_word[word]] for line in u.tokens]
    count = np.array([len(line) for line in lines], dtype=np.int64)
    flat = np.array([piece for line in lines for piece in line], dtype=np.int64)
    told = np.zeros(len(u), dtype=np.int64)
    if u.has_voices:
        told = np.where(u.voice < 0, 0, np.where(roles.rep > 0.5, 1, 2))
    return _lines(flat, count, told, network)


def customer_log_odds(kinds: F) -> F:
    """Return the log-odds of each line's talk to be a customer conversation, shape (n,). kinds: by `read`."""
    others = np.asarray(np.logaddexp.reduce(kinds[:, 1:], axis=1), dtype=np.float64)
    return np.round(kinds[:, 0] - others, DECIMALS)


def shares(kinds: F) -> F:
    """Return the probability that each line's talk is of each of `KINDS`, shape (n, 6). kinds: by `read`."""
    return np.round(np.asarray(np.exp(kinds), dtype=np.float64), DECIMALS)


def _lines(flat: I, count: I, told: I, network: Network) -> F:
    """Return the log probabilities of pieces in a row, shape (n, 6). count: pieces per line; told: role per line."""
    total, top = _of_lines(flat, count, network)
    some = (count > 0)[:, None]
    inputs = np.hstack([total / np.sqrt(np.maximum(count, 1))[:, None], top, network.role[told]])
    y = np.maximum(inputs.astype(np.float32) @ network.line + network.line_bias, 0) * some
    n, width = y.shape
    for reach, (before, here, after, bias) in zip(REACHES, network.around, strict=True):
        padded = np.zeros((n + 2 * reach, width), dtype=np.float32)
        padded[reach : reach + n] = y
        near = padded[:n] @ before + y @ here + padded[2 * reach :] @ after + bias
        y = (y + np.maximum(near, 0)) * some
    kinds: F = (y @ network.out + network.out_bias).astype(np.float64)
    total = np.asarray(np.logaddexp.reduce(kinds, axis=1), dtype=np.float64)
    return kinds - total[:, None]


def _of_lines(flat: I, count: I, network: Network) -> tuple[F32, F32]:
    """Return sum and maximum over the pieces of each line, shape (n, h) each."""
    n, width = len(count), len(network.near_bias)
    total, top = np.zeros((n, width), dtype=np.float32), np.zeros((n, width), dtype=np.float32)
    at = np.concatenate([[0], np.cumsum(count)])
    i = 0
    while i < n:
        j = max(i + 1, int(np.searchsorted(at, at[i] + BLOCK_PIECES, side="right")) - 1)
        a, b = int(at[i]), int(at[j])
        around = np.zeros((b - a + 2, network.vectors.shape[1]), dtype=np.float32)
        low, high = max(0, a - 1), min(len(flat), b + 1)
        around[low - a + 1 : high - a + 1] = network.vectors[flat[low:high]]
        x = np.maximum(np.hstack([around[:-2], around[1:-1], around[2:]]) @ network.near + network.near_bias, 0)
        rows = i + np.flatnonzero(count[i:j] > 0)
        if len(rows):
            total[rows] = np.add.reduceat(x, at[rows] - a, axis=0)
            top[rows] = np.maximum.reduceat(x, at[rows] - a, axis=0)
        i = j
    return total, top


@cache
def shipped() -> Network:
    """Return the network of the package, read once."""
    pieces = {piece: i for i, piece in enumerate(gbdt.text("kind_pieces.txt").splitlines())}
    with (resources.files("dayline.detection") / "models" / "kind_network.npz").open("rb") as f:
        z = np.load(f, allow_pickle=False)
        return of_arrays({k: z[k] for k in z.files}, pieces)


def of_arrays(z: Mapping[str, NDArray[np.generic]], pieces: Mapping[str, int]) -> Network:
    """Return a network of stored arrays: whole numbers with a scale per row (`.q`, `.s`), or plain ones."""

    def get(name: str) -> F32:
        if name in z:
            return z[name].astype(np.float32)
        return z[f"{name}.q"].astype(np.float32) * z[f"{name}.s"].astype(np.float32)[:, None]

    near = get("c1.weight")
    around: list[tuple[F32, F32, F32, F32]] = []
    for k in range(len(REACHES)):
        w = get(f"l.{k}.weight")
        around.append((w[:, :, 0].T.copy(), w[:, :, 1].T.copy(), w[:, :, 2].T.copy(), get(f"l.{k}.bias")))
    return Network(
        pieces=pieces,
        vectors=get("word.weight"),
        near=near.transpose(2, 1, 0).reshape(-1, near.shape[0]).copy(),
        near_bias=get("c1.bias"),
        role=get("role.weight"),
        line=get("inp.weight").T.copy(),
        line_bias=get("inp.bias"),
        around=tuple(around),
        out=get("head.weight").T.copy(),
        out_bias=get("head.bias"),
    )
