"""Learn how likely a turn holds a request or an objection, from scores of its sentences and of those around it.

The scores come from linear models that have not seen the dialogue: of the other folds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from bench.statements.examples import Example, Table
from bench.statements.labelled import WHOLE_VISITS, Labelled, sentences_of, turn_labels
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.statement_model import PLACES
from dayline.scoring.facts.turn_context import OWN_SCORES, Score, figures_of

TREES, RATE, LEAVES, LEAST_TURNS, PENALTY = 80, 0.06, 6, 30, 5.0
WEIGHT_OF_SHORT = 0.8
"""Weight of the turns of dialogues that are no whole visits."""


def learn_contexts(
    inputs: Labelled, numbers: Sequence[int], scores: Mapping[str, Mapping[int, Sequence[float]]]
) -> dict[str, Table]:
    """Return the forests of turns ("ask", "objection") as arrays.

    scores: by task or one of `OF_TURNS` and number of the dialogue, the scores of the sentences or turns in order, by
        models that have not seen it.
    """
    found: dict[str, Table] = {}
    examples = {task: _by_dialogue(inputs.examples[task]) for task in ("ask", "objection")}
    for task, other in (("ask", "objection"), ("objection", "ask")):
        rows: list[NDArray[np.float64]] = []
        labels: list[int] = []
        weights: list[float] = []
        for number in numbers:
            talk, features = inputs.talks[number]
            own_examples = examples[task].get(number, [])
            own = _scores(talk, own_examples, scores[task].get(number, ()), task)
            theirs = _scores(talk, examples[other].get(number, []), scores[other].get(number, ()), other)
            views = _views(talk, own_examples, number, task, scores)
            turns, figures = figures_of(talk, features, own, theirs, views)
            label = turn_labels(talk, own_examples, task)
            kept = [i for i, turn in enumerate(turns) if label[turn] is not None]
            rows.append(figures[kept])
            labels += [int(label[turns[i]] or 0) for i in kept]
            is_whole = inputs.dialogues[number].split in WHOLE_VISITS
            weights += [1.0 if is_whole else WEIGHT_OF_SHORT] * len(kept)
        table = np.concatenate(rows)
        rising = [1 if i in OWN_SCORES else 0 for i in range(table.shape[1])]
        forest = HistGradientBoostingClassifier(
            max_iter=TREES,
            learning_rate=RATE,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=LEAST_TURNS,
            l2_regularization=PENALTY,
            monotonic_cst=rising,
            early_stopping=False,  # pyright: ignore[reportArgumentType] - the library names the type of its default only
            random_state=0,
        ).fit(table, np.array(labels), sample_weight=np.array(weights))
        found |= {f"{task}_turns_{part}": values for part, values in trees_of(forest).items()}
    return found


def _by_dialogue(examples: Sequence[Example]) -> dict[int, list[Example]]:
    found: dict[int, list[Example]] = defaultdict(list)
    for example in examples:
        found[example.dialogue].append(example)
    return found


def _scores(talk: Conversation, examples: Sequence[Example], values: Sequence[float], task: str) -> dict[int, Score]:
    numbers = sentences_of(talk, task)
    return {
        number: Score(value, "rule" if "rule" in example.features else None)
        for number, example, value in zip(numbers, examples, values, strict=True)
    }


def _views(
    talk: Conversation,
    examples: Sequence[Example],
    number: int,
    task: str,
    scores: Mapping[str, Mapping[int, Sequence[float]]],
) -> dict[int, list[float]]:
    turns = sorted(turn_labels(talk, examples, task))
    columns = [scores[f"{task}_{place}"].get(number, ()) for place in PLACES]
    return {turn: list(row) for turn, *row in zip(turns, *columns, strict=True)}


def trees_of(model: HistGradientBoostingClassifier) -> dict[str, Table]:
    """Return the nodes of all trees, one after the other; a leaf names itself as the node below."""
    tables = [stage[0].nodes for stage in model._predictors]
    roots = np.cumsum([0, *(len(nodes) for nodes in tables[:-1])])
    parts: dict[str, list[Table]] = defaultdict(list)
    for root, nodes in zip(roots, tables, strict=True):
        leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
        parts["feature"].append(np.where(leaf, 0, nodes["feature_idx"]).astype(np.int16))
        parts["threshold"].append(np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float32))
        parts["left"].append((np.where(leaf, own, nodes["left"].astype(np.int64)) + root).astype(np.int32))
        parts["right"].append((np.where(leaf, own, nodes["right"].astype(np.int64)) + root).astype(np.int32))
        parts["value"].append(np.where(leaf, nodes["value"], 0.0).round(4).astype(np.float32))
    base = np.round(np.ravel(model._baseline_prediction)[:1], 4).astype(np.float32)
    return {
        **{name: np.concatenate(rows) for name, rows in parts.items()},
        "roots": roots.astype(np.int32),
        "base": base,
    }
