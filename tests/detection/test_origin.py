"""What the shipped models say of their origin is true of the files in this repository."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from bench.detection.calibration import __main__ as calibration
from dayline.detection import gbdt
from dayline.detection.calibration import NAMES

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "src" / "dayline" / "detection" / "models"
BENCH = ROOT / "bench" / "detection"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_hashes_of_inputs_and_model() -> None:
    origin = json.loads((MODELS / "ORIGIN.json").read_text())
    assert origin["model"] == _hash(MODELS / "detector.npz")
    assert origin["corpus"] | origin["held_out"] == {p.name: _hash(p) for p in (BENCH / "corpus").glob("*.jsonl")}
    assert not set(origin["corpus"]) & set(origin["held_out"])
    assert origin["calibration"] == {
        name: _hash(BENCH / "calibration" / name) for name in ("reports.csv", "confidence.json")
    }


def test_the_model_holds_the_confidence_that_the_reports_give() -> None:
    x, right, variants = calibration.read(BENCH / "calibration" / "reports.csv")
    weights = json.loads((BENCH / "calibration" / "confidence.json").read_text())
    assert list(weights) == list(NAMES)
    np.testing.assert_allclose(calibration.fit(x, right, variants), list(weights.values()), atol=2e-3)
    assert gbdt.table("confidence").tolist() == list(weights.values())


def test_confidence_holds_on_days_it_was_not_fitted_to() -> None:
    """Fit on every second report, look at the others: where the days are labelled, what is told is what is right."""
    x, right, variants = calibration.read(BENCH / "calibration" / "reports.csv")
    half = np.arange(len(right)) % 2 == 0
    weights = calibration.fit(x[half], right[half], [v for v, h in zip(variants, half, strict=True) if h])
    rest = ~half & np.array(["removed" not in v for v in variants])
    told = gbdt.logistic(x[rest] @ weights)
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        some = (told >= low) & (told <= high)
        assert abs(told[some].mean() - right[rest][some].mean()) < 0.15


def test_confidence_is_spread_enough_to_sort_by() -> None:
    x, right, _ = calibration.read(BENCH / "calibration" / "reports.csv")
    told = gbdt.logistic(x @ gbdt.table("confidence"))
    reported = told >= 0.42
    assert np.std(told[reported]) > 0.08
    order = np.argsort(told[reported])
    lower, upper = np.array_split(right[reported][order], 2)
    assert upper.mean() > lower.mean() + 0.05
