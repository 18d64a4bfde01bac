"""Fits the forests of the detector on composed days. What it needs beyond the package: scikit-learn."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from bench.detection import daysfile
from dayline.detection import contrast, day_evidence, gbdt, residual_labels, scoring
from dayline.detection.day_features import EDGE_COLUMNS, DayFeatures, kind_rows
from dayline.detection.features import (
    candidates,
    language,
    playbook,
    speaker_roles,
    utterance_arrays,
)

# The further days know few sorts of other talk, and no office call about the trade.
CORPUS_SHARE_OF_OTHERS = 0.8
KIND_OF_TRUTH = {"internal": "internal", "personal": "personal", "radio": "broadcast"}


@dataclass
class Case:
    """A day ready for fitting.

    Attributes:
        day: the day with its truth.
        utterances, roles, act_counts: as in `DayFeatures`.
        boundary_rows: features of the places between lines.
        edge: 1 where a talk begins or ends, per place.
        weight: weight of each place.
        truth: start and end of the customer conversations.
        of_corpus: whether the day is composed of the corpus of this repository.
        wording: score of the wording per line, by a model that has not seen the day's dialogues.
        boundary_chance: probability of a boundary per place, once the boundary forest is fitted.
        candidates: the candidates that are kept for fitting.
        rows: their features.
        overlap: their intersection over union with every true conversation.
        contrast: how the talk changes at their boundaries, by a kind forest that has not seen the day's business.
    """

    day: dict
    utterances: utterance_arrays.UtteranceArrays
    roles: speaker_roles.SpeakerRoles
    act_counts: np.ndarray
    boundary_rows: np.ndarray
    edge: np.ndarray
    weight: np.ndarray
    truth: list[tuple[float, float]]
    of_corpus: bool
    wording: language.LineScores
    boundary_chance: np.ndarray | None = None
    candidates: candidates.Candidates | None = None
    rows: np.ndarray | None = None
    overlap: np.ndarray | None = None
    contrast: np.ndarray | None = None


def of_corpus(day: dict) -> bool:
    """Whether a day is composed of the corpus of this repository."""
    return day["id"].startswith("own-")


def case(day: dict, model: language.LanguageModel, *, speakers: bool = True) -> Case | None:
    """Evidence and truth of a day; None when nobody speaks. model: scores the wording."""
    t = utterance_arrays.load(daysfile.transcript(day, speakers=speakers))
    if len(t) < 2:
        return None
    roles, act_counts, rows = scoring.line_features(t, model)
    edge, weight = np.zeros(len(t) + 1), np.ones(len(t) + 1)
    middle = (t.start + t.end) / 2
    for s in day["truth"]:
        inside = np.flatnonzero((middle >= s["start_seconds"] - 0.5) & (middle <= s["end_seconds"] + 0.5))
        if len(inside):
            for row in (inside[0], inside[-1] + 1):
                edge[row] = 1
                weight[row] = 3 if s["kind"] == "customer" else 1
    truth = daysfile.customers(day)
    wording = language.read(t, roles, model)
    return Case(day, t, roles, act_counts, rows.astype(np.float32), edge, weight, truth, of_corpus(day), wording)


def fit(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, trees: int, depth: int = 5, columns: float = 0.5
) -> HistGradientBoostingClassifier:
    """Boosted trees on soft targets: every row counts as a yes with weight y and as a no with weight 1 - y."""
    model = HistGradientBoostingClassifier(
        max_iter=trees,
        max_depth=depth,
        learning_rate=0.08,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,  # pyright: ignore[reportArgumentType] - the library names the type of its default only
        random_state=0,
        max_features=columns,
    )
    # A column that nothing is known of in any row cannot be binned; as a constant it is never asked.
    x = np.where(np.all(np.isnan(x), axis=0, keepdims=True), 0.0, x)
    yes, no = y > 0, y < 1
    return model.fit(
        np.vstack([x[yes], x[no]]),
        np.concatenate([np.ones(yes.sum()), np.zeros(no.sum())]),
        sample_weight=np.concatenate([(y * weight)[yes], ((1 - y) * weight)[no]]),
    )


def export(model: HistGradientBoostingClassifier) -> gbdt.Forest:
    """The trees as plain arrays; an inner node's value is the mean of its children by cases."""
    tables = [stage[0].nodes for stage in model._predictors]
    root = np.cumsum([0, *(len(n) for n in tables[:-1])])
    parts: dict[str, list[np.ndarray]] = {
        k: [] for k in ("feature", "threshold", "left", "right", "missing_left", "value")
    }
    for offset, nodes in zip(root, tables, strict=True):
        leaf = nodes["is_leaf"].astype(bool)
        value = nodes["value"].astype(np.float64).copy()
        count = nodes["count"].astype(np.float64)
        left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
        for i in sorted(np.flatnonzero(~leaf), key=lambda i: -int(nodes["depth"][i])):
            a, b = left[i], right[i]
            value[i] = (value[a] * count[a] + value[b] * count[b]) / (count[a] + count[b])
        parts["feature"].append(np.where(leaf, 0, nodes["feature_idx"]).astype(np.int16))
        parts["threshold"].append(np.where(leaf, 0.0, nodes["num_threshold"]))
        parts["left"].append(np.where(leaf, -1, left + offset).astype(np.int32))
        parts["right"].append(np.where(leaf, -1, right + offset).astype(np.int32))
        parts["missing_left"].append(nodes["missing_go_to_left"].astype(bool))
        parts["value"].append(value)
    joined = {k: np.concatenate(v) for k, v in parts.items()}
    depth = int(max(int(n["depth"].max()) for n in tables)) + 1
    return gbdt.Forest(
        root=root.astype(np.int64), bias=float(np.ravel(model._baseline_prediction)[0]), depth=depth, **joined
    )


