"""Wall-clock time of parallel work."""

from __future__ import annotations

from collections.abc import Iterable


def covered_seconds(intervals: Iterable[tuple[float, float]]) -> float:
    """Return how long at least one of the (start, end) intervals ran, in their unit.

    Overlapping intervals count once and gaps not at all, so the result never exceeds the time that passed.
    """
    covered, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        if end > reached:
            covered += end - max(start, reached)
            reached = end
    return covered
