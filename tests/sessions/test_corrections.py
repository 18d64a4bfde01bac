"""Corrections keep the timeline valid: ordered, within the day, without overlap, one label per second."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayline.domain.errors import InvalidRequest, NotFound
from dayline.domain.stored_json import StoredReason
from dayline.sessions.corrections.model import (
    MIN_SECONDS,
    Add,
    Adjust,
    DayState,
    Label,
    Merge,
    Relabel,
    Remove,
    SegmentEdit,
    Split,
    TimelineEntry,
    apply,
    overlay,
)

LABELS = ("customer", "internal", "personal", "broadcast", "other_speech", "silence")
NEW_IDS = iter(f"new-{n}" for n in range(10**9))


def part(id, start, end, **changes):
    return SegmentEdit(id, start, end, None, 0.9, (), **changes)


def day(*spans, duration=1000.0):
    parts = tuple(part(f"s{i}", a, b) for i, (a, b) in enumerate(spans))
    timeline = (TimelineEntry(0.0, duration, "silence"),)
    for p in parts:
        timeline = overlay(timeline, TimelineEntry(p.start_seconds, p.end_seconds, "customer"))
    return DayState(duration, parts, timeline)


def check(state):
    for p in state.parts:
        assert p.start_seconds >= 0
        assert p.end_seconds <= state.duration_seconds
        assert p.end_seconds - p.start_seconds >= MIN_SECONDS
    for a, b in pairwise(state.parts):
        assert a.end_seconds <= b.start_seconds
    assert len({p.id for p in state.parts}) == len(state.parts)
    assert state.timeline[0].start_seconds == 0
    assert state.timeline[-1].end_seconds == state.duration_seconds
    for a, b in pairwise(state.timeline):
        assert a.end_seconds == b.start_seconds
    for s in state.timeline:
        assert s.end_seconds > s.start_seconds
        assert s.label in LABELS
    customers = [(s.start_seconds, s.end_seconds) for s in state.timeline if s.label == "customer"]
    assert covered(customers) == covered([(p.start_seconds, p.end_seconds) for p in state.parts])


def covered(spans):
    merged = []
    for a, b in spans:
        if merged and merged[-1][1] == a:
            merged[-1][1] = b
        else:
            merged.append([a, b])
    return merged


def run(state, *changes):
    return apply(state, changes, lambda _n: next(NEW_IDS))


def spans(state):
    return [(p.start_seconds, p.end_seconds) for p in state.parts]


def test_adjust_moves_borders_and_keeps_the_rest_labelled():
    after = run(day((100, 200), (300, 400)), Adjust("s0", start_seconds=120, end_seconds=250))
    check(after)
    assert spans(after) == [(120, 250), (300, 400)]
    assert [p.is_touched for p in after.parts] == [True, False]
    assert after.parts[0].confidence is None
    assert after.timeline[1].label == "other_speech"


def test_a_title_alone_touches_nothing():
    after = run(day((100, 200)), Adjust("s0", title="Mrs. Ortiz"))
    assert after.parts[0].title == "Mrs. Ortiz"
    assert not after.parts[0].is_touched


def test_split_keeps_the_first_id_and_merge_undoes_it():
    split = run(day((100, 200)), Split("s0", 150))
    check(split)
    assert spans(split) == [(100, 150), (150, 200)]
    assert split.parts[0].id == "s0"
    merged = run(split, Merge((split.parts[1].id, "s0")))
    check(merged)
    assert spans(merged) == [(100, 200)]
    assert merged.parts[0].id == "s0"


def test_merge_takes_what_lies_between():
    after = run(day((100, 200), (300, 400)), Merge(("s0", "s1")))
    check(after)
    assert spans(after) == [(100, 400)]


@pytest.mark.parametrize(("kind", "label"), [("internal", "internal"), ("unknown", "other_speech")])
def test_relabel_takes_the_segment_out_and_names_the_stretch(kind, label):
    after = run(day((100, 200)), Relabel("s0", kind))
    check(after)
    assert after.parts == ()
    assert after.timeline[1].label == label


def test_add_and_remove():
    after = run(day((100, 200)), Add(500, 600, "Second visit"), Remove("s0"))
    check(after)
    assert spans(after) == [(500, 600)]
    assert after.parts[0].title == "Second visit"


@pytest.mark.parametrize(
    "change",
    [
        Adjust("s0", end_seconds=301),
        Adjust("s0", end_seconds=1000.5),
        Adjust("s0", start_seconds=199.5),
        Adjust("s0", start_seconds=210),
        Split("s0", 100.5),
        Split("s0", 300),
        Merge(("s0", "s2")),
        Merge(("s0", "s0")),
        Add(150, 160),
        Add(990, 1001),
        Add(10, 5),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(change):
    with pytest.raises(InvalidRequest) as caught:
        run(day((100, 200), (300, 400), (500, 600)), Adjust("s2", title="x"), change)
    assert caught.value.details["change"] == 1


def test_an_unknown_segment_is_not_found():
    with pytest.raises(NotFound) as caught:
        run(day((100, 200)), Remove("nobody"))
    assert caught.value.code == "segment_not_found"


def test_a_day_that_ends_with_a_segment_can_be_corrected():
    after = run(day((0, 500), (500, 1000)), Remove("s1"), Adjust("s0", end_seconds=1000))
    check(after)


TIMES = st.floats(min_value=0, max_value=1100, allow_nan=False, allow_infinity=False)


@st.composite
def changes(draw, state):
    ids = [p.id for p in state.parts] or ["nobody"]
    one = st.sampled_from(ids)
    kinds = st.sampled_from(["internal", "personal", "broadcast", "unknown"])
    return draw(
        st.one_of(
            st.builds(Adjust, one, st.none() | TIMES, st.none() | TIMES, st.none()),
            st.builds(Split, one, TIMES),
            st.builds(Merge, st.lists(one, min_size=2, max_size=3).map(tuple)),
            st.builds(Relabel, one, kinds),
            st.builds(Add, TIMES, TIMES, st.none()),
            st.builds(Remove, one),
        )
    )


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_sequence_leaves_a_day(data):
    borders = sorted(data.draw(st.lists(st.integers(0, 1000), min_size=0, max_size=12, unique=True)))
    found = [(float(a), float(b)) for a, b in pairwise(borders)][:: data.draw(st.sampled_from([1, 2]))]
    state = day(*found)
    check(state)
    for _ in range(data.draw(st.integers(1, 8))):
        try:
            state = run(state, data.draw(changes(state)))
        except (InvalidRequest, NotFound):
            continue
        check(state)


def about(part):
    return [reason["about"] for reason in part.reasons]


def test_a_title_that_a_person_gave_is_marked_and_stays_marked():
    state = run(day((100, 200), (300, 400)), Adjust("s0", title="Mrs. Ortiz"), Add(500, 600, "Second visit"))
    check(state)
    assert [about(p).count("title") for p in state.parts] == [1, 0, 1]
    again = run(state, Adjust("s0", title="Mrs. Ortiz again"), Adjust("s0", end_seconds=250))
    assert (about(again.parts[0]).count("title"), again.parts[0].title) == (1, "Mrs. Ortiz again")
    same = run(day((100, 200)), Adjust("s0", end_seconds=250))
    assert "title" not in about(same.parts[0])


def test_the_second_part_of_a_split_has_no_title_of_another_conversation():
    state = run(day((100, 200)), Adjust("s0", title="Mrs. Ortiz"), Split("s0", 150))
    assert [p.title for p in state.parts] == ["Mrs. Ortiz", None]
    assert ["title" in about(p) for p in state.parts] == [True, False]


def test_reasons_of_a_part_say_of_which_interval_they_spoke():
    text = "no words were recognised for 1000 s"
    silence = StoredReason(about="kind", text=text, at_seconds=0.0, weight=1.0)
    state = DayState(1000.0, (), (TimelineEntry(0.0, 1000.0, "silence", (silence,)),))
    after = run(run(state, Add(300, 400)), Label(600, 700, "personal"))
    check(after)
    said = "of 0:00:00 to 0:16:40: no words were recognised for 1000 s"
    parts = [s.reasons[0]["text"] for s in after.timeline if s.label == "silence"]
    assert parts == [said] * 3
    again = run(after, Label(650, 660, "silence"))
    assert [s.reasons[0]["text"] for s in again.timeline if s.label == "personal"] == ["A person set this."] * 2
