"""Train without some businesses and report on them: `python -m bench.detection.left_out --extra DAYS... --group a,b`.

Left out are every third business and every third other talk of the training part of the corpus, and the named
businesses of the further days. Their days are detected as they are, without labels, with the memory of earlier days of
a series, and with a reader that errs by one line and misses one conversation in twenty. Every candidate that might be
reported becomes a row of `calibration/reports.csv`: the inputs of the confidence, and whether it overlaps a true
conversation by half.
"""

from __future__ import annotations

import argparse
import csv
import pickle
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.detection import daysfile, generate, language, learn, pool
from bench.detection.calibration.__main__ import fit
from bench.detection.train import SEED, cases_of, corpus_cases, fit_all
from dayline.detection import calibration, gbdt, memory, reader_fusion, scoring, selection
from dayline.detection.benchmark import metrics, runner
from dayline.detection.calibration import NAMES
from dayline.detection.day_features import DayFeatures
from dayline.detection.detector import own_contribution
from dayline.detection.features import language as wording
from dayline.llm.fake import FakeReader

FOLD, FOLDS = 2, 3
LEAST_CHANCE = 0.1
KEY = "left-out"


@dataclass(frozen=True)
class Trained:
    """Forests and the model of wording."""

    forests: dict[str, gbdt.Forest]
    language: wording.LanguageModel


@dataclass(frozen=True)
class Found:
    """Candidates of one day that might be reported.

    Attributes:
        variant: how the day was given.
        day: the day with its truth.
        spans: start and end of each candidate.
        inputs: inputs of the confidence, shape (candidates, len(NAMES)).
        chance: probability before calibration.
    """

    variant: str
    day: dict
    spans: list[tuple[float, float]]
    inputs: np.ndarray
    chance: np.ndarray


@contextmanager
def in_use(trained: Trained) -> Generator[None]:
    """Let the detector use other models than the shipped ones."""
    forest, shipped = gbdt.forest, wording.shipped
    gbdt.forest, wording.shipped = trained.forests.__getitem__, lambda: trained.language  # type: ignore[assignment]
    try:
        yield
    finally:
        gbdt.forest, wording.shipped = forest, shipped


@contextmanager
def confidence_in_use(weights: np.ndarray) -> Generator[None]:
    """Let the detector use other weights of the confidence than the shipped ones."""
    table = gbdt.table
    gbdt.table = lambda name: weights if name == "confidence" else table(name)  # type: ignore[assignment]
    try:
        yield
    finally:
        gbdt.table = table


def train(source: pool.Pool, count: int, extra: Sequence[learn.Case]) -> Trained:
    """Fit everything on a part of the corpus and on further cases."""
    model = language.fit(source, language.of_pieces(source))
    for c in extra:
        c.wording = wording.read(c.utterances, c.roles, model)
    return Trained(fit_all([*corpus_cases(source, count), *extra]), model)


def true_rows(h: DayFeatures, day: dict) -> list[tuple[int, int, str]]:
    """The true talks of a day as lines [first, last) and kind of a reader."""
    names = {"customer": "customer", "internal": "office", "personal": "personal", "radio": "broadcast"}
    middle = (h.utterances.start + h.utterances.end) / 2
    out = []
    for t in day["truth"]:
        rows = np.flatnonzero((middle >= t["start_seconds"]) & (middle <= t["end_seconds"]))
        if len(rows):
            out.append((int(rows[0]), int(rows[-1]) + 1, names.get(t["kind"], "supplier_or_errand")))
    return out


def detect(
    day: dict, variant: str, *, speakers: bool = True, known: memory.OrgMemory | None = None, read: bool = False
) -> tuple[Found, DayFeatures | None]:
    """Candidates of one day."""
    h = scoring.extract(daysfile.transcript(day, speakers=speakers), None, daysfile.context(day), (), known)
    if h is None:
        return Found(variant, day, [], np.zeros((0, len(NAMES))), np.zeros(0)), None
    reading = None
    if read:
        reader = FakeReader(true_rows(h, day), jitter=1, misses=0.05)
        reading = reader_fusion.read_day(h, daysfile.context(day), reader, "customers_only")
        reader_fusion.fuse(h, reading)
    rows = calibration.inputs(h, reading)
    chosen = selection.best_set(h.candidates, h.chance, LEAST_CHANCE)
    spans = [(float(h.candidates.start[i]), float(h.candidates.end[i])) for i in chosen]
    return Found(variant, day, spans, rows[chosen], h.chance[chosen]), h


