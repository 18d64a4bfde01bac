"""Wall-clock time of overlapping work."""

from __future__ import annotations

import pytest

from dayline.domain.wall_time import covered_seconds


@pytest.mark.parametrize(
    ("intervals", "seconds"),
    [
        ([], 0.0),
        ([(1.0, 4.0)], 3.0),
        ([(0.0, 10.0), (0.0, 10.0)], 10.0),  # two processes side by side
        ([(5.0, 8.0), (0.0, 6.0)], 8.0),  # in any order
        ([(0.0, 10.0), (2.0, 3.0), (4.0, 5.0)], 10.0),  # short ones inside a long one
        ([(0.0, 1.0), (100.0, 102.0)], 3.0),  # a second run, hours later
    ],
)
def test_time_that_overlaps_counts_once(intervals: list[tuple[float, float]], seconds: float) -> None:
    assert covered_seconds(intervals) == pytest.approx(seconds)
