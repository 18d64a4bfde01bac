"""Grouping voice vectors: spectral clustering inside a block, average linkage between the groups of many blocks.

Numpy only. A block is small (hundreds of windows), so its matrices are; the day is never one matrix.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]

MAX_VOICES_PER_BLOCK = 8
# Share of its neighbours that a window keeps as edges.
KEPT_NEIGHBOURS = 0.3
FEWEST_NEIGHBOURS = 6
# A block holds no more voices than one for so many windows, or two: with few windows the eigenvalues jump by chance.
WINDOWS_PER_VOICE = 5
KMEANS_ROUNDS = 30
# Halves of the windows of one voice in one room were less alike than this in 1 of 400 groups.
HALVES_LIKENESS = 0.75
LEAST_HALF = 4


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Return rows of length one, as float32."""
    wide = vectors.astype(np.float32)
    return wide / np.maximum(np.linalg.norm(wide, axis=-1, keepdims=True), 1e-9)


def spectral_labels(vectors: Vectors, max_voices: int = MAX_VOICES_PER_BLOCK) -> Labels:
    """Return a group (0..k-1) for every row; k is where the eigenvalues of the pruned graph jump.

    Pruned cosine affinity and eigengap as in Park et al., "Auto-Tuning Spectral Clustering for Speaker Diarization"
    (IEEE SPL 2020), with a fixed pruning; grouping of the row-normalised eigenvectors by Ng, Jordan and Weiss (2001).
    """
    n = len(vectors)
    if n < 3:
        return np.zeros(n, np.int64)
    similarity = vectors @ vectors.T
    kept = min(n, max(FEWEST_NEIGHBOURS, int(n * KEPT_NEIGHBOURS)))
    threshold = np.partition(similarity, n - kept, axis=1)[:, n - kept][:, None]
    graph = np.where(similarity >= threshold, similarity, 0)
    graph = np.maximum(0, (graph + graph.T) / 2).astype(np.float64)
    np.fill_diagonal(graph, 0)
    scale = 1 / np.sqrt(np.maximum(graph.sum(1), 1e-9))
    values, basis = np.linalg.eigh(np.eye(n) - graph * scale[:, None] * scale[None, :])
    top = min(max_voices, n - 1, max(2, n // WINDOWS_PER_VOICE))
    groups = int(np.argmax(np.diff(values[: top + 1]))) + 1
    if groups == 1:
        return np.zeros(n, np.int64)
    return kmeans_labels(unit(basis[:, :groups]), groups)


def block_labels(vectors: Vectors) -> Labels:
    """Return a group (0..k-1) for every window of a block.

    The eigengap overlooks voices that say little beside one that says much. So each group is cut in two by k-means, and
    stays cut where the halves are less alike than those of one voice ever are.
    """
    labels = spectral_labels(vectors)
    waiting = [np.flatnonzero(labels == g) for g in range(int(labels.max()) + 1)] if len(labels) else []
    groups = 0
    while waiting:
        members = waiting.pop()
        halves = _halves(vectors[members])
        if halves is None:
            labels[members] = groups
            groups += 1
        else:
            waiting += [members[halves], members[~halves]]
    return compact(labels)


def _halves(vectors: Vectors) -> NDArray[np.bool_] | None:
    if len(vectors) < 2 * LEAST_HALF:
        return None
    first = kmeans_labels(vectors, 2) == 0
    if min(first.sum(), (~first).sum()) < LEAST_HALF:
        return None
    centres = unit(np.stack([vectors[first].mean(0), vectors[~first].mean(0)]))
    return first if float(centres[0] @ centres[1]) < HALVES_LIKENESS else None


def kmeans_labels(points: Vectors, groups: int) -> Labels:
    """Return a group for every row by k-means, started from far points so that the same rows give the same groups."""
    chosen = [int(np.argmin(points @ points.mean(0)))]
    distance = np.square(points - points[chosen[0]]).sum(1)
    while len(chosen) < groups:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, np.square(points - points[chosen[-1]]).sum(1))
    centres = points[chosen]
    labels = np.full(len(points), -1)
    for _ in range(KMEANS_ROUNDS):
        now = np.argmin(np.square(points[:, None] - centres[None]).sum(2), axis=1)
        if np.array_equal(now, labels):
            break
        labels = now
        centres = np.stack([points[labels == g].mean(0) if np.any(labels == g) else centres[g] for g in range(groups)])
    return compact(labels)


def linked_labels(similarity: NDArray[np.floating], weights: NDArray[np.floating], least: float) -> Labels:
    """Return a group for every item: the two groups most alike are joined until none are alike by `least`.

    Likeness of two groups is the mean over their members, by weight (average linkage). Each group remembers its
    nearest, so that work grows with the square of the number of items; these are groups of blocks, never windows.
    """
    n = len(weights)
    near = similarity.astype(np.float64).copy()
    np.fill_diagonal(near, -np.inf)
    weight = weights.astype(np.float64).copy()
    labels = np.arange(n)
    best = near.max(axis=1) if n else np.zeros(0)
    while n > 1:
        i = int(np.argmax(best))
        if best[i] < least:
            break
        j = int(np.argmax(near[i]))
        joined = (weight[i] * near[i] + weight[j] * near[j]) / (weight[i] + weight[j])
        stale = np.flatnonzero((near[:, i] >= best) | (near[:, j] >= best))
        near[i], near[:, i] = joined, joined
        near[i, i] = -np.inf
        near[j], near[:, j] = -np.inf, -np.inf
        weight[i] += weight[j]
        labels[labels == j] = i
        best = np.maximum(best, near[:, i])
        best[stale] = near[stale].max(axis=1)
        best[i], best[j] = near[i].max(), -np.inf
    return compact(labels)


def compact(labels: NDArray[np.integer]) -> Labels:
    """Number groups 0, 1, ... in order of first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