def fit_boundaries(cases: list[Case], trees: int = 160) -> gbdt.Forest:
    """The forest of edges between talks."""
    rng = np.random.default_rng(0)
    x, y, w = [], [], []
    for c in cases:
        pause = np.expm1(c.boundary_rows[:, 0]) > 2
        keep = np.flatnonzero((c.edge > 0) | pause | (rng.random(len(c.edge)) < 0.1))
        x.append(c.boundary_rows[keep])
        y.append(c.edge[keep])
        w.append(np.where((c.edge[keep] > 0) | pause[keep], 1.0, 10.0) * c.weight[keep])
    return export(fit(np.vstack(x), np.concatenate(y), np.concatenate(w), trees, columns=1.0))


def propose(c: Case, boundaries: gbdt.Forest, rng: np.random.Generator) -> None:
    """Fill in the candidates of a case that fitting needs, and how well each matches a true conversation."""
    c.boundary_chance = gbdt.logistic(boundaries.log_odds(c.boundary_rows.astype(np.float64)))
    found = candidates.propose(c.utterances, c.boundary_chance.copy())
    keep = _pick(found.prior, overlap(found.start, found.end, c.truth), rng)
    c.candidates = candidates.Candidates(
        found.first[keep], found.last[keep], found.start[keep], found.end[keep], found.prior[keep]
    )
    rows = candidates.measure(c.utterances, c.roles, c.act_counts, c.boundary_chance, c.candidates)
    c.rows = rows.astype(np.float32)
    c.overlap = overlap(c.candidates.start, c.candidates.end, c.truth)


def overlap(start: np.ndarray, end: np.ndarray, truth: list[tuple[float, float]]) -> np.ndarray:
    """Intersection over union of every span with every true visit, shape (spans, max(1, visits))."""
    if not truth:
        return np.zeros((len(start), 1))
    t = np.array(truth)
    shared = np.clip(np.minimum(end[:, None], t[None, :, 1]) - np.maximum(start[:, None], t[None, :, 0]), 0, None)
    return shared / ((end - start)[:, None] + (t[:, 1] - t[:, 0])[None] - shared)


def purity(c: Case) -> np.ndarray:
    """Share of each candidate that lies in true customer conversations."""
    assert c.candidates is not None
    total = np.zeros(len(c.candidates))
    for a, b in c.truth:
        total += np.clip(np.minimum(c.candidates.end, b) - np.maximum(c.candidates.start, a), 0, None)
    return total / np.maximum(c.candidates.end - c.candidates.start, 1.0)


def fit_kind(cases: Sequence[Case], trees: int = 120) -> gbdt.Forest:
    """The forest of the kind of candidates."""
    inputs, pure, ours = [], [], []
    for c in cases:
        if c.candidates is None or not len(c.candidates):
            continue
        assert c.rows is not None
        inputs.append(kind_rows(c.rows, c.wording, c.candidates.first, c.candidates.last))
        pure.append(purity(c))
        ours.append(np.full(len(c.candidates), c.of_corpus))
    soft = np.clip(1.6 * np.concatenate(pure) - 0.3, 0, 1)
    return export(fit(np.vstack(inputs), soft, _evenly(np.concatenate(ours)), trees, depth=4))


