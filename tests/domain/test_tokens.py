"""The words of a transcript are split once and forgotten with it."""

from __future__ import annotations

import gc

from dayline.domain import quotes
from dayline.domain.quotes import tokens_of
from dayline.domain.transcript import Transcript, Utterance


def _transcript(text: str) -> Transcript:
    return Transcript((Utterance(0.0, 4.0, text, "REP"),), 4.0)


def test_the_words_are_split_once() -> None:
    talk = _transcript("We come on Friday")
    assert tokens_of(talk) is tokens_of(talk)
    assert [t.text for t in tokens_of(talk)] == ["we", "come", "on", "friday"]


def test_equal_transcripts_have_words_of_their_own() -> None:
    one, other = _transcript("Good morning"), _transcript("Good morning")
    assert tokens_of(one) == tokens_of(other)
    assert tokens_of(one) is not tokens_of(other)


def test_the_words_go_with_their_transcript() -> None:
    talk = _transcript("Thank you")
    tokens_of(talk)
    key = id(talk)
    assert key in quotes._known
    del talk
    gc.collect()
    assert key not in quotes._known
