# pyright: reportMissingImports=false
"""Judge the student in float beside its teacher: `python -m bench.statements.student.judge`.

Both read the visits of two splits that nothing is learned from. Printed are the average precision by turns of each
task, the cost of the ends (cross entropy) and the correlation of the student's log-odds with the teacher's.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bench.statements.encoder.go_on import load_weights
from bench.statements.encoder.model import TASKS
from bench.statements.student.batches import batch_of, talk_of, unchanged
from bench.statements.student.corpus import judged_by
from bench.statements.student.feed import loaded
from bench.statements.student.losses import tail_ends
from bench.statements.student.network import Network
from bench.statements.student.talks import Array
from bench.statements.student.teacher import Teacher, at_places, weights_of

SPLITS = ("visits_new", "visits_after")
Floats = NDArray[np.floating[Any]]


def average_precision(scores: Floats, labels: Array) -> float:
    """Return the mean precision at the right ones, by falling score."""
    right = labels[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float((precision * right).sum() / right.sum())


def cost(said: Floats, labels: Array) -> float:
    """Return the mean cross entropy of log-odds where the label is known."""
    costs = np.logaddexp(0, said) - said * (labels > 0)
    return float(costs[labels >= 0].mean())


def inmost(values: Array, turns: Array, borders: Array) -> Array:
    """Return of each turn the row of the place that is farthest from a border."""
    order = np.lexsort((-np.arange(len(turns)), borders))
    found = np.zeros((int(turns.max()) + 1, values.shape[1]), values.dtype)
    found[turns[order]] = values[order]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.student.judge", description=__doc__)
    parser.add_argument("--teacher", type=Path, required=True, help="folder with the six layers as ONNX")
    parser.add_argument("--weights", type=Path, required=True, help="written by bench.statements.student.train")
    options = parser.parse_args()
    torch.set_num_threads(1)
    corpus = judged_by(SPLITS, options.teacher)
    known = weights_of(options.teacher)
    network = Network(corpus.parts, len(known["words"]))
    network.load_state_dict(load_weights(options.weights))
    talks = [talk_of(corpus, *unchanged(corpus, number)) for number in range(len(corpus.kinds))]
    batch = loaded(batch_of(corpus, talks, None), torch.device("cpu"))
    with torch.no_grad():
        teacher = Teacher(known)(batch)
        figures, looks, values = network.eval().figures(network(batch))
        at = at_places(teacher, batch)
        ends = [tail_ends(looks, values, batch).numpy(), tail_ends(at.looks, at.values, batch).numpy()]
    turns, borders = batch.spans[:, 3].numpy(), batch.borders.numpy()
    own, others = inmost(figures.numpy(), turns, borders), teacher.figures.numpy()
    labels = inmost(batch.labels.numpy(), turns, borders)
    print(f"{len(talks)} visits, {len(own)} turns; student, teacher, correlation")
    for column, task in enumerate(TASKS):
        is_known = labels[:, column] >= 0
        pair = [average_precision(table[is_known, column], labels[is_known, column]) for table in (own, others)]
        print(f"{task} {pair[0]:.3f} {pair[1]:.3f} {np.corrcoef(own[:, column], others[:, column])[0, 1]:.3f}")
    print("ends " + " ".join(f"{cost(table, batch.ends.numpy()):.4f}" for table in ends))


if __name__ == "__main__":
    main()
