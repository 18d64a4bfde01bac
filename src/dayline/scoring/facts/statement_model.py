"""Linear classifiers of requests, objections, next steps, orders, refusals and prices, trained on labelled dialogues.

Logistic regression over the features of a sentence (`sentence_features`), including the rules of `asks` and
`objections`. Trained by `python -m bench.statements.train`; `models/ORIGIN.json` names the training data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dayline.scoring.facts.forest import Forest
from dayline.scoring.facts.ngrams import KINDS as RUNS
from dayline.scoring.facts.ngrams import Feature, RunTable, feature_of

KINDS = ("price", "timing", "authority", "need", "trust", "competition", "delay", "terms")
"""Kinds of objections, in the order of the columns of `StatementModel.kinds`."""


@dataclass(frozen=True, slots=True)
class LinearScore:
    """Weights of features and a bias; the score of a sentence is their sum, in log-odds."""

    weights: dict[str, float]
    bias: float

    def of(self, features: Iterable[str]) -> float:
        """Return the log-odds of a sentence with these features."""
        get = self.weights.get
        return self.bias + sum(get(name, 0.0) for name in features)


@dataclass(frozen=True, slots=True)
class JointScore:
    """Several linear models over the same features, a column of weights each, so that a sentence is looked up once."""

    rows: dict[Feature, int]
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]

    def rows_of(self, features: Iterable[Feature]) -> list[int]:
        """Return the rows of the features that are known, in the order given."""
        return [row for row in map(self.rows.get, features) if row is not None]

    def of_rows(self, rows: Collection[int]) -> NDArray[np.float64]:
        """Return the log-odds by each model."""
        return (np.add.reduce(self.weights.take(list(rows), axis=0)) if rows else 0.0) + self.biases

    def of_all(self, rows: Sequence[Collection[int]]) -> NDArray[np.float64]:
        """Return the log-odds by each model of many sentences, each with its rows, as `of_rows` gives them.

        The first weights of all are added, then the second ones and so on: sums of floats depend on the order.
        """
        sizes = np.array([len(of_sentence) for of_sentence in rows], dtype=np.int64)
        every_row = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=sizes.sum())
        longest_first = np.argsort(-sizes, kind="stable")
        starts, ends = (np.cumsum(sizes) - sizes)[longest_first], np.sort(sizes)
        sums = np.zeros((len(rows), len(self.biases)))
        for place in range(sizes.max(initial=0)):
            count = len(rows) - np.searchsorted(ends, place, side="right")  # sentences with so many rows
            sums[:count] += self.weights.take(every_row[starts[:count] + place], axis=0)
        found = np.empty_like(sums)
        found[longest_first] = sums + self.biases
        return found

    def of(self, features: Iterable[Feature]) -> NDArray[np.float64]:
        """Return the log-odds by each model."""
        return self.of_rows(self.rows_of(features))

    def column(self, features: Iterable[Feature], model: int) -> float:
        """Return what more features add to the log-odds by one model."""
        return sum(self.weights.item(row, model) for row in self.rows_of(features))

    def columns(self, first: int, end: int) -> JointScore:
        """Return some of the models, with the same rows."""
        return JointScore(self.rows, np.ascontiguousarray(self.weights[:, first:end]), self.biases[first:end])


def joined(models: Sequence[LinearScore], kinds: Collection[str] = ()) -> JointScore:
    """Return the models as one, in the order given.

    kinds: of runs of words (`ngrams`) in their features.
    """
    names = sorted({name for model in models for name in model.weights})
    weights = np.array([[model.weights.get(name, 0.0) for model in models] for name in names])
    return JointScore(
        {feature_of(name, kinds): row for row, name in enumerate(names)},
        weights.reshape(len(names), len(models)),
        np.array([model.bias for model in models]),
    )


OF_SIDES = ("r", "c")
"""Kinds of runs of words in the features of `StatementModel.told`: what the rep says, what the customer says."""
ENDS = ("order", "refused", "open")
"""Ends of a conversation, in the order of the columns of `OutcomeScore.weights`."""


@dataclass(frozen=True, slots=True)
class OutcomeScore:
    """Weights of the figures over a conversation (`outcome_decision.evidence`) for each of `ENDS`."""

    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def of(self, figures: Sequence[float]) -> dict[str, float]:
        """Return the log-odds of each end."""
        scores = ((np.array(figures) - self.means) / self.scales) @ self.weights + self.bias
        return dict(zip(ENDS, map(float, scores), strict=True))


OF_SENTENCES = ("ask", "objection", "accept", "decline", "left_open")
"""Models that read the features of a sentence, in the order of the columns of `StatementModel.sentences`."""
PLACES = ("own", "before", "after")
"""Turns whose words say whether a turn holds a request or an objection, by their place beside it."""
OF_TURNS = tuple(f"{task}_{place}" for task in ("ask", "objection") for place in PLACES)
"""Models that read the features of a turn, in the order of the columns of `StatementModel.turns`."""


@dataclass(frozen=True, slots=True)
class StatementModel:
    """The trained models.

    Attributes:
        sentences: the models `OF_SENTENCES`: whether a sentence of the rep asks for a decision or a step; whether one
            of the customer is an objection, gives an order, ends the conversation with a refusal, or leaves the
            decision to a later talk.
        turns: the models `OF_TURNS`, with the same rows: whether a turn holds a request or an objection by its own
            words, by those of the turn before and by those of the turn after it.
        runs: the rows of runs of words in these.
        ask_turns, objection_turns: the same of a turn, by the scores around it (`turn_context`).
        step: whether a promise, a booking or a day named is a next step (`step_candidates`).
        offer: whether an amount that the rep names is a price offered (`offer_features`).
        outcome: how likely a whole conversation ended in an order, a refusal or an open decision.
        told: the same by the words of its second half, a column for each of `ENDS`.
        kind_rows: the row of each feature in `kinds`.
        kinds: weights of each feature for each of `KINDS`.
        kind_bias: bias of each of `KINDS`.

    """

    sentences: JointScore
    turns: JointScore
    runs: RunTable
    ask_turns: Forest
    objection_turns: Forest
    step: LinearScore
    offer: LinearScore
    outcome: OutcomeScore
    told: JointScore
    kind_rows: dict[str, int]
    kinds: NDArray[np.float32]
    kind_bias: NDArray[np.float32]

    def kinds_of(self, features: Iterable[str]) -> dict[str, float]:
        """Return the probability of each kind of objection for these features, the likeliest first."""
        rows = [row for row in map(self.kind_rows.get, features) if row is not None]
        scores = self.kinds[rows].sum(axis=0, dtype=np.float64) + self.kind_bias
        odds = np.exp(scores - scores.max())
        order = np.argsort(-odds, kind="stable")
        return {KINDS[i]: float(odds[i] / odds.sum()) for i in order}


SHIPPED = files("dayline.scoring.facts").joinpath("models/statements.npz")


@cache
def statement_model() -> StatementModel:
    """Return the shipped model, read once."""
    return read_model(SHIPPED.read_bytes())


def read_model(raw: bytes) -> StatementModel:
    """Return the model in the bytes of an archive that `bench.statements.train` wrote."""
    with np.load(BytesIO(raw), allow_pickle=False) as arrays:
        kind_names = _names(arrays["kind_names"])
        of_words = joined([_linear(arrays, name) for name in (*OF_SENTENCES, *OF_TURNS)], RUNS)
        return StatementModel(
            sentences=of_words.columns(0, len(OF_SENTENCES)),
            turns=of_words.columns(len(OF_SENTENCES), len(OF_SENTENCES) + len(OF_TURNS)),
            runs=RunTable(of_words.rows),
            ask_turns=_forest(arrays, "ask_turns"),
            objection_turns=_forest(arrays, "objection_turns"),
            step=_linear(arrays, "step"),
            offer=_linear(arrays, "offer"),
            outcome=OutcomeScore(
                *(arrays[f"outcome_{part}"].astype(np.float64) for part in ("means", "scales", "weights", "bias"))
            ),
            told=joined([_linear(arrays, f"told_{end}") for end in ENDS], OF_SIDES),
            kind_rows={name: row for row, name in enumerate(kind_names)},
            kinds=arrays["kind_weights"],
            kind_bias=arrays["kind_bias"],
        )


def _linear(arrays: np.lib.npyio.NpzFile, name: str) -> LinearScore:
    weights = [float(w) for w in arrays[f"{name}_weights"]]
    return LinearScore(
        dict(zip(_names(arrays[f"{name}_names"]), weights, strict=True)), float(arrays[f"{name}_bias"][0])
    )


def _forest(arrays: np.lib.npyio.NpzFile, name: str) -> Forest:
    feature, left, right, roots = (
        arrays[f"{name}_{part}"].astype(np.int64) for part in ("feature", "left", "right", "roots")
    )
    threshold, value = (arrays[f"{name}_{part}"].astype(np.float64) for part in ("threshold", "value"))
    return Forest(feature, threshold, left, right, value, roots, float(arrays[f"{name}_base"][0]))


def _names(array: NDArray[np.uint8]) -> list[str]:
    return array.tobytes().decode().split("\n")
