"""Figures of left-out days against the targets (`bench/detection/targets.py`)."""

from __future__ import annotations

from bench.detection import targets
from dayline.detection.benchmark.metrics import Report


def _day(name: str, customers: int) -> dict:
    talk = {"start_seconds": 0.0, "end_seconds": 60.0, "kind": "customer", "tags": []}
    return {"id": name, "family": "a", "tags": [], "utterances": [], "truth": [talk] * customers}


def test_false_reports_are_counted_on_days_without_customers_only() -> None:
    report = Report(100.0, 200.0, 0.9)
    days = [_day("visited", 1), _day("empty", 0), _day("quiet", 0)]
    row = targets.Row(days, {"visited": [report] * 3, "empty": [report], "quiet": []})
    n, mean, low, high = targets.false_per_empty_day(row)
    assert (n, mean) == (2, 0.5)
    assert low == 0.0
    assert high == 1.0


def test_days_of_a_business_are_numbered_in_their_order() -> None:
    days = [{"id": "x", "family": "a"}, {"id": "y", "family": "b"}, {"id": "z", "family": "a"}]
    told = [(d["series"]["org"], d["series"]["day"]) for d in targets.in_order(days)]
    assert told == [("a", 0), ("b", 0), ("a", 1)]
