"""Boosted trees evaluated with numpy, with the contribution of every feature to a decision.

A file holds one or more forests as plain arrays (`numpy.load` without pickling). Each node of a tree stores the value
of a case that reaches it; the change of value along the path is the contribution of the features tested (Saabas 2014),
so contributions and bias add up to the decision exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import IO

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees in one table of nodes.

    Attributes:
        root: first node per tree.
        left: node index for values up to the threshold, -1 at a leaf.
        right: node index for larger values, -1 at a leaf.
        missing_left: whether a missing value goes left.
        value: contribution to the log-odds on arrival at the node.
    """

    root: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: F
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    value: F
    bias: float
    depth: int

    def log_odds(self, x: F) -> F:
        """Return the sum over the trees for each row of x, shape (rows,)."""
        total = np.full(len(x), self.bias)
        rows = np.arange(len(x))
        for root in self.root:
            node = np.full(len(x), root)
            for _ in range(self.depth):
                inner = self.left[node] >= 0
                if not inner.any():
                    break
                node = np.where(inner, self._next(x[rows, self.feature[node]], node), node)
            total += self.value[node]
        return total

    def contributions(self, x: F) -> F:
        """Return each feature's contribution to the log-odds, shape of x; with the bias they sum to `log_odds`."""
        out = np.zeros(x.shape)
        for row, values in enumerate(x):
            places: list[NDArray[np.int64]] = []
            features: list[NDArray[np.int64]] = []
            steps: list[F] = []
            # All trees at once: one row needs as many numpy calls as the deepest tree has levels.
            tree, now = np.arange(len(self.root)), self.root
            for _ in range(self.depth):
                inner = self.left[now] >= 0
                tree, now = tree[inner], now[inner]
                if not len(tree):
                    break
                feature = self.feature[now]
                then = self._next(values[feature], now)
                places.append(tree)
                features.append(feature)
                steps.append(self.value[then] - self.value[now])
                now = then
            if steps:
                # Tree by tree and down each tree, so that rounding does not depend on the way of counting.
                order = np.argsort(np.concatenate(places), kind="stable")
                np.add.at(out[row], np.concatenate(features)[order], np.concatenate(steps)[order])
        return out

    def _next(self, values: F, node: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the child of each node that the value of its feature leads to."""
        goes_left = np.where(np.isnan(values), self.missing_left[node], values <= self.threshold[node])
        return np.where(goes_left, self.left[node], self.right[node])


def read(source: IO[bytes], name: str) -> Forest:
    """Read one forest from a file of arrays named `<name>.<field>`."""
    with np.load(source, allow_pickle=False) as z:
        g = {k.split(".", 1)[1]: z[k] for k in z.files if k.startswith(name + ".")}
    return Forest(
        root=g["root"].astype(np.int64),
        feature=g["feature"].astype(np.int64),
        threshold=g["threshold"].astype(np.float64),
        left=g["left"].astype(np.int64),
        right=g["right"].astype(np.int64),
        missing_left=g["missing_left"].astype(np.bool_),
        value=g["value"].astype(np.float64),
        bias=float(g["bias"][0]),
        depth=int(g["depth"][0]),
    )


def table(name: str) -> F:
    """Return a plain array of the package's model file."""
    with (resources.files("dayline.detection") / "models" / "detector.npz").open("rb") as f:
        return np.asarray(np.load(f, allow_pickle=False)[name], dtype=np.float64)


def text(name: str) -> str:
    """Return a text file of the package's models."""
    return (resources.files("dayline.detection") / "models" / name).read_text()


@cache
def forest(name: str) -> Forest:
    """Return a forest of the package's model file, read once."""
    with (resources.files("dayline.detection") / "models" / "detector.npz").open("rb") as f:
        return read(f, name)


def logistic(x: F) -> F:
    """Return 1 / (1 + e^-x), without overflow for large x."""
    return 0.5 * (1 + np.tanh(0.5 * x))
