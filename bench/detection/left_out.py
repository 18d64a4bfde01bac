"""Train without some businesses and report on them: `python -m bench.detection.left_out --extra DAYS... --group a,b`.

Left out are every third business and every third other talk of the training part of the corpus (`--fold`), and the
named businesses of the further days. Their days are detected as they are, without labels, with the memory of earlier
days of a series, and with a reader that errs by one line and misses one conversation in twenty. Every report becomes a
row of `calibration/reports.csv`: the inputs of the confidence, and whether it overlaps a true conversation by half.
Lines are read by a network that has not seen these businesses and talks (`kinds/fold_K.npz`).
"""

from __future__ import annotations

import argparse
import csv
import pickle
from collections.abc import Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.detection import daysfile, generate, kinds, language, learn, pool
from bench.detection.calibration.__main__ import fit
from bench.detection.train import SEED, cases_of, corpus_cases, fit_all, spoken_words
from dayline.detection import calibration, gbdt, memory, reader_fusion, scoring
from dayline.detection.benchmark import metrics, runner
from dayline.detection.calibration import NAMES
from dayline.detection.day_features import DayFeatures
from dayline.detection.detector import own_contribution
from dayline.detection.features import language as wording
from dayline.detection.features import playbook
from dayline.llm.fake import FakeReader

FOLDS = 3
KEY = "left-out"


@dataclass(frozen=True)
class Trained:
    """Forests, weights of the evidence, the model of wording and the everyday words (`train.spoken_words`)."""

    forests: dict[str, gbdt.Forest]
    evidence: np.ndarray
    language: wording.LanguageModel
    everyday: list[str]


@dataclass(frozen=True)
class Found:
    """Reports of one day.

    Attributes:
        variant: how the day was given.
        day: the day with its truth.
        spans: start and end of each report.
        inputs: inputs of the confidence, shape (reports, len(NAMES)).
    """

    variant: str
    day: dict
    spans: list[tuple[float, float]]
    inputs: np.ndarray


@contextmanager
def in_use(trained: Trained) -> Generator[None]:
    """Let the detector use other models than the shipped ones."""
    shipped = wording.shipped
    wording.shipped = lambda: trained.language
    try:
        with learn.in_use(trained.forests, {"evidence": trained.evidence}), _everyday_in_use(trained.everyday):
            yield
    finally:
        wording.shipped = shipped


def _everyday_in_use(rows: list[str]) -> AbstractContextManager[None]:
    return learn.everyday_words_in_use(playbook.table(row.split() for row in rows))


@contextmanager
def confidence_in_use(weights: np.ndarray) -> Generator[None]:
    """Let the detector use other weights of the confidence than the shipped ones."""
    with learn.in_use({}, {"confidence": weights}):
        yield


def train(source: pool.Pool, count: int, extra: list[dict]) -> Trained:
    """Fit everything on a part of the corpus and on further days."""
    model, everyday = language.fit(source, language.of_pieces(source)), spoken_words(source)
    with _everyday_in_use(everyday):
        forests, evidence = fit_all([*corpus_cases(source, count), *cases_of(extra, model)])
    return Trained(forests, evidence, model, everyday)


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
    """Reports of one day."""
    h = scoring.extract(daysfile.transcript(day, speakers=speakers), None, daysfile.context(day), (), known)
    if h is None:
        return Found(variant, day, [], np.zeros((0, len(NAMES)))), None
    reading = None
    if read:
        reader = FakeReader(true_rows(h, day), jitter=1, misses=0.05)
        reading = reader_fusion.read_day(h, daysfile.context(day), reader, "customers_only")
        reader_fusion.fuse(h, reading)
    chosen = calibration.chosen(h)
    return _found(variant, day, h, chosen, calibration.inputs(h, reading)), h


def _found(variant: str, day: dict, h: DayFeatures, chosen: list[int], rows: np.ndarray) -> Found:
    spans = [(float(h.candidates.start[i]), float(h.candidates.end[i])) for i in chosen]
    return Found(variant, day, spans, rows[chosen])


def series(days: Iterable[dict], variant: str, weights: np.ndarray, *, confirmed: bool = False) -> list[Found]:
    """Days of several organisations in order, with the memory of the days before.

    Args:
        days: the days.
        variant: how they are called.
        weights: of the confidence by which own reports of earlier days are chosen.
        confirmed: a person has put each day right before the next one. Without it, the reports that do not use the
            memory are returned as well.
    """

    kept: dict[str, list[memory.Contribution]] = {}
    out: list[Found] = []
    for day in sorted(days, key=lambda d: (d["series"]["org"], d["series"]["day"])):
        earlier = kept.setdefault(day["series"]["org"], [])
        known = memory.recall(earlier[::-1], KEY)
        found, h = detect(day, f"{variant}, {_stage(known)} days known", known=known)
        out.append(found)
        if confirmed and h is not None:
            earlier.append(memory.contribute(h.utterances, daysfile.customers(day), [], "confirmed", KEY))
        elif h is not None:
            chosen = calibration.chosen(h, h.memory_free_kind, h.memory_free_edge)
            rows = calibration.inputs(h, None, h.memory_free_kind, h.memory_free_edge)
            out.append(_found(f"{variant}, no memory", day, h, chosen, rows))
            with confidence_in_use(weights):
                earlier.append(own_contribution(h, KEY))
    return out