def series(days: Iterable[dict], variant: str, weights: np.ndarray) -> list[Found]:
    """Days of several organisations in order, each with the memory of the days before.

    weights: of the confidence by which own reports of earlier days are chosen.
    """

    kept: dict[str, list[memory.Contribution]] = {}
    out: list[Found] = []
    for day in sorted(days, key=lambda d: (d["series"]["org"], d["series"]["day"])):
        earlier = kept.setdefault(day["series"]["org"], [])
        found, h = detect(day, variant, known=memory.recall(earlier[::-1], KEY))
        out.append(found)
        if h is not None:
            with confidence_in_use(weights):
                earlier.append(own_contribution(h, KEY))
    return out


def is_right(found: Found) -> list[bool]:
    """Whether each candidate is a right report by itself: half of the union with a true conversation."""
    truth = daysfile.customers(found.day)
    return [max((metrics.overlap(s, t) for t in truth), default=0.0) >= metrics.LOOSE for s in found.spans]


def fit_confidence(found: Sequence[Found]) -> np.ndarray:
    """Weights of the confidence on these candidates."""
    rows = [f for f in found if f.spans]
    x = np.vstack([f.inputs for f in rows])
    right = np.array([r for f in rows for r in is_right(f)], dtype=float)
    return fit(x, right, [f.variant for f in rows for _ in f.spans])


def write(found: Sequence[Found], path: Path) -> None:
    """Write one row per candidate: variant, inputs, right or not."""
    with path.open("w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["days", *NAMES, "right"])
        for one in found:
            for row, right in zip(one.inputs, is_right(one), strict=True):
                out.writerow([one.variant, *(f"{v:.4g}" for v in row), int(right)])


def show(found: Sequence[Found], weights: np.ndarray | None, price: float) -> None:
    """Print the scores of each variant."""
    for variant in sorted({f.variant for f in found}):
        some = [f for f in found if f.variant == variant]
        reports = {}
        for f in some:
            sure = f.chance if weights is None else gbdt.logistic(f.inputs @ weights)
            reports[f.day["id"]] = [
                metrics.Report(a, b, float(p)) for (a, b), p in zip(f.spans, sure, strict=True) if p >= price
            ]
        print(runner.line(variant, metrics.score([f.day for f in some], reports)), flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--extra", type=Path, nargs="*", default=[], help="further days; the named businesses are left out"
    )
    parser.add_argument("--group", default="", help="businesses of the further days to leave out, with commas")
    parser.add_argument("--corpus-days", type=int, default=180)
    parser.add_argument("--test-days", type=int, default=20)
    parser.add_argument("--models", type=Path, help="keep the trained models here, or use those that are there")
    parser.add_argument("--reports", type=Path)
    a = parser.parse_args()
    source = pool.read("train")
    given = [d for path in a.extra for d in daysfile.read(path)]
    group = set(a.group.split(",")) - {""}
    if a.models is not None and a.models.exists():
        trained = pickle.loads(a.models.read_bytes())
    else:
        rest = source.fold(FOLD, FOLDS, rest=True)
        blank = wording.LanguageModel({}, (0.0, 0.0))
        trained = train(rest, a.corpus_days, cases_of([d for d in given if d["family"] not in group], blank))
        if a.models is not None:
            a.models.write_bytes(pickle.dumps(trained))
    unseen = source.fold(FOLD, FOLDS)
    own = [d for name in ("normal", "empty", "short") for d in generate.SETS[name](a.test_days, SEED + 9, unseen)]
    others = [d for d in (daysfile.read(a.extra[0]) if a.extra else []) if d["family"] in group]
    found: list[Found] = []
    with in_use(trained):
        for name, days in (("corpus", own), ("further days", others)):
            found += [detect(d, name)[0] for d in days]
            found += [detect(d, f"{name}, labels removed", speakers=False)[0] for d in days]
            found += [detect(d, f"{name}, read", read=True)[0] for d in days[::2]]
        first = fit_confidence(found)
        found += series(generate.series(a.test_days // 2, SEED + 9, unseen), "corpus, series", first)
    show(found, fit_confidence(found), selection.PRICE)
    if a.reports:
        write(found, a.reports)


if __name__ == "__main__":
    main()
