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
    assert origin["lines"] == _hash(MODELS / "kind_network.npz")
    assert origin["corpus"] | origin["held_out"] == {p.name: _hash(p) for p in (BENCH / "corpus").glob("*.jsonl")}
    assert not set(origin["corpus"]) & set(origin["held_out"])
    assert origin["calibration"] == {
        name: _hash(BENCH / "calibration" / name) for name in ("reports.csv", "confidence.json")
    }


def test_the_model_holds_the_confidence_that_the_reports_give() -> None:
    x, right, variants, _ = calibration.read(BENCH / "calibration" / "reports.csv")
    weights = json.loads((BENCH / "calibration" / "confidence.json").read_text())
    assert list(weights) == list(NAMES)
    np.testing.assert_allclose(calibration.fit(x, right, variants), list(weights.values()), atol=2e-3)
    assert gbdt.table("confidence").tolist() == list(weights.values())


def test_confidence_holds_on_businesses_it_was_not_fitted_to() -> None:
    """Fit to the reports on other businesses: what is told is what is right, at every stage with enough reports."""
    x, right, variants, businesses = calibration.read(BENCH / "calibration" / "reports.csv")
    everything = calibration.cross_validated(x, right, variants, businesses)
    for low, high in ((0.0, 0.8), (0.8, 1.0)):
        some = (everything >= low) & (everything < high + 1e-9)
        assert abs(everything[some].mean() - right[some].mean()) < 0.08
    for stage in ("0 days known", "no labels", "read"):
        mine = np.array([calibration.stage(v) == stage for v in variants])
        assert mine.sum() > 100
        assert calibration.calibration_error(everything[mine], right[mine]) < 0.1, stage


def test_confidence_is_spread_enough_to_sort_by() -> None:
    x, right, _, _ = calibration.read(BENCH / "calibration" / "reports.csv")
    told = gbdt.logistic(x @ gbdt.table("confidence"))
    assert np.std(told) > 0.08
    lower, upper = np.array_split(right[np.argsort(told, kind="stable")], 2)
    assert upper.mean() > lower.mean() + 0.05