def folds_of(cases: Sequence[Case], folds: int = 3) -> Generator[tuple[list[Case], list[Case]]]:
    """The cases of some businesses, and those of all others, in turn."""
    businesses = sorted({c.day["family"] for c in cases})
    for k in range(folds):
        mine = set(businesses[k::folds])
        yield [c for c in cases if c.day["family"] in mine], [c for c in cases if c.day["family"] not in mine]


def out_of_fold(cases: Sequence[Case]) -> Generator[Case]:
    """Each case while the kind forest in use has not seen its business."""
    for mine, rest in folds_of(cases):
        with in_use({"kind": fit_kind(rest)}):
            yield from mine


def fit_evidence(cases: Sequence[Case]) -> np.ndarray:
    """Weights of kind forest, playbook and topic cues on days without and with labels, shape (2, 4).

    Logistic regression on candidates that lie in customer conversations wholly or not at all; both sources of days
    weigh alike, and so do customers and others.
    """
    rows: dict[bool, list[tuple[np.ndarray, np.ndarray, bool]]] = {False: [], True: []}
    with in_use({}, {"evidence": np.array([[0.0, 1.0, 1.0, 1.0]] * 2)}):
        for c in out_of_fold(cases):
            h = _scored(c)
            assert c.candidates is not None
            told = h.added.get("playbook", np.zeros(len(h.kind)))
            talk = sum((v for name, v in h.added.items() if name != "playbook"), np.zeros(len(h.kind)))
            pure = purity(c)
            clear = (pure > 0.9) | (pure < 0.1)
            x = np.stack([np.ones(len(h.kind)), h.kind, told, talk], axis=1)[clear]
            rows[h.utterances.has_voices].append((x, pure[clear] > 0.5, c.of_corpus))
    out = np.zeros((2, 4))
    for labelled, some in rows.items():
        x, y = np.vstack([r[0] for r in some]), np.concatenate([r[1] for r in some])
        ours = np.concatenate([np.full(len(r[1]), r[2]) for r in some])
        weight = _evenly(ours) * _evenly(y)
        model = LogisticRegression(C=1.0, fit_intercept=False, max_iter=1000).fit(x, y, sample_weight=weight)
        out[int(labelled)] = np.round(model.coef_[0], 3)
    return out


def measure_contrast(cases: Sequence[Case], evidence: np.ndarray) -> None:
    """Fill in the contrast of every case, by kind forests that have not seen its business."""
    with in_use({}, {"evidence": evidence}):
        for c in out_of_fold(cases):
            assert c.candidates is not None
            h = _scored(c)
            assert h.fitted is not None
            c.contrast = contrast.measure(h, h.fitted, c.candidates, h.kind_log_odds).astype(np.float32)


def _scored(c: Case) -> DayFeatures:
    """A case with the kind of its candidates and the day's evidence."""
    assert c.candidates is not None
    assert c.boundary_chance is not None
    h, _ = scoring.assemble(
        c.utterances, (c.roles, c.act_counts, c.boundary_rows), c.boundary_chance, daysfile.context(c.day),
        found=c.candidates, wording=c.wording,
    )  # fmt: skip
    h.fitted = day_evidence.fit(h, None)
    h.added = day_evidence.of_spans(h, h.fitted, h.rows, c.candidates.first, c.candidates.last)
    return h


def fit_edge(cases: Sequence[Case], trees: int = 240) -> gbdt.Forest:
    """The forest of the boundaries of candidates that lie mostly in customer conversations."""
    x, good = [], []
    for c in cases:
        if c.candidates is None or not len(c.candidates):
            continue
        assert c.rows is not None
        assert c.overlap is not None
        assert c.contrast is not None
        visit = purity(c) > 0.5
        best = c.overlap.max(axis=1)[visit]
        x.append(np.hstack([c.rows[visit][:, EDGE_COLUMNS], c.contrast[visit]]))
        good.append(np.where(best < 0.5, 0, 0.5 + 0.5 * np.clip((best - 0.5) / 0.45, 0, 1)))
    rows = np.vstack(x)
    return export(fit(rows, np.concatenate(good), np.ones(len(rows)), trees))


