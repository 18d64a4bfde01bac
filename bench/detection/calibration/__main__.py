"""Makes the table of confidence: `python -m bench.detection.calibration`.

`reports.csv` holds one row per report on a business left out of training: the variant of the days (as they are, context
removed, labels removed, shop talk), the judges' chance and whether the report overlaps a true visit by half. The table
is a monotone fit of right on chance, averaged over neighbours. The same reports give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from bench.detection.calibration import REPORTS, TABLE

# No report was made below a chance of one half: there the table is set by hand, low and rising.
_BY_HAND = {0.0: 0.05, 0.2: 0.15}
_FIRST, _LAST, _REACH = 0.5, 0.97, 0.06
_KNOTS = tuple(round(0.5 + 0.05 * i, 2) for i in range(11))
_GRID = (0.0, 0.2, *(round(0.4 + 0.05 * i, 2) for i in range(13)))


def read(path: Path = REPORTS) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chance and rightness (0 or 1) of every report, shape (reports,) each."""
    with path.open(newline="") as f:
        rows = list(csv.DictReader(f))
    return np.array([float(r["chance"]) for r in rows]), np.array([float(r["right"]) for r in rows])


def table(chance: NDArray[np.float64], right: NDArray[np.float64]) -> dict[str, list[float]]:
    """Probability that a report is right at fixed chances, never falling."""
    fit = IsotonicRegression(y_min=0.05, y_max=0.98, out_of_bounds="clip").fit(chance, right)
    smooth = [
        float(np.mean(fit.predict(np.linspace(max(_FIRST, x - _REACH), min(_LAST, x + _REACH), 30)))) for x in _KNOTS
    ]
    values = np.interp(_GRID, [*_BY_HAND, *_KNOTS], [*_BY_HAND.values(), *smooth])
    return {"chance": list(_GRID), "right": np.maximum.accumulate(np.round(values, 3)).tolist()}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, default=REPORTS)
    parser.add_argument("--out", type=Path, default=TABLE)
    a = parser.parse_args()
    a.out.write_text(json.dumps(table(*read(a.reports)), indent=1) + "\n")


if __name__ == "__main__":
    main()
