"""The scorer's arithmetic and the benchmark's run from file to table."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from dayline.detection.benchmark import baselines, metrics, runner
from dayline.detection.benchmark.metrics import Report
from dayline.domain.transcript import Transcript, Utterance


def _day(name: str, truth: list[tuple[float, float]], tags: tuple[str, ...] = ("normal",)) -> dict:
    text = "so how about that"
    lines = [{"start_seconds": float(t), "end_seconds": t + 4.0, "text": text} for t in range(0, 1000, 10)]
    rows = [{"start_seconds": a, "end_seconds": b, "kind": "customer", "tags": []} for a, b in truth]
    day = {"id": name, "context": None, "duration_seconds": 1000.0, "tags": list(tags)}
    return {**day, "utterances": lines, "truth": rows}


def test_a_perfect_answer_is_perfect() -> None:
    days = [_day("a", [(0, 200), (300, 500)]), _day("b", [], ("zero_customers",))]
    r = metrics.full(days, {"a": [Report(0, 200, 1.0), Report(300, 500, 1.0)]})
    assert (r["f1_50"], r["f1_80"], r["time_precision"], r["time_recall"]) == (1, 1, 1, 1)
    assert (r["windowdiff"], r["pk"], r["ece"], r["brier"], r["zero_day_false_per_day"]) == (0, 0, 0, 0, 0)


def test_halves_extra_reports_and_edges_count() -> None:
    days = [_day("a", [(0, 200), (300, 500)])]
    r = metrics.full(days, {"a": [Report(0, 120, 0.9), Report(290, 510, 0.65), Report(700, 800, 0.3)]})
    assert r["p_50"] == pytest.approx(2 / 3)
    assert r["r_50"] == 1
    assert r["f1_80"] == pytest.approx(2 / 5)
    assert r["boundary_err_p90"] == pytest.approx(59.0)
    assert r["count_bias"] == 1
    assert r["min_confidence_0.8"]["n_pred"] == 1
    assert r["ece"] == pytest.approx((0.1 + 0.35 + 0.3) / 3)


def test_an_utterance_belongs_to_where_its_middle_is() -> None:
    lines = [{"start_seconds": 0.0, "end_seconds": 5.0}, {"start_seconds": 6.0, "end_seconds": 8.0}]
    assert metrics._edges(lines, [(2.2, 10.0)]).tolist() == [0]
    assert metrics._edges(lines, [(2.8, 10.0)]).tolist() == [1]


def test_the_baseline_of_cues_weighs_the_words_of_each_interval_alone() -> None:
    sales = "the price is nine hundred dollars, shall I put you down for Friday, what do you need, goodbye"
    talk = (Utterance(0.0, 60.0, "the traffic is slow on the bridge"), Utterance(600.0, 660.0, sales))
    found = baselines.silence_and_cues(Transcript(talk, duration_seconds=700.0))
    assert [(r.start_seconds, r.end_seconds) for r in found] == [(600.0, 660.0)]
    assert len(baselines.silence(Transcript(talk, duration_seconds=700.0))) == 2


def test_one_report_serves_one_conversation() -> None:
    assert metrics.pair([(0, 100), (0, 100)], [(0, 100)], 0.5) == [(0, 0)]


def test_run_writes_predictions_in_the_order_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "days.jsonl.gz"
    days = [_day("z", [(0, 300)]), _day("a", [])]
    path.write_bytes(gzip.compress("\n".join(json.dumps(d) for d in days).encode()))
    out = tmp_path / "out.jsonl"
    result = runner.run(path, out, without=("speakers",))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [r["id"] for r in rows] == ["z", "a"]
    assert "f1_50" in result
    printed = capsys.readouterr().out
    assert "one block" in printed
    assert "confidence from" in printed
    with pytest.raises(ValueError, match="without"):
        runner.run(path, without=("truth",))


def test_truth_and_family_never_reach_the_detector() -> None:
    day = _day("a", [(0, 300)])
    bare = {k: v for k, v in day.items() if k in ("id", "context", "duration_seconds", "utterances")}
    assert runner.predict(day) == runner.predict(bare)
