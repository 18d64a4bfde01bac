from __future__ import annotations

import numpy as np

from dayline.diarization.clustering import block_labels, compact, kmeans_labels, linked_labels, spectral_labels, unit
from dayline.diarization.speaker_labels import smoothed

from .made import day


def agreement(labels: np.ndarray, truth: np.ndarray) -> float:
    return sum(np.bincount(truth[labels == g]).max() for g in np.unique(labels)) / len(truth)


def test_voices_of_a_conversation_are_told_apart():
    for cast in ([0, 1], [0, 1, 2], [0, 1, 2, 3]):
        made = day([cast])
        labels = block_labels(unit(made.windows.vectors))
        assert labels.max() + 1 == len(cast)
        assert agreement(labels, made.truth) > 0.99


def test_one_voice_stays_one():
    assert block_labels(unit(day([[4]]).windows.vectors)).max() == 0


def test_a_quiet_voice_beside_a_loud_one_is_found():
    made = day([[0, 0, 0, 0, 0, 0, 0, 0, 0, 1]])
    labels = block_labels(unit(made.windows.vectors))
    assert labels.max() == 1
    assert agreement(labels, made.truth) == 1.0


def test_neighbours_help_where_every_window_is_noisy():
    draw = np.random.default_rng(3)
    truth = np.repeat([0, 1, 0, 1, 0, 1], 8)
    voices = np.abs(draw.standard_normal((2, 64))).astype(np.float32)
    right, noisy = [], []
    for _ in range(8):
        windows = unit(voices[truth] + 2.2 * draw.standard_normal((len(truth), 64)))
        joined = np.diff(np.arange(len(truth)) // 8) == 0
        noisy.append(agreement(kmeans_labels(windows, 2), truth))
        right.append(agreement(kmeans_labels(smoothed(windows, joined), 2), truth))
    assert np.mean(right) > np.mean(noisy) + 0.05


def test_windows_of_other_stretches_take_no_part():
    windows = unit(np.random.default_rng(4).standard_normal((6, 16)))
    assert np.allclose(smoothed(windows, np.zeros(5, bool)), windows, atol=1e-6)
    mixed = smoothed(windows, np.array([True, False, False, False, False]))
    assert np.allclose(mixed[2:], windows[2:], atol=1e-6)
    assert mixed[0] @ windows[1] > windows[0] @ windows[1]
    assert smoothed(windows[:1], np.zeros(0, bool)).shape == (1, 16)


def test_few_windows_do_not_fall_apart_where_neighbours_are_alike():
    draw = np.random.default_rng(11)
    truth = np.repeat([0, 1], 12)
    voices = unit(np.abs(draw.standard_normal((2, 48))))
    for _ in range(10):
        # Four windows in a row share what is going on in the room.
        room = np.repeat(draw.standard_normal((6, 48)), 4, axis=0)
        windows = unit(voices[truth] + 0.2 * room + 0.05 * draw.standard_normal((24, 48)))
        assert len(np.unique(spectral_labels(windows))) <= 24 // 5


def test_tiny_inputs():
    rows = unit(np.eye(3, 8, dtype=np.float32))
    assert block_labels(rows[:0]).tolist() == []
    assert block_labels(rows[:1]).tolist() == [0]
    assert block_labels(rows[:2]).tolist() == [0, 0]


def test_equal_rows_do_not_break_it():
    assert set(block_labels(np.tile(unit(np.ones((1, 16))), (30, 1))).tolist()) == {0}
    assert kmeans_labels(np.zeros((4, 3), np.float32), 2).tolist() == [0, 0, 0, 0]


def test_linking_equals_average_linkage_done_the_slow_way():
    draw = np.random.default_rng(5)
    for _ in range(20):
        n = 25
        points = unit(np.abs(draw.standard_normal((n, 6))))
        weights = draw.uniform(1, 9, n)
        likeness = (points @ points.T).astype(np.float64)
        assert np.array_equal(linked_labels(likeness, weights, 0.8), slowly_linked(likeness, weights, 0.8))


def slowly_linked(likeness: np.ndarray, weights: np.ndarray, least: float) -> np.ndarray:
    groups = [[i] for i in range(len(weights))]
    while len(groups) > 1:
        best, at = -1.0, (0, 0)
        for a in range(len(groups)):
            for b in range(a + 1, len(groups)):
                w = np.outer(weights[groups[a]], weights[groups[b]])
                mean = float((likeness[np.ix_(groups[a], groups[b])] * w).sum() / w.sum())
                if mean > best:
                    best, at = mean, (a, b)
        if best < least:
            break
        groups[at[0]] += groups.pop(at[1])
    labels = np.zeros(len(weights), np.int64)
    for g, members in enumerate(groups):
        labels[members] = g
    return compact(labels)


def test_labels_are_numbered_by_first_appearance():
    assert compact(np.array([7, 2, 7, 5])).tolist() == [0, 1, 0, 2]
