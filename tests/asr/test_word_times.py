from __future__ import annotations

import itertools

import numpy as np
import pytest

from dayline.asr.word_times import lag_of, refine_times
from dayline.domain.clip import Clip
from dayline.domain.transcript import Word


@pytest.fixture
def spoken_twice(noise) -> Clip:
    """Sound from 0.5 to 1.5 s and from 2.5 to 3.5 s of a clip that starts at 100 s."""
    pause, loud = np.zeros(8000, np.int16), noise(1.0).samples
    return Clip(np.concatenate([pause, loud, pause, pause, loud, pause]), 100.0)


def test_the_first_word_of_a_run_of_sound_starts_with_it(spoken_twice):
    words = [
        Word("one", 100.0, 100.9),  # stretched over the silence before it
        Word("two", 100.9, 102.2),  # and into the pause after it
        Word("three", 102.7, 103.0),  # late
        Word("four", 103.0, 103.4),
    ]
    one, two, three, four = refine_times(spoken_twice, words)
    assert one.start_seconds == pytest.approx(100.5, abs=0.1)
    assert (one.end_seconds, two.start_seconds) == (100.9, 100.9)
    assert two.end_seconds == pytest.approx(101.5, abs=0.1)
    assert three.start_seconds == pytest.approx(102.5, abs=0.1)
    assert four.end_seconds == pytest.approx(103.5, abs=0.1)


def test_the_lag_of_a_model_is_taken_off(spoken_twice):
    words = [Word("one", 100.6, 101.0), Word("two", 101.11, 101.4)]
    assert refine_times(spoken_twice, words, 0.11)[1].start_seconds == pytest.approx(101.0)
    assert lag_of("whisper-tiny.en") > 0.05 > 0.0 > lag_of("whisper-base")
    assert lag_of("my-own-model") == 0.0


def test_words_keep_their_order_and_do_not_overlap(spoken_twice):
    words = [Word(str(i), 100.5, 103.5) for i in range(5)]
    found = refine_times(spoken_twice, words)
    for a, b in itertools.pairwise(found):
        assert a.start_seconds <= b.start_seconds
        assert a.end_seconds <= b.start_seconds or a.start_seconds == b.start_seconds


def test_a_clip_without_sound_only_loses_the_lag():
    silent = Clip(np.zeros(16000, np.int16), 0.0)
    assert refine_times(silent, [Word("a", 0.5, 0.7)], 0.1)[0].start_seconds == pytest.approx(0.4)
