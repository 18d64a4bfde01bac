"""Fit the model of wording (`features/language.py`) on the dialogues of the corpus and on further days.

The vocabulary comes from the training part of the corpus alone: words and pairs that at least `LEAST_DIALOGUES`
dialogues of `LEAST_TRADES` trades hold, without names. Further days add weight to these, never words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from bench.detection import learn
from bench.detection.pool import Pool
from dayline.detection.features import language
from dayline.detection.features.utterance_arrays import tokenize

LEAST_DIALOGUES, LEAST_TRADES = 5, 3
CHUNK_TURNS = 30
SHARE_OF_CORPUS = 0.6
REGULARISATION = 20.0
SENTENCE_ENDS = ".?!:…-\"'"
EDGE_TURNS, EDGE_REGULARISATION, SMALLEST_EDGE_WEIGHT = 2, 0.5, 0.15


@dataclass
class Sample:
    """Talk of one kind by who says it: counts of n-grams per side, and its number of words."""

    rep: Counter[str]
    other: Counter[str]
    words: int
    kind: str
    of_corpus: bool


def names_in(source: Pool) -> set[str]:
    """Words that the corpus writes with a capital inside a sentence more often than without: names, lower case.

    A word after the end of a sentence says nothing, for every word begins with a capital there.
    """
    capital, small = Counter[str](), Counter[str]()
    for pieces in source.pieces.values():
        for p in pieces:
            for _, text in p.turns:
                for before, word in pairwise(text.split()):
                    if before[-1] not in SENTENCE_ENDS:
                        (capital if word[0].isupper() else small).update(tokenize(word))
    return {w for w, n in capital.items() if n > small[w]} - {"i", "i'm", "i'll", "i've", "i'd"}


def vocabulary(source: Pool) -> list[str]:
    """N-grams of several dialogues and trades, sorted."""
    dialogues: dict[str, set[str]] = defaultdict(set)
    trades: dict[str, set[str]] = defaultdict(set)
    names = names_in(source)
    for pieces in source.pieces.values():
        for p in pieces:
            for _, text in p.turns:
                for name in language.ngrams(tokenize(text)):
                    dialogues[name].add(p.source)
                    trades[name].add(p.trade or p.source)
    return sorted(
        n
        for n, d in dialogues.items()
        if len(d) >= LEAST_DIALOGUES and len(trades[n]) >= LEAST_TRADES and not names & set(n.split())
    )


def _sample(turns: Sequence[tuple[bool, str]], kind: str, of_corpus: bool) -> Sample:
    rep, other, words = Counter(), Counter(), 0
    for by_rep, text in turns:
        tokens = tokenize(text)
        words += len(tokens)
        (rep if by_rep else other).update(language.ngrams(tokens))
    return Sample(rep, other, words, kind, of_corpus)


def of_pieces(source: Pool) -> list[Sample]:
    """Samples of every dialogue with two sides, in chunks and whole. In a broadcast everybody is somebody else."""
    out: list[Sample] = []
    for kind, pieces in source.pieces.items():
        if kind in ("memo", "background"):
            continue
        for p in pieces:
            turns = [(who == "A" and kind != "radio", text) for who, text in p.turns]
            out += [_sample(c, kind, of_corpus=True) for c in _chunks(turns)]
    return out


def of_cases(cases: Sequence[learn.Case]) -> list[Sample]:
    """Samples of the true talks of labelled days."""
    out: list[Sample] = []
    for c in cases:
        if not c.utterances.has_voices:
            continue
        middle = (c.utterances.start + c.utterances.end) / 2
        for s in c.day["truth"]:
            rows = np.flatnonzero((middle >= s["start_seconds"]) & (middle <= s["end_seconds"]))
            if len(rows) < 6 or s["kind"] == "memo":
                continue
            turns = [(bool(c.roles.rep[i] > 0.5), c.utterances.texts[i]) for i in rows]
            out += [_sample(x, s["kind"], c.of_corpus) for x in _chunks(turns)]
    return out


def _chunks(turns: list[tuple[bool, str]]) -> list[list[tuple[bool, str]]]:
    n = len(turns)
    parts = [turns[i : i + CHUNK_TURNS] for i in range(0, max(1, n - CHUNK_TURNS // 2), CHUNK_TURNS)]
    return [*parts, turns] if len(parts) > 1 else parts


def fit(source: Pool, samples: Sequence[Sample]) -> language.LanguageModel:
    """Logistic regression with and without sides; every kind of talk weighs alike within its source."""
    index = {n: i for i, n in enumerate(vocabulary(source))}
    y = np.array([s.kind == "customer" for s in samples])
    weight = _weights(samples)
    both = sp.hstack([_matrix(samples, index, "rep"), _matrix(samples, index, "other")]).tocsr()
    plain = _matrix(samples, index, "rep") + _matrix(samples, index, "other")
    sided = LogisticRegression(C=REGULARISATION, max_iter=400).fit(both, y, sample_weight=weight)
    unknown = LogisticRegression(C=REGULARISATION, max_iter=400).fit(plain, y, sample_weight=weight)
    k = len(index)
    a, b, c = sided.coef_[0][:k], sided.coef_[0][k:], unknown.coef_[0]
    rows = {n: (round(a[i], 3), round(b[i], 3), round(c[i], 3)) for n, i in index.items()}
    bias = (round(float(sided.intercept_[0]), 3), round(float(unknown.intercept_[0]), 3))
    return language.LanguageModel(rows, bias, _edges(source, index))


def _edges(source: Pool, index: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Weights of n-grams in the first and in the last turns of a talk, by logistic regression on all turns."""
    rows, columns, values, ends = [], [], [], []
    for kind in sorted(set(source.pieces) - {"memo", "background"}):
        for p in source.pieces[kind]:
            for i, (_, text) in enumerate(p.turns):
                tokens = tokenize(text)
                scale = 1 / np.sqrt(len(tokens) + language.EDGE_PRIOR_WORDS)
                for name, n in Counter(language.ngrams(tokens)).items():
                    if name in index:
                        rows.append(len(ends))
                        columns.append(index[name])
                        values.append(n * scale)
                ends.append((i < EDGE_TURNS, i >= len(p.turns) - EDGE_TURNS))
    x, y = sp.csr_matrix((values, (rows, columns)), shape=(len(ends), len(index))), np.array(ends)
    found = [
        LogisticRegression(C=EDGE_REGULARISATION, max_iter=400, class_weight="balanced").fit(x, y[:, k]).coef_[0]
        for k in (0, 1)
    ]
    out = {n: (round(float(found[0][i]), 2), round(float(found[1][i]), 2)) for n, i in index.items()}
    return {n: w for n, w in out.items() if max(abs(w[0]), abs(w[1])) >= SMALLEST_EDGE_WEIGHT}


