"""Forests of decision trees, as learned by gradient boosting: the sum of the trees' leaves is a log-odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 256
"""Rows that are read at once, so that the table of nodes stays small."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Nodes of all trees, one after the other.

    Attributes:
        feature: the figure that a node compares.
        threshold: a row goes left where its figure is at most this.
        left, right: numbers of the nodes below; a leaf names itself.
        value: what a leaf adds to the log-odds.
        roots: number of the first node of each tree.
        base: log-odds before the first tree.

    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: NDArray[np.float64]
    roots: NDArray[np.int64]
    base: float

    def of(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of each row of figures."""
        found = np.full(len(rows), self.base)
        for first in range(0, len(rows), _AT_ONCE):
            part = rows[first : first + _AT_ONCE]
            for added in self.value[self._leaves(part)].T:  # in the order of the trees: sums of floats depend on it
                found[first : first + _AT_ONCE] += added
        return found

    def _leaves(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the number of the leaf of each row in each tree; all trees are gone down together."""
        nodes = np.tile(self.roots, (len(rows), 1))
        place = np.arange(len(rows))[:, None]
        while True:
            goes_left = rows[place, self.feature[nodes]] <= self.threshold[nodes]
            below = np.where(goes_left, self.left[nodes], self.right[nodes])
            if (below == nodes).all():
                return nodes
            nodes = below