@contextmanager
def in_use(forests: Mapping[str, gbdt.Forest], tables: Mapping[str, np.ndarray] | None = None) -> Generator[None]:
    """Let the detector use these forests and tables in place of its own."""
    shipped, shipped_tables, other = gbdt.forest, gbdt.table, tables or {}
    gbdt.forest = lambda name: forests[name] if name in forests else shipped(name)
    gbdt.table = lambda name: other[name] if name in other else shipped_tables(name)
    try:
        yield
    finally:
        gbdt.forest, gbdt.table = shipped, shipped_tables


@contextmanager
def everyday_words_in_use(words: playbook.WordFrequencies) -> Generator[None]:
    """Let the detector compare a playbook with this table of everyday words in place of its own."""
    shipped = playbook.everyday_words
    playbook.everyday_words = lambda: words
    try:
        yield
    finally:
        playbook.everyday_words = shipped


def _evenly(of_corpus: np.ndarray, share: float = 0.5) -> np.ndarray:
    """Weights of a mean of one, so that the corpus has this share of them however many further days there are."""
    mine = float(of_corpus.mean())
    if not 0 < mine < 1:
        return np.ones(len(of_corpus))
    return np.where(of_corpus, share / mine, (1 - share) / (1 - mine))


def _pick(
    prior: np.ndarray,
    shared: np.ndarray,
    rng: np.random.Generator,
    top: int = 160,
    drawn: int = 160,
    per_visit: int = 36,
) -> np.ndarray:
    """Rows to fit on: the likeliest candidates, some at random, and those near each true conversation."""
    m = len(prior)
    if not m:
        return np.zeros(0, dtype=np.int64)
    keep = {
        *np.argsort(-prior, kind="stable")[:top].tolist(),
        *rng.choice(m, min(m, drawn), replace=False).tolist(),
    }
    for j in range(shared.shape[1]):
        near = np.flatnonzero(shared[:, j] > 0.4)
        keep |= set((rng.choice(near, per_visit, replace=False) if len(near) > per_visit else near).tolist())
    return np.array(sorted(keep), dtype=np.int64)


def fit_others(cases: list[Case], trees: int = 60) -> dict[str, gbdt.Forest]:
    """Forests that name talk which is no visit: one per kind, on stretches between likely places."""
    x, y, ours = [], [], []
    for c in cases:
        segments = [(t["start_seconds"], t["end_seconds"], t["kind"]) for t in c.day["truth"]]
        assert c.boundary_chance is not None
        pieces = candidates.split_residue(c.utterances, c.boundary_chance)
        if not len(pieces):
            continue
        rows = candidates.measure(c.utterances, c.roles, c.act_counts, c.boundary_chance, pieces)[
            :, residual_labels.COLUMNS
        ]
        for i in range(len(pieces)):
            a, b = pieces.start[i], pieces.end[i]
            shares = {}
            for s, e, kind in segments:
                shares[kind] = shares.get(kind, 0.0) + max(0.0, min(e, b) - max(s, a)) / max(1.0, b - a)
            best = max(shares, key=lambda k: shares[k], default="")
            if shares.get(best, 0) > 0.6 and best != "customer":
                x.append(rows[i])
                y.append(KIND_OF_TRUTH.get(best, "unknown"))
                ours.append(c.of_corpus)
    rows, names, weight = np.array(x), np.array(y), _evenly(np.array(ours), CORPUS_SHARE_OF_OTHERS)
    return {k: export(fit(rows, (names == k).astype(float), weight, trees, depth=4)) for k in residual_labels.KINDS}


def arrays(name: str, f: gbdt.Forest) -> dict[str, np.ndarray]:
    """A forest's arrays under the names the package reads."""
    return {
        f"{name}.root": f.root.astype(np.int32),
        f"{name}.feature": f.feature.astype(np.int16),
        f"{name}.threshold": f.threshold,
        f"{name}.left": f.left.astype(np.int32),
        f"{name}.right": f.right.astype(np.int32),
        f"{name}.missing_left": f.missing_left,
        f"{name}.value": f.value.astype(np.float64),
        f"{name}.bias": np.array([f.bias]),
        f"{name}.depth": np.array([f.depth]),
    }


__all__ = [
    "Case",
    "arrays",
    "case",
    "everyday_words_in_use",
    "export",
    "fit",
    "fit_boundaries",
    "fit_edge",
    "fit_evidence",
    "fit_kind",
    "fit_others",
    "folds_of",
    "in_use",
    "measure_contrast",
    "overlap",
    "propose",
    "purity",
]
