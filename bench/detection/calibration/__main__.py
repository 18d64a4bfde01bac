"""Fit the confidence: `python -m bench.detection.calibration`.

`reports.csv` holds one row per possible report on a business left out of training: how the day was given, the inputs of
the confidence, and whether the report overlaps a true conversation by half. The fit is a logistic regression in which
every way of giving the days weighs alike. The same reports give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench.detection.calibration import REPORTS, TABLE
from dayline.detection.calibration import NAMES

REGULARISATION = 1.0
F = NDArray[np.float64]


def read(path: Path = REPORTS) -> tuple[F, F, list[str]]:
    """Inputs, rightness (0 or 1) and variant of every report."""
    with path.open(newline="") as f:
        rows = list(csv.DictReader(f))
    x = np.array([[float(r[n]) for n in NAMES] for r in rows])
    return x, np.array([float(r["right"]) for r in rows]), [r["days"] for r in rows]


def fit(x: F, right: F, variants: list[str]) -> F:
    """Weights of the inputs."""
    count = Counter(variants)
    weight = np.array([1.0 / count[v] for v in variants])
    model = LogisticRegression(C=REGULARISATION, fit_intercept=False, max_iter=2000)
    model.fit(x, right, sample_weight=weight * len(x) / weight.sum())
    return np.round(model.coef_[0], 4)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, default=REPORTS)
    parser.add_argument("--out", type=Path, default=TABLE)
    a = parser.parse_args()
    weights = dict(zip(NAMES, fit(*read(a.reports)).tolist(), strict=True))
    a.out.write_text(json.dumps(weights, indent=1) + "\n")


if __name__ == "__main__":
    main()
