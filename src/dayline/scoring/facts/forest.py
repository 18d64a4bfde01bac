"""Forests of decision trees, as learned by gradient boosting: the sum of the trees' leaves is a log-odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
        for root in self.roots:
            node = np.full(len(rows), root)
            while True:
                goes_left = np.take_along_axis(rows, self.feature[node][:, None], axis=1)[:, 0] <= self.threshold[node]
                below = np.where(goes_left, self.left[node], self.right[node])
                if (below == node).all():
                    break
                node = below
            found += self.value[node]
        return found