def _stage(known: memory.OrgMemory) -> str:
    return "0" if not known.recordings else "1 to 4" if known.recordings < 5 else "5 or more"


def is_right(found: Found) -> list[bool]:
    """Whether each report has a true conversation of its own that it overlaps by half of the union."""
    right = {j for _, j in metrics.pair(daysfile.customers(found.day), found.spans, metrics.LOOSE)}
    return [j in right for j in range(len(found.spans))]


def fit_confidence(found: Sequence[Found]) -> np.ndarray:
    """Weights of the confidence on these reports."""
    rows = [f for f in found if f.spans]
    x = np.vstack([f.inputs for f in rows])
    right = np.array([r for f in rows for r in is_right(f)], dtype=float)
    return fit(x, right, [f.variant for f in rows for _ in f.spans])


def write(found: Sequence[Found], path: Path) -> None:
    """Add one row per report: variant, inputs, right or not."""
    is_new = not path.exists()
    with path.open("a", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        if is_new:
            out.writerow(["days", "business", *NAMES, "right"])
        for one in found:
            for row, right in zip(one.inputs, is_right(one), strict=True):
                out.writerow([one.variant, one.day["family"], *(f"{v:.4g}" for v in row), int(right)])


def show(found: Sequence[Found]) -> None:
    """Print the scores of each variant, the confidence fitted to these very reports."""
    weights = fit_confidence(found)
    for variant in sorted({f.variant for f in found}):
        some = [f for f in found if f.variant == variant]
        reports = {
            f.day["id"]: [
                metrics.Report(a, b, float(p))
                for (a, b), p in zip(f.spans, gbdt.logistic(f.inputs @ weights), strict=True)
            ]
            for f in some
        }
        print(runner.line(variant, metrics.score([f.day for f in some], reports)), flush=True)


def _sizes(days: int) -> dict[str, int]:
    """Days per set of the corpus; the short recordings are given with their visits and without them."""
    return {"normal": days, "empty": days // 2, "short": days, "short_other": days}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--extra", type=Path, nargs="*", default=[], help="further days; the named businesses are left out"
    )
    parser.add_argument("--group", default="", help="businesses of the further days to leave out, with commas")
    parser.add_argument("--corpus-days", type=int, default=180)
    parser.add_argument("--test-days", type=int, default=20)
    parser.add_argument("--series-rounds", type=int, default=3, help="series of each business, each by another seed")
    parser.add_argument("--fold", type=int, default=FOLDS - 1, help=f"part of the corpus to leave out, of {FOLDS}")
    parser.add_argument("--models", type=Path, help="keep the trained models here, or use those that are there")
    parser.add_argument("--reports", type=Path, help="rows are added to this file")
    a = parser.parse_args()
    source = pool.read("train")
    given = [d for path in a.extra for d in daysfile.read(path)]
    group = set(a.group.split(",")) - {""}
    if a.models is not None and a.models.exists():
        trained = pickle.loads(a.models.read_bytes())
    else:
        rest = source.fold(a.fold, FOLDS, rest=True)
        trained = train(rest, a.corpus_days, [d for d in given if d["family"] not in group])
        if a.models is not None:
            a.models.write_bytes(pickle.dumps(trained))
    unseen = source.fold(a.fold, FOLDS)
    own = [d for name, n in _sizes(a.test_days).items() for d in generate.SETS[name](n, SEED + 9, unseen)]
    others = [d for d in (daysfile.read(a.extra[0]) if a.extra else []) if d["family"] in group]
    found: list[Found] = []
    with in_use(trained), kinds.in_use(kinds.of_fold(a.fold)):
        for name, days in (("corpus", own), ("further days", others)):
            found += [detect(d, name)[0] for d in days]
            found += [detect(d, f"{name}, labels removed", speakers=False)[0] for d in days]
            found += [detect(d, f"{name}, read", read=True)[0] for d in days[::2]]
        first = fit_confidence(found)
        for k in range(a.series_rounds):
            days = generate.series(len(unseen.businesses), SEED + 9 + k, unseen)
            days = [{**d, "id": f"{d['id']}-{k}"} for d in days]
            found += series(days, "corpus, series", first)
            found += series(days, "corpus, series confirmed", first, confirmed=True)
    show(found)
    if a.reports:
        write(found, a.reports)


if __name__ == "__main__":
    main()
