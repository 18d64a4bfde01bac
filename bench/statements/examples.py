"""Sentences with labels and features, the sparse matrix that is learned from, and the file of what is learned."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Vector = NDArray[np.float64]
Table = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence: its dialogue and turn, its label (1, 0, or None where readers would differ), kinds and features."""

    dialogue: int
    turn: int
    label: int | None
    kinds: tuple[str, ...]
    features: list[str]


class Matrix:
    """A sparse matrix of zeros and ones: a row per example, a column per feature."""

    def __init__(self, rows: list[list[str]], names: list[str]) -> None:
        place = {name: i for i, name in enumerate(names)}
        known = [[place[f] for f in row if f in place] for row in rows]
        columns = np.array([c for row in known for c in row], dtype=np.int32)
        ends = np.cumsum([0, *(len(row) for row in known)], dtype=np.int32)
        self.shape = (len(known), len(names))
        self._rows = csr_matrix((np.ones(len(columns)), columns, ends), shape=self.shape)
        self._columns = self._rows.T.tocsr()

    def times(self, weights: Vector) -> Vector:
        """Return the product with a vector of weights per feature."""
        return self._rows @ weights

    def transposed_times(self, values: Vector) -> Vector:
        """Return the product of the transposed matrix with a vector of values per row."""
        return self._columns @ values


def bytes_of(names: Iterable[str]) -> NDArray[np.uint8]:
    """Return names as bytes, one a line."""
    return np.frombuffer("\n".join(names).encode(), dtype=np.uint8)


def save(path: Path, arrays: dict[str, Table]) -> None:
    """Write arrays to an archive whose bytes depend on them alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(arrays[name]), version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(info, buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)