def _matrix(samples: Sequence[Sample], index: dict[str, int], side: str) -> sp.csr_matrix:
    rows, columns, values = [], [], []
    for i, s in enumerate(samples):
        scale = 1 / np.sqrt(s.words + language.PRIOR_WORDS)
        for name, n in getattr(s, side).items():
            j = index.get(name)
            if j is not None:
                rows.append(i)
                columns.append(j)
                values.append(n * scale)
    return sp.csr_matrix((values, (rows, columns)), shape=(len(samples), len(index)))


def _weights(samples: Sequence[Sample]) -> np.ndarray:
    """Weights with a mean of one: customers half, the other kinds evenly, the corpus `SHARE_OF_CORPUS` of all."""
    count = Counter((s.of_corpus, s.kind) for s in samples)
    sources = {s.of_corpus for s in samples}
    out = np.empty(len(samples))
    for i, s in enumerate(samples):
        kinds = sum(1 for of, kind in count if of == s.of_corpus and kind != "customer")
        share = 0.5 if s.kind == "customer" else 0.5 / max(1, kinds)
        source = 1.0 if len(sources) == 1 else SHARE_OF_CORPUS if s.of_corpus else 1 - SHARE_OF_CORPUS
        out[i] = share * source / count[s.of_corpus, s.kind]
    return out * len(samples) / out.sum()


def rows(model: language.LanguageModel) -> list[str]:
    """The model as the package stores it."""
    head = f"*\t{model.bias[0]}\t{model.bias[0]}\t{model.bias[1]}\t0\t0"
    return [
        head,
        *(
            "\t".join([n, *(f"{v:.3f}" for v in w), *(f"{v:g}" for v in model.edges.get(n, (0.0, 0.0)))])
            for n, w in sorted(model.weights.items())
        ),
    ]
