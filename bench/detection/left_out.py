"""The detector on businesses it was not trained on, one command for the whole table.

`python -m bench.detection.left_out --days DAYS.jsonl.gz --group banking,appointments --group cinema,home_rental ...`

Each group of businesses is left out in turn: every forest is trained on the training part of the corpus and on the
days of the other groups, and reports on the days of the group, as they are and with the context or the labels taken
away. Then a third of the businesses of the corpus is left out, with every second of its other talks, and everything
else trained on. Close relatives belong in one group. `--shop-talk` names the same days with colleagues who talk the
trade. What the fixed weights are worth is not left out: they were chosen with an eye on days of this kind.

`--reports FILE.csv` writes chance and rightness of every report, which is what the table of confidence is made of
(`bench.detection.calibration`).
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.detection import daysfile, generate, learn, pool
from bench.detection.train import SEED, cases_of
from dayline.detection import detector, gbdt, scoring, selection
from dayline.detection.benchmark import metrics, runner

VARIANTS = ("as they are", "context removed", "labels removed", "shop talk", "corpus", "corpus, context removed")
CORPUS_FOLDS = 3


@dataclass(frozen=True)
class Told:
    """What was reported on a day, and each report's chance before calibration."""

    variant: str
    day: dict
    reports: list[metrics.Report]
    chances: list[float]


@contextmanager
def forests_in_use(trained: dict[str, gbdt.Forest]) -> Generator[None]:
    """Let the judges use other forests than the shipped ones."""
    shipped = scoring.shipped
    scoring.shipped = trained.__getitem__  # type: ignore[assignment]  # a cached function for a plain one
    try:
        yield
    finally:
        scoring.shipped = shipped


def train(cases: Sequence[learn.Case]) -> dict[str, gbdt.Forest]:
    """Places, kind and edge."""
    places = learn.fit_places(list(cases))
    for c in cases:
        learn.propose(c, places)
    kind, edge = learn.fit_spans(list(cases))
    return {"place": places, "kind": kind, "edge": edge}


def report(day: dict, variant: str) -> Told:
    """Detect the visits of one day, given or robbed of what the variant says."""
    told = {**day, "context": None} if variant.endswith("context removed") else day
    transcript = daysfile.transcript(told, speakers=variant != "labels removed")
    h = scoring.extract(transcript, None, daysfile.context(told), ())
    reports, chances = [], []
    for i in selection.best_set(h.spans, h.chance, selection.price_of_a_report(h.chance)) if h is not None else []:
        assert h is not None
        sure = float(detector.calibrated(h.chance[i : i + 1])[0])
        reports.append(metrics.Report(float(h.spans.start[i]), float(h.spans.end[i]), sure))
        chances.append(float(h.chance[i]))
    return Told(variant, day, reports, chances)


def of_corpus(cases: Sequence[learn.Case], count: int) -> list[Told]:
    """Leave out a third of the corpus's businesses and every second of its other talks. cases: of the further days."""
    source = pool.read("train")
    left = set(source.businesses[::CORPUS_FOLDS])
    rest = source.only(set(source.businesses) - left, odd=False)
    unseen = generate.days(count // 2, SEED + 1, source.only(left, odd=True))
    with forests_in_use(train([*cases_of(generate.days(count, SEED, rest)), *cases])):
        return [report(d, variant) for variant in VARIANTS if variant.startswith("corpus") for d in unseen]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=Path, required=True)
    parser.add_argument("--group", action="append", required=True, help="businesses left out together, with commas")
    parser.add_argument("--shop-talk", type=Path)
    parser.add_argument("--extra", type=Path, nargs="*", default=[], help="further days to train on, never tested")
    parser.add_argument("--corpus-days", type=int, default=80)
    parser.add_argument("--reports", type=Path)
    a = parser.parse_args()
    groups = [set(g.split(",")) for g in a.group]
    given = daysfile.read(a.days)
    shop = daysfile.read(a.shop_talk) if a.shop_talk else []
    unnamed = {d["family"] for d in given} - set().union(*groups)
    if unnamed:
        parser.error(f"name the group of every business; missing: {', '.join(sorted(unnamed))}")
    own = cases_of(generate.days(a.corpus_days, SEED, pool.read("train")))
    cases = cases_of([*given, *(d for path in a.extra for d in daysfile.read(path))])
    told: list[Told] = []
    for group in groups:
        with forests_in_use(train([*own, *(c for c in cases if c.day["family"] not in group)])):
            for variant in (v for v in VARIANTS if not v.startswith("corpus")):
                days = shop if variant == "shop talk" else given
                told += [report(d, variant) for d in days if d["family"] in group]
        print(f"left out: {', '.join(sorted(group))}", flush=True)
    told += of_corpus(cases, a.corpus_days)
    show(told)
    if a.reports:
        write(told, a.reports)


def show(told: Sequence[Told]) -> None:
    """Print the scores of each variant, of each business, and of each tag."""
    for variant in VARIANTS:
        some = [t for t in told if t.variant == variant]
        if not some:
            continue
        days = [t.day for t in some]
        reports = {t.day["id"]: t.reports for t in some}
        print(f"\n{runner.line(variant, metrics.score(days, reports))}")
        by = {
            f: metrics.score([d for d in days if d["family"] == f], reports)["f1_50"]
            for f in sorted({d["family"] for d in days})
        }
        worst = min(by, key=lambda f: by[f])
        print("  " + ", ".join(f"{f} {v:.3f}" for f, v in by.items()))
        print(f"  mean over businesses {sum(by.values()) / len(by):.3f}, worst {by[worst]:.3f} ({worst})")
        print(runner.details(metrics.full(days, reports)))


def write(told: Sequence[Told], path: Path) -> None:
    """Write one row per report: variant of the days, chance, right or not."""
    with path.open("w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["days", "chance", "right"])
        for t in told:
            truth = daysfile.customers(t.day)
            for r, chance in zip(t.reports, t.chances, strict=True):
                a, b = r.start_seconds, r.end_seconds
                shared = [max(0.0, min(b, y) - max(a, x)) / (max(b, y) - min(a, x)) for x, y in truth]
                out.writerow([t.variant, round(chance, 4), int(max(shared, default=0.0) >= 0.5)])


if __name__ == "__main__":
    main()
