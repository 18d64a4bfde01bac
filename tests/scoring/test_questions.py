from __future__ import annotations

import pytest

from dayline.domain.quotes import tokens_of
from dayline.domain.transcript import Transcript, Utterance
from dayline.scoring.questions import questions_in


def found(text: str):
    transcript = Transcript((Utterance(0.0, 10.0, text),), 10.0)
    return questions_in(tokens_of(transcript))


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("how long have you lived here", 1),
        ("do you have a minute", 1),
        ("so what brings you in today and who else decides", 2),
        ("is that your truck outside", 1),
        ("does that make sense", 1),
        ("walk me through what happened in the storm", 1),
        ("tuesday works?", 1),
        ("how old is the unit and have you had it serviced", 2),
        ("what would you change, and why is it a problem for you?", 2),
        ("that is what we do all day", 0),
        ("i know what you mean", 0),
        ("the point is the roof is fine", 0),
        ("the thing is you know the battery is kind of big", 0),
        ("we have you down for tuesday and you can call any time", 0),
        ("if you do that it would be great", 0),
        ("the box which is in the garage", 0),
        ("that's how it works", 0),
        ("", 0),
    ],
)
def test_questions_are_known_by_word_order(said: str, count: int) -> None:
    assert len(found(said)) == count


def test_open_and_courtesy_questions_are_told_apart() -> None:
    assert [q.is_open for q in found("what worries you about it")] == [True]
    assert [q.is_open for q in found("how many windows do you have")] == [False]
    courtesy = found("how are you today")
    assert [(q.is_open, q.is_courtesy) for q in courtesy] == [(False, True)]
