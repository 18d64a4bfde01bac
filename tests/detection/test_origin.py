"""What the shipped models say of their origin is true of the files in this repository."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np

from dayline.detection import gbdt

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
        name: _hash(BENCH / "calibration" / name) for name in ("reports.csv", "table.json")
    }


def test_the_model_holds_the_table_of_confidence() -> None:
    table = json.loads((BENCH / "calibration" / "table.json").read_text())
    chance, right = gbdt.table("calibration")
    assert chance.tolist() == table["chance"]
    assert right.tolist() == table["right"]


def test_confidence_is_what_the_reports_showed() -> None:
    with (BENCH / "calibration" / "reports.csv").open(newline="") as f:
        rows = list(csv.DictReader(f))
    chance, right = (np.array([float(r[k]) for r in rows]) for k in ("chance", "right"))
    told = np.interp(chance, *gbdt.table("calibration"))
    for low, high in ((0.5, 0.8), (0.8, 1.0)):
        some = (told >= low) & (told <= high)
        assert abs(told[some].mean() - right[some].mean()) < 0.05
