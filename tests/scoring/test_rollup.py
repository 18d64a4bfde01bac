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
    assert day["worst_segment"] is not None
    assert day["worst_segment"]["id"] == "s0"
    assert day["talk_metrics"]["talk_ratio"] == 0.55
    assert day["talk_metrics"]["longest_monologue_seconds"] == 80.0
    assert day["talk_metrics"]["questions_asked"] == 8
    assert day["outcomes"] == {"follow_up": 1, "sale": 1}
    assert "3 customer conversations" in day["summary"]
    assert "Talk 90: order" in day["summary"]
    assert "1 sale, 1 follow-up" in day["summary"]
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
    assert day["best_segment"] is not None
    assert day["best_segment"]["overall_score"] == 70
    assert day["worst_segment"] is None
    assert day["talk_metrics"]["talk_ratio"] is None


def test_best_and_weakest_go_by_what_happened() -> None:
    sale = segment(0, 0, 100, analysis(55, outcome="sale"))
    refusal = segment(1, 200, 300, analysis(90, outcome="no_sale"))
    day = roll_up([sale, refusal])
    assert day["best_segment"] is not None
    assert day["worst_segment"] is not None
    assert (day["best_segment"]["id"], day["worst_segment"]["id"]) == ("s0", "s1")


def test_equal_conversations_have_no_best_and_no_weakest() -> None:
    day = roll_up([segment(0, 0, 100, analysis(71)), segment(1, 200, 300, analysis(73))])
    assert day["best_segment"] is None
    assert day["worst_segment"] is None


def test_the_summary_says_who_what_and_when() -> None:
    offer = {"what": "The door", "amount": 3400.0, "currency": "USD", "period": None}
    step = {"action": "Call you next Wednesday with the exact time", "when": "next Wednesday", "owner": "rep"}
    result = analysis(80, outcome="sale", offers=[offer], next_steps=[step], recording_title="Door with Martha Young")
    objection = {"kind": "price", "quote": "Too dear.", "start_seconds": 250.0, "handled": None}
    refused = analysis(40, outcome="no_sale", objections=[objection])
    summary = roll_up([segment(0, 65, 165, result), segment(1, 200, 300, refused)])["summary"]
    line = "At 1:05 into the recording, Door with Martha Young: offered $3,400 for the door, order, next: call you next"
    assert line in summary
    assert "Listen to: “Talk 40” at 3:20 into the recording, the price objection “Too dear.” at 4:10." in summary


def test_the_summary_counts_outcomes_that_are_not_known() -> None:
    unknown = analysis(50, outcome="unknown", offers=[{"what": "Both bays.", "amount": 90.0, "currency": "USD"}])
    summary = roll_up([segment(0, 0, 100, unknown), segment(1, 200, 300, unknown)])["summary"]
    assert "3 minutes of talk: 2 outcomes not known." in summary
    assert "offered $90 for both bays, outcome not known." in summary


def test_a_segment_without_words_is_no_conversation() -> None:
    silent = segment(0, 0, 50, analysis(50, outcome="unknown", usage={"words": 0}))
    day = roll_up([silent, segment(1, 60, 90, analysis(70))])
    assert (day["conversations"], day["analyzed"]) == (1, 1)
    assert day["customer_talk_seconds"] == 30.0
    assert day["outcomes"] == {"follow_up": 1}
