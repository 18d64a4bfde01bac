"""The answer to a farewell belongs to the conversation; what comes later, or from somebody else, does not."""

from __future__ import annotations

import numpy as np
import pytest

from dayline.detection import scoring
from dayline.detection.closing_lines import with_answers
from dayline.detection.features.candidates import Candidates
from dayline.domain.transcript import Transcript, Utterance

TALK = [("rep", "The door is three thousand dollars."), ("cus", "We will take it.")]
LEAVES = ("cus", "Thank you so much, Robert. Goodbye.")
ANSWER = ("rep", "Thank you for your trust. Goodbye, Mrs Young.")


def _lines_of(talk: list[tuple[str, str]], *, last: int, pause_seconds: float = 0.3, next_first: int = 99) -> int:
    """Return where a conversation ends that was found in the lines [0, last), beside one from `next_first` on."""
    lines: list[Utterance] = []
    for number, (voice, text) in enumerate(talk):
        start = lines[-1].end_seconds + (pause_seconds if number == last else 0.3) if lines else 0.0
        lines.append(Utterance(start, start + 3.0, text, voice))
    h = scoring.extract(Transcript(tuple(lines), lines[-1].end_seconds), None, None, (), None)
    assert h is not None
    ends = np.array([lines[last - 1].end_seconds, lines[-1].end_seconds])
    h.candidates = Candidates(np.array([0, next_first]), np.array([last, len(lines)]), np.zeros(2), ends, np.zeros(2))
    found = with_answers(h, [0, 1] if next_first < len(lines) else [0])
    assert found.end[0] == lines[found.last[0] - 1].end_seconds
    return int(found.last[0])


def test_an_answered_farewell_ends_with_its_answer() -> None:
    assert _lines_of([*TALK, LEAVES, ANSWER, ("rep", "Now where is the car?")], last=3) == 4


def test_at_most_two_answers_are_taken() -> None:
    assert _lines_of([*TALK, LEAVES, ANSWER, ("cus", "Bye."), ("rep", "Bye bye.")], last=3) == 5


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        pytest.param([LEAVES, ("rep", "Now where is the car?")], {}, id="no farewell follows"),
        pytest.param([("cus", "That is fine."), ANSWER], {}, id="nobody took leave before"),
        pytest.param([LEAVES, ANSWER], {"pause_seconds": 20.0}, id="much later"),
        pytest.param([LEAVES, ("neighbour", "Goodbye, all of you.")], {}, id="somebody else"),
        pytest.param([LEAVES, ("rep", "Hello Sam, goodbye to the day off.")], {}, id="a greeting"),
        pytest.param([LEAVES, ANSWER], {"next_first": 3}, id="the next conversation begins there"),
    ],
)
def test_other_lines_are_not_taken(lines, options) -> None:
    assert _lines_of([*TALK, *lines], last=3, **options) == 3
