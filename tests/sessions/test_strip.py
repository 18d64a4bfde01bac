"""The strip of a day in a list: few runs, the same labels at the same places, the same length."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dayline.sessions.strip import MAX_RUNS, strip_of

LABELS = ("customer", "internal", "silence", "other_speech")
INTERVALS = st.lists(st.tuples(st.sampled_from(LABELS), st.floats(0.1, 5000)), max_size=400)


def timeline(runs):
    found, at = [], 0.0
    for label, seconds in runs:
        found.append({"start_seconds": at, "end_seconds": at + seconds, "label": label, "reasons": ["long"]})
        at += seconds
    return found


def test_neighbours_of_one_label_are_one_run():
    strip = strip_of(timeline([("silence", 10), ("customer", 5), ("customer", 6), ("silence", 1)]))
    assert strip == [("silence", 10), ("customer", 11), ("silence", 1)]


@given(INTERVALS)
def test_a_strip_keeps_the_length_of_the_day_and_is_short(runs):
    day = timeline(runs)
    strip = strip_of(day)
    assert len(strip) <= MAX_RUNS
    assert abs(sum(seconds for _, seconds in strip) - (day[-1]["end_seconds"] if day else 0)) < 0.001 * MAX_RUNS
    assert all(a[0] != b[0] for a, b in pairwise(strip))


def test_the_shortest_runs_go_first():
    runs = [("customer" if i % 2 else "silence", 1.0 if i == 7 else 100.0 + i) for i in range(MAX_RUNS + 3)]
    strip = strip_of(timeline(runs))
    assert min(seconds for _, seconds in strip) >= 100.0
