"""The detector on the repository's own sample days, and on days that hold next to nothing."""

from __future__ import annotations

import numpy as np
import pytest

from dayline.detection import detect
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import DayContext, Hint
from dayline.domain.transcript import Transcript, Utterance
from tests.detection import days


@pytest.mark.parametrize("name", ["sample-day", "sibling-day"])
@pytest.mark.parametrize("labels", ["clustered", "named", "none"])
@pytest.mark.parametrize("wer", [0.0, 0.1])
def test_finds_every_visit_of_the_sample_days(name: str, labels: str, wer: float) -> None:
    heard, truth = days.sample(name, labels, wer)
    found = [(c.start_seconds, c.end_seconds) for c in detect(heard).customers]
    assert len(found) == len(truth)
    for a, b in zip(truth, found, strict=True):
        assert days.overlap(a, b) >= 0.8


@pytest.mark.parametrize("labels", ["clustered", "named", "none"])
@pytest.mark.parametrize("wer", [0.0, 0.1])
@pytest.mark.parametrize(("name", "call"), [("sibling-day", (291.73, 354.91)), ("sample-day", (401.82, 467.56))])
def test_calls_with_the_office_are_internal(name: str, call: tuple[float, float], labels: str, wer: float) -> None:
    heard, _ = days.sample(name, labels, wer)
    kinds = [c.kind for c in detect(heard).conversations if days.overlap((c.start_seconds, c.end_seconds), call) > 0.8]
    assert kinds == ["internal"]


def _is_whole(day, begin: float, finish: float) -> None:
    clock = begin
    for s in day.timeline:
        assert s.start_seconds == clock
        assert s.end_seconds > s.start_seconds
        clock = s.end_seconds
    assert clock == finish
    for a, b in zip(day.conversations, day.conversations[1:], strict=False):
        assert a.end_seconds <= b.start_seconds


def test_every_second_has_exactly_one_label() -> None:
    heard, _ = days.sample("sample-day")
    _is_whole(detect(heard), 0.0, heard.duration_seconds)


def test_same_day_same_answer() -> None:
    heard, _ = days.sample("sibling-day", wer=0.1)
    assert detect(heard) == detect(heard)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (Utterance(3.0, 4.0, "hello"),),
        (Utterance(3.0, 4.0, "hello", "S0"), Utterance(3.5, 9.0, "yes", "S1")),
        tuple(Utterance(float(i), float(i), "", None) for i in range(5)),
        tuple(Utterance(10.0, 11.0, "we all talk at once", f"SPEAKER_{i:02d}") for i in range(40)),
    ],
)
def test_copes_with_next_to_nothing(lines: tuple[Utterance, ...]) -> None:
    day = detect(Transcript(lines, 60.0))
    _is_whole(day, 0.0, 60.0)
    assert not day.customers


def test_a_slice_keeps_the_clock_of_its_recording() -> None:
    heard, truth = days.sample("sample-day")
    part = heard.slice(truth[1][0] - 5, heard.duration_seconds)
    _is_whole(detect(part), part.start_seconds, part.start_seconds + part.duration_seconds)


def test_reasons_point_into_the_conversation_and_tell_the_edges() -> None:
    heard, _ = days.sample("sample-day")
    for c in detect(heard).customers:
        assert {r.about for r in c.reasons} >= {"start", "end", "kind"}
        assert all(c.start_seconds - 1 <= r.at_seconds <= c.end_seconds + 1 for r in c.reasons)
        assert all(-1 <= r.weight <= 1 for r in c.reasons)


def test_what_sounds_like_a_broadcast_is_no_visit() -> None:
    heard, truth = days.sample("sample-day")
    seconds = int(heard.duration_seconds) + 1
    zero = np.zeros(seconds, dtype=np.float32)
    air = zero.copy()
    air[int(truth[0][0]) : int(truth[0][1]) + 1] = 1.0
    found = detect(heard, DayProfile(zero, zero, zero, air, air, zero))
    assert all(days.overlap((c.start_seconds, c.end_seconds), truth[0]) < 0.5 for c in found.customers)
    assert len(found.customers) == len(truth) - 1


def test_hints_and_context_are_welcome() -> None:
    heard, truth = days.sample("sample-day")
    context = DayContext(
        "Clear Panes", "windows and doors", "Ask for the frame. Measure the glass.", ("glass", "frame")
    )
    plain = detect(heard, context=context)
    helped = detect(heard, context=context, hints=[Hint(*truth[0], "visit")])
    assert len(plain.customers) == len(truth)
    assert helped.customers[0].confidence >= plain.customers[0].confidence
