"""What the terminal says about a finished day."""

from __future__ import annotations

import io
from typing import Any, cast

from rich.console import Console

from dayline.cli.show import ShownDay, show_day

REASONS = [
    {"about": "kind", "text": "weak reason", "at_seconds": 1.0, "weight": 0.1},
    {"about": "kind", "text": "the rep greets at the door", "at_seconds": 12.0, "weight": 2.0},
    {"about": "kind", "text": "spoke against it", "at_seconds": 13.0, "weight": -3.0},
    {"about": "start", "text": "a long pause before", "at_seconds": 10.0, "weight": 5.0},
]
RESULT = {
    "overall_score": 71,
    "offers": [{"what": "the door", "amount": 3400.0, "currency": "USD"}],
    "objections": [{"kind": "price", "quote": "That is too expensive."}],
    "outcome": "follow_up",
    "next_steps": [{"owner": "rep", "action": "Call on Friday"}],
}


def shown(confidence: float | None = 0.93, result: dict[str, Any] | None = RESULT) -> str:
    segment = {
        "start_seconds": 10.0, "end_seconds": 100.0, "confidence": confidence, "title": "Door with Mrs [Hill]",
        "analysis_id": "a", "reasons": REASONS,
    }  # fmt: skip
    day = {
        "session": {
            "error": None, "duration_seconds": 120.0, "segments": [segment],
            "usage": {
                "speech_seconds": 80.0, "transcriber": "engine:model",
                "recording": {"warnings": ["A track is missing."]},
            },
        },
        "timeline": [
            {"start_seconds": 0.0, "end_seconds": 10.0, "label": "silence", "reasons": []},
            {"start_seconds": 100.0, "end_seconds": 103.0, "label": "internal", "reasons": []},
        ],
        "analyses": {"a": result} if result else {},
    }  # fmt: skip
    out = io.StringIO()
    # As much of a day as is printed.
    show_day(cast(ShownDay, day), Console(file=out, width=120))
    return out.getvalue()


def test_a_conversation_says_what_a_coach_asks_first():
    text = shown()
    for part in ("0:00:10 to 0:01:40", "Door with Mrs [Hill]", "93% sure", "score 71", "the door: 3,400 USD"):
        assert part in text
    for part in ("price: “That is too expensive.”", "follow up", "rep: Call on Friday", "A track is missing."):
        assert part in text


def test_a_confidence_is_never_shown_as_certainty():
    assert "99% sure" in shown(0.996)
    assert "100%" not in shown(1.0)
    assert "98% sure" in shown(0.984)


def test_only_reasons_that_spoke_for_it_are_shown_strongest_first():
    text = shown()
    assert text.index("the rep greets at the door (0:00:12)") < text.index("weak reason")
    assert "spoke against it" not in text
    assert "a long pause before" not in text


def test_a_segment_that_was_not_analysed_makes_no_statement():
    text = shown(result=None)
    assert "score" not in text
    assert "ended" not in text


def test_a_segment_set_by_a_person_has_no_confidence():
    assert "set by a person" in shown(confidence=None)


def test_short_intervals_are_left_out():
    text = shown()
    assert "silence" in text
    assert "internal" not in text
