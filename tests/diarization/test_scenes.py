"""Two voices that never speak together are two groups; one voice with a pause in it is one."""

from __future__ import annotations

import numpy as np

from dayline.diarization.clustering import unit
from dayline.diarization.scene_cuts import parted_at_pauses


def _around(centre: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return unit(centre + rng.normal(0, 0.02, (count, len(centre))))


def _times(count: int, from_seconds: float) -> tuple[np.ndarray, np.ndarray]:
    starts = from_seconds + 0.8 * np.arange(count)
    return starts, starts + 1.6


def test_a_voice_that_changes_over_a_pause_is_two() -> None:
    rng = np.random.default_rng(1)
    one, two = unit(rng.normal(size=(2, 256)))
    (s1, e1), (s2, e2) = _times(20, 0.0), _times(20, 25.0)
    vectors = np.concatenate([_around(one, 20, rng), _around(two, 20, rng)])
    labels = parted_at_pauses(vectors, np.zeros(40, np.int64), np.concatenate([s1, s2]), np.concatenate([e1, e2]))
    assert labels.tolist() == [0] * 20 + [1] * 20


def test_one_voice_with_a_pause_stays_one() -> None:
    rng = np.random.default_rng(2)
    one = unit(rng.normal(size=(1, 256)))[0]
    (s1, e1), (s2, e2) = _times(20, 0.0), _times(20, 60.0)
    vectors = _around(one, 40, rng)
    labels = parted_at_pauses(vectors, np.zeros(40, np.int64), np.concatenate([s1, s2]), np.concatenate([e1, e2]))
    assert set(labels.tolist()) == {0}


def test_without_a_pause_nothing_is_cut() -> None:
    rng = np.random.default_rng(3)
    one, two = unit(rng.normal(size=(2, 256)))
    starts, ends = _times(40, 0.0)
    vectors = np.concatenate([_around(one, 20, rng), _around(two, 20, rng)])
    assert set(parted_at_pauses(vectors, np.zeros(40, np.int64), starts, ends).tolist()) == {0}
