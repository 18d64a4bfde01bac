"""Windows in which the teacher of the text encoder reads: every turn once with its surroundings."""

from __future__ import annotations

from bench.statements.encoder.six_layers import MARGIN, WINDOW, windows_of


def test_every_turn_is_recorded_with_what_stands_around_it() -> None:
    sizes = [3 + 7 * n % 41 for n in range(300)]
    turns = [[-1 - n % 2, *range(5, 4 + size)] for n, size in enumerate(sizes)]
    windows = windows_of(turns)
    best = [0] * len(turns)
    for window in windows:
        assert len(window.pieces) <= WINDOW
        for place in window.places:
            assert window.pieces[place.begin : place.end] == turns[place.turn]
            best[place.turn] = max(best[place.turn], place.border)
    assert min(best) >= MARGIN - max(sizes)
    assert len(windows) <= 1 + sum(sizes) // (WINDOW - 2 * MARGIN - max(sizes))


def test_few_words_are_one_window_and_none_is_nothing() -> None:
    assert len(windows_of([[-1, 5, 6], [-2, 7]])) == 1
    assert windows_of([]) == []
