from __future__ import annotations

import json

from dayline.domain.analysis import PILLARS
from dayline.scoring.rollup import roll_up


def analysis(score: int, **changes):
    fields = {
        "recording_title": f"Talk {score}",
        "overall_score": score,
        **{f"{p}_score": score for p in PILLARS},
        "questions_asked": 4,
        "filler_word_count": 2,
        "words_per_minute": 140.0,
        "talk_ratio": 0.5,
        "longest_monologue_seconds": 30.0,
        "interactivity": 5.0,
        "patience_seconds": 0.6,
        "outcome": "follow_up",
    }
    return {**fields, **changes}


def segment(index: int, start: float, end: float, result):
    return {
        "id": f"s{index}",
        "index": index,
        "start_seconds": start,
        "end_seconds": end,
        "title": "T",
        "analysis": result,
    }


def test_a_day_of_three() -> None:
    day = roll_up(
        [
            segment(1, 1000, 1100, analysis(90, outcome="sale", talk_ratio=0.7, clarity_score=100)),
            segment(0, 0, 300, analysis(60, longest_monologue_seconds=80.0)),
            segment(2, 2000, 2060, None),
        ]
    )
    assert (day["conversations"], day["analyzed"], day["customer_talk_seconds"]) == (3, 2, 460.0)
    assert day["average_scores"]["overall_score"] == 75
    assert day["average_scores"]["clarity_score"] == 80
    assert day["best_segment"] == {"id": "s1", "index": 1, "title": "Talk 90", "overall_score": 90}
    assert day["worst_segment"]["id"] == "s0"
    assert day["talk_metrics"]["talk_ratio"] == 0.55
    assert day["talk_metrics"]["longest_monologue_seconds"] == 80.0
    assert day["talk_metrics"]["questions_asked"] == 8
    assert day["outcomes"] == {"follow_up": 1, "sale": 1}
    assert "3 customer conversations" in day["summary"]
    assert "Talk 90" in day["summary"]
    json.dumps(day, allow_nan=False)


def test_a_day_without_customers() -> None:
    day = roll_up([])
    assert (day["conversations"], day["customer_talk_seconds"]) == (0, 0)
    assert day["average_scores"]["overall_score"] is None
    assert day["best_segment"] is None
    assert day["talk_metrics"]["talk_ratio"] is None
    assert "No customer conversation" in day["summary"]


def test_nothing_analysed_yet() -> None:
    day = roll_up([segment(0, 0, 50, None)])
    assert (day["conversations"], day["analyzed"]) == (1, 0)
    assert "None of them has been analysed" in day["summary"]


def test_a_single_talk_is_best_and_has_no_rival() -> None:
    day = roll_up([segment(0, 0, 50, analysis(70, talk_ratio=None, patience_seconds=None))])
    assert day["best_segment"]["overall_score"] == 70
    assert day["worst_segment"] is None
    assert day["talk_metrics"]["talk_ratio"] is None
