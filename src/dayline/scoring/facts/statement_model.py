"""Linear classifiers of requests, objections, next steps, orders, refusals and prices, trained on labelled dialogues.

Logistic regression over the features of a sentence (`sentence_features`), including the rules of `asks` and
`objections`. Trained by `python -m bench.statements.train`; `models/ORIGIN.json` names the training data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from dayline.scoring.facts.forest import Forest

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


@dataclass(frozen=True, slots=True)
class StatementModel:
    """The trained models.

    Attributes:
        ask: whether a sentence of the rep asks for a decision or a step.
        objection: whether a sentence of the customer is an objection.
        ask_turns, objection_turns: the same of a turn, by the scores around it (`turn_context`).
        accept: whether a sentence of the customer gives an order.
        decline: whether a sentence of the customer ends the conversation with a refusal.
        left_open: whether a sentence of the customer leaves the decision to a later talk.
        step: whether a promise, a booking or a day named is a next step (`step_candidates`).
        offer: whether an amount that the rep names is a price offered (`offer_features`).
        outcome: how likely a whole conversation ended in an order, a refusal or an open decision.
        kind_rows: the row of each feature in `kinds`.
        kinds: weights of each feature for each of `KINDS`.
        kind_bias: bias of each of `KINDS`.

    """

    ask: LinearScore
    objection: LinearScore
    ask_turns: Forest
    objection_turns: Forest
    accept: LinearScore
    decline: LinearScore
    left_open: LinearScore
    step: LinearScore
    offer: LinearScore
    outcome: OutcomeScore
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
        return StatementModel(
            ask=_linear(arrays, "ask"),
            objection=_linear(arrays, "objection"),
            ask_turns=_forest(arrays, "ask_turns"),
            objection_turns=_forest(arrays, "objection_turns"),
            accept=_linear(arrays, "accept"),
            decline=_linear(arrays, "decline"),
            left_open=_linear(arrays, "left_open"),
            step=_linear(arrays, "step"),
            offer=_linear(arrays, "offer"),
            outcome=OutcomeScore(
                *(arrays[f"outcome_{part}"].astype(np.float64) for part in ("means", "scales", "weights", "bias"))
            ),
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
