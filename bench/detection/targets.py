"""Days of businesses left out of training, against the targets: `python -m bench.detection.targets --days DAYS ...`.

Each training (`--training FOLD:BUSINESSES:MODELS`, models as `left_out` keeps them) detects the days of the businesses
that it has left out. Rows join all trainings: F1 with an interval that holds 90 % of the resamples of days, and false
reports per day without customers with the same of such days. `--series` are further days of the same businesses, in
order the recordings of one organisation each.
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.detection import daysfile, kinds, left_out
from dayline.detection import gbdt
from dayline.detection.benchmark import metrics

KNOWN_DAYS = 3
Reports = dict[str, list[metrics.Report]]


@dataclass
class Row:
    """Days given in one way, and what was reported of them."""

    days: list[dict] = field(default_factory=list)
    reports: Reports = field(default_factory=dict)

    def add(self, found: Iterable[left_out.Found]) -> None:
        """Add reported days, with the shipped confidence."""
        weights = gbdt.table("confidence")
        for f in found:
            told = gbdt.logistic(f.inputs @ weights)
            self.days.append(f.day)
            self.reports[f.day["id"]] = [
                metrics.Report(a, b, float(p)) for (a, b), p in zip(f.spans, told, strict=True)
            ]


def in_order(days: Sequence[dict]) -> list[dict]:
    """The days of each business as days of one organisation in series."""
    seen = Counter[str]()
    out = []
    for d in days:
        out.append({**d, "series": {"org": d["family"], "day": seen[d["family"]]}})
        seen[d["family"]] += 1
    return out


def false_per_empty_day(row: Row, share: float = 0.9, draws: int = 2000) -> tuple[int, float, float, float]:
    """Days without customers, false reports per such day, and an interval over such days."""
    counts = np.array([len(row.reports[d["id"]]) for d in row.days if not daysfile.customers(d)], dtype=np.float64)
    if not len(counts):
        return 0, 0.0, 0.0, 0.0
    picked = counts[np.random.default_rng(0).integers(len(counts), size=(draws, len(counts)))].mean(axis=1)
    low, high = np.quantile(picked, [(1 - share) / 2, (1 + share) / 2])
    return len(counts), float(counts.mean()), float(low), float(high)


def line(name: str, row: Row) -> str:
    """One line of the table."""
    r = metrics.score(row.days, row.reports)
    n, mean, low, high = false_per_empty_day(row)
    false = f"{mean:.2f} ({low:.2f} to {high:.2f}) of {n}" if n else "-"
    if not r["n_truth"]:
        return f"| {name} | {len(row.days)} / 0 | - | - | - | {false} |"
    a, b = metrics.f1_interval(row.days, row.reports)
    return (
        f"| {name} | {len(row.days)} / {r['n_truth']} | {r['f1_50']:.3f} ({a:.3f} to {b:.3f}) "
        f"| {r['p_50']:.2f}/{r['r_50']:.2f} | {r['f1_80']:.3f} | {false} |"
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=Path, required=True)
    parser.add_argument("--shop-talk", type=Path, required=True, help="such days with talk about the own trade")
    parser.add_argument("--empty", type=Path, nargs="*", default=[], help="further days without customers")
    parser.add_argument("--series", type=Path, nargs="*", default=[], help="further days, in order")
    parser.add_argument("--training", nargs="+", required=True, metavar="FOLD:BUSINESSES:MODELS")
    a = parser.parse_args()
    rows: dict[str, Row] = {}
    for given in a.training:
        fold, group, models = given.split(":")
        trained = pickle.loads(Path(models).read_bytes())
        with left_out.in_use(trained), kinds.in_use(kinds.of_fold(int(fold))):
            _detect(rows, _reader(set(group.split(","))), a)
    print("| days | days / conversations | F1@.5 (90 %) | P/R@.5 | F1@.8 | false per empty day (90 %) |")
    print("|---|---|---|---|---|---|")
    print("\n".join(line(name, row) for name, row in rows.items()))


def _reader(group: set[str]) -> Callable[[Iterable[Path]], list[dict]]:
    """A reader of the days of some businesses; days of several files may have the same id."""
    return lambda paths: [
        {**d, "id": f"{p.stem}-{d['id']}"} for p in paths for d in daysfile.read(p) if d["family"] in group
    ]


def _detect(rows: dict[str, Row], read: Callable[[Iterable[Path]], list[dict]], a: argparse.Namespace) -> None:
    def add(name: str, found: Iterable[left_out.Found]) -> None:
        rows.setdefault(name, Row()).add(found)

    sets = {"as they are": read([a.days]), "shop talk": read([a.shop_talk]), "further empty days": read(a.empty)}
    for name, days in sets.items():
        add(name, [left_out.detect(d, name)[0] for d in days])
        add(f"{name}, no labels", [left_out.detect(d, name, speakers=False)[0] for d in days])
    series = in_order(read(a.series))
    weights = np.asarray(gbdt.table("confidence"))
    add("series, first day", [left_out.detect(d, "first")[0] for d in series if not d["series"]["day"]])
    later = {d["id"]: d for d in series if d["series"]["day"] >= KNOWN_DAYS - 1}
    add("series, third day on, no memory", [left_out.detect(d, "later")[0] for d in later.values()])
    for name, confirmed in (("own reports", False), ("confirmed", True)):
        found = left_out.series(series, "series", weights, confirmed=confirmed)
        told = [f for f in found if f.day["id"] in later and f.variant != "series, no memory"]
        add(f"series, third day on, {name}", told)


if __name__ == "__main__":
    main()
