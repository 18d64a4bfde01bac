"""Fit the confidence: `python -m bench.detection.calibration`.

`reports.csv` holds one row per report on a business left out of training, as the shipped selection chose them: how the
day was given, the inputs of the confidence, and whether the report overlaps a true conversation by half. The fit is a
logistic regression. The same reports give the same bytes. What is
told of a stage is measured on reports of businesses that the weights were not fitted to.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench.detection.calibration import REPORTS, TABLE
from dayline.detection.calibration import NAMES
from dayline.detection.gbdt import logistic

REGULARISATION = 0.3
SERIES_VARIANTS = 3
STAGES = ("no labels", "0 days known", "1 to 4 days known", "5 or more days known", "read")
F = NDArray[np.float64]


def read(path: Path = REPORTS) -> tuple[F, F, list[str], list[str]]:
    """Inputs, rightness (0 or 1), variant and business of every report."""
    with path.open(newline="") as f:
        rows = list(csv.DictReader(f))
    x = np.array([[float(r[n]) for n in NAMES] for r in rows])
    return x, np.array([float(r["right"]) for r in rows]), [r["days"] for r in rows], [r["business"] for r in rows]


def fit(x: F, right: F, variants: list[str] | None = None) -> F:
    """Weights of the inputs. The days of a series are given in three ways; each of their reports counts a third."""
    counts = [1 / SERIES_VARIANTS if "series" in v else 1.0 for v in variants] if variants else None
    model = LogisticRegression(C=REGULARISATION, fit_intercept=False, max_iter=2000)
    return np.round(model.fit(x, right, sample_weight=counts).coef_[0], 4)


def cross_validated(x: F, right: F, variants: list[str], businesses: list[str], folds: int = 6) -> F:
    """Confidence of every report by weights that were fitted to reports on other businesses."""
    names = sorted(set(businesses))
    out = np.zeros(len(right))
    for k in range(folds):
        mine = np.isin(businesses, names[k::folds])
        rest = [v for v, is_mine in zip(variants, mine, strict=True) if not is_mine]
        out[mine] = logistic(x[mine] @ fit(x[~mine], right[~mine], rest))
    return out


def stage(variant: str) -> str:
    """Stage of the product that a way of giving days stands for."""
    if "labels removed" in variant:
        return "no labels"
    if "read" in variant:
        return "read"
    return next((s for s in STAGES if s.endswith("known") and variant.endswith(s)), "0 days known")


def calibration_error(told: F, right: F) -> float:
    """Expected calibration error in ten bins of equal width."""
    bins = np.minimum((told * 10).astype(int), 9)
    return float(
        sum(abs(told[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist()))
    )


def table(told: F, right: F, variants: list[str]) -> list[str]:
    """One line per stage and per variant: reports, how many are right, the confidence told, calibration error."""
    out = []
    for groups in ([stage(v) for v in variants], variants):
        for name in sorted(set(groups)):
            rows = np.array([g == name for g in groups])
            p, y = told[rows], right[rows]
            out.append(f"| {name} | {len(p)} | {y.mean():.2f} | {p.mean():.2f} | {calibration_error(p, y):.3f} |")
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, default=REPORTS)
    parser.add_argument("--out", type=Path, default=TABLE)
    a = parser.parse_args()
    x, right, variants, businesses = read(a.reports)
    print("| days | reports | right | told | ECE, businesses left out |\n|---|---|---|---|---|")
    print("\n".join(table(cross_validated(x, right, variants, businesses), right, variants)))
    weights = dict(zip(NAMES, fit(x, right, variants).tolist(), strict=True))
    a.out.write_text(json.dumps(weights, indent=1) + "\n")


if __name__ == "__main__":
    main()
