"""Learn how likely a whole conversation ended in an order, a refusal or an open decision.

The figures over a conversation include the scores of its sentences. These come from models that have not seen it: for
parts that the sentence models learn from, from models of the other folds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bench.statements.dialogues import Dialogue
from bench.statements.examples import Example, Matrix, Vector
from bench.statements.step_examples import labelled_asks
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.next_step import without_repeats
from dayline.scoring.facts.outcome import EARLIEST_SHARE, rule_signs_of
from dayline.scoring.facts.outcome_decision import evidence
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import ENDS
from dayline.scoring.facts.step_candidates import candidates_in

PENALTY, ROUNDS = 20.0, 30
Learn = Callable[[list[Example]], tuple[list[str], Vector, float]]


def unseen_scores(examples: list[Example], fold: Mapping[int, int], folds: int, learn: Learn) -> dict[int, list[float]]:
    """Return the scores of each dialogue's sentences in order, by models that have not seen the dialogue.

    fold: the fold of each dialogue that is learned from; those of a fold from `folds` on are not judged.
    """
    found: dict[int, list[float]] = defaultdict(list)
    for k in range(folds):
        judged = [e for e in examples if fold.get(e.dialogue) == k]
        names, weights, bias = learn([e for e in examples if e.dialogue in fold and fold[e.dialogue] != k])
        for example, score in zip(judged, Matrix([e.features for e in judged], names).times(weights), strict=True):
            found[example.dialogue].append(float(score) + bias)
    return dict(found)


def figures_of(
    dialogue: Dialogue, heard: tuple[Conversation, SentenceFeatures], scores: Sequence[Sequence[float]]
) -> list[float]:
    """Return the figures over a dialogue; requests and steps are those of labels and rules, so that no shipped model
    is asked.

    scores: for each of `ENDS` the scores of the customer's later sentences.
    """
    talk, features = heard
    asks = labelled_asks(talk, features, dialogue)
    steps = without_repeats([c.step for c in candidates_in(talk, asks, features) if not c.doubts])
    later = [s for s in talk.customer_sentences if talk.share_at(s.start_seconds) >= EARLIEST_SHARE]
    triples = [(a, b, c) for a, b, c in zip(*scores, strict=True)] if scores else []
    return evidence(talk, asks, steps, rule_signs_of(talk, asks), list(zip(later, triples, strict=True)))


def learn_outcomes(
    rows: NDArray[np.float64], labels: Sequence[frozenset[str]], meant: Mapping[str, set[str]]
) -> dict[str, NDArray[np.float64]]:
    """Return means, scales, weights and biases of a logistic regression for each of `ENDS`, by Newton's method."""
    means, scales = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    table = np.column_stack([(rows - means) / scales, np.ones(len(rows))])
    penalty = np.append(np.full(rows.shape[1], PENALTY), 1e-6)
    columns: list[NDArray[np.float64]] = []
    for end in ENDS:
        clear = [i for i, said in enumerate(labels) if not (said & meant[end] and said - meant[end])]
        known = table[clear]
        wanted = np.array([float(bool(labels[i] & meant[end])) for i in clear])
        weights = np.zeros(table.shape[1])
        for _ in range(ROUNDS):
            likely = 1.0 / (1.0 + np.exp(-(known @ weights)))
            slope = known.T @ (likely - wanted) + penalty * weights
            curve = (known * (likely * (1.0 - likely))[:, None]).T @ known + np.diag(penalty)
            weights = weights - np.linalg.solve(curve, slope)
        columns.append(weights)
    found = np.stack(columns, axis=1)
    return {"means": means, "scales": scales, "weights": found[:-1], "bias": found[-1]}
