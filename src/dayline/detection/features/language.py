"""Score the wording of talk by who says it, and by whether a conversation begins or ends with it.

A linear model over words and pairs of words, with separate weights for the rep's lines, for everybody else's and for
lines whose speaker is unknown. Its vocabulary contains only n-grams used in several trades (`models/language.tsv`). The
score of a candidate is the sum of its weights over the square root of its words, so that line scores can be summed.
Two more weights per n-gram separate the first and the last lines of a conversation from the lines between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt
from dayline.detection.features.speaker_roles import SpeakerRoles
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

PRIOR_WORDS = 50.0
"""Words added to the length of a candidate, so that a few words never decide."""

EDGE_PRIOR_WORDS = 6.0
"""Words added to the length of a line that may begin or end a conversation."""


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Weights of words and word pairs.

    Attributes:
        weights: per n-gram the weights (said by the rep, said by somebody else, speaker unknown).
        bias: log-odds of a candidate without any known n-gram, with and without speaker labels.
        edges: per n-gram the weights (in the first lines of a conversation, in its last lines).
    """

    weights: Mapping[str, tuple[float, float, float]]
    bias: tuple[float, float]
    edges: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])


@dataclass(frozen=True, slots=True)
class LineScores:
    """Scores of the lines of a day.

    Attributes:
        total: sum of the weights per line, shape (n,).
        words: words per line, shape (n,).
        bias: log-odds of a candidate without any known n-gram.
    """

    total: F
    words: F
    bias: float


def ngrams(tokens: tuple[str, ...]) -> Iterable[str]:
    """Return the words and the pairs of neighbouring words of a line; a pair is joined by a space."""
    yield from tokens
    for a, b in pairwise(tokens):
        yield f"{a} {b}"


@cache
def shipped() -> LanguageModel:
    """Return the model of the package, read once."""
    return parse(gbdt.text("language.tsv").splitlines())


def parse(lines: Iterable[str]) -> LanguageModel:
    """Parse tab-separated rows "n-gram, rep, other, unknown, first, last"; the row of "*" holds the biases."""
    weights: dict[str, tuple[float, float, float]] = {}
    edges: dict[str, tuple[float, float]] = {}
    bias = (0.0, 0.0)
    for line in lines:
        name, *numbers = line.split("\t")
        rep, other, unknown, first, last = (float(v) for v in numbers)
        if name == "*":
            bias = (rep, unknown)
        else:
            weights[name] = (rep, other, unknown)
            if first or last:
                edges[name] = (first, last)
    return LanguageModel(weights, bias, edges)


def edges(utterances: UtteranceArrays, model: LanguageModel) -> F:
    """Score the wording of each line as beginning and as end of a conversation, shape (n, 2); 0 is no evidence."""
    out = np.zeros((len(utterances), 2))
    for i, tokens in enumerate(utterances.tokens):
        for name in ngrams(tokens):
            row = model.edges.get(name)
            if row is not None:
                out[i] += row
    return out / np.sqrt(utterances.words + EDGE_PRIOR_WORDS)[:, None]


def read(utterances: UtteranceArrays, roles: SpeakerRoles, model: LanguageModel) -> LineScores:
    """Sum the weights of every line. Lines without a label on a labelled day count half for each side."""
    sums = np.zeros((len(utterances), 3))
    known = model.weights
    for i, tokens in enumerate(utterances.tokens):
        for name in ngrams(tokens):
            row = known.get(name)
            if row is not None:
                sums[i] += row
    if not utterances.has_voices:
        return LineScores(sums[:, 2], utterances.words, model.bias[1])
    rep = np.where(utterances.voice >= 0, roles.rep, 0.5)
    return LineScores(rep * sums[:, 0] + (1 - rep) * sums[:, 1], utterances.words, model.bias[0])


def log_odds(lines: LineScores, first: I, last: I) -> F:
    """Return the log-odds that intervals [first, last) are a customer conversation, shape (m,)."""
    total, words = (np.concatenate([[0.0], np.cumsum(v)]) for v in (lines.total, lines.words))
    return lines.bias + (total[last] - total[first]) / np.sqrt(words[last] - words[first] + PRIOR_WORDS)
