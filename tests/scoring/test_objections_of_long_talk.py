"""Objections of long conversations, which the text encoder reads in whole turns."""

from __future__ import annotations

import numpy as np
import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract, objections, turn_context
from dayline.scoring.facts.turn_encoder import TASKS, Read

CHAT = "rep: And the hose goes round the back of it.\ncus: Right you are.\n"
PITCH = "rep: It takes the chalk out of the water. It is three hundred pounds.\n"
PICTURE = "If we do it, we do it. There is nothing in the pot till June, mind."


class _Reads:
    """An encoder that reads an objection in turns with these words and nothing elsewhere."""

    def __init__(self, words: tuple[str, ...], odds: float) -> None:
        self._words, self._odds = words, odds

    def read(self, talk: Conversation) -> Read:
        turns = np.full((len(talk.turns), len(TASKS)), -9.0, dtype=np.float32)
        for number, turn in enumerate(talk.turns):
            if any(words in " ".join(t.raw for t in turn.tokens) for words in self._words):
                turns[number, TASKS.index("objection")] = self._odds
        return Read(turns, np.full(3, -9.0, dtype=np.float32))


@pytest.fixture
def found(make, monkeypatch):
    def objections_of(*said: str, odds: float = 30.0):
        monkeypatch.setattr(turn_context, "turn_encoder", lambda: _Reads(said, odds))
        text = CHAT * 13 + PITCH + "".join(f"cus: {words}\nrep: I see. And that is all in.\n" for words in said)
        return extract(Conversation(make(text), "rep")).objections

    return objections_of


def test_what_the_encoder_reads_in_a_turn_is_shown_by_the_whole_turn(found) -> None:
    assert [o.quote.text for o in found(PICTURE)] == [PICTURE]


def test_of_a_long_turn_one_sentence_is_shown(found) -> None:
    long = f"{PICTURE} {'And the dog was at the vet again on the Monday and she did not like it. ' * 3}".strip()
    (objection,) = found(long)
    assert len(objection.quote.text.split()) < objections._SHORT_TURN_WORDS


def test_an_unlikely_turn_holds_none(found) -> None:
    assert found(PICTURE, odds=-9.0) == ()


def test_two_objections_of_no_clear_kind_are_not_taken_for_one(found) -> None:
    other = "The lane is that narrow, you would have the wall off."
    assert {o.quote.text for o in found(PICTURE, other)} >= {PICTURE, other}


def test_a_story_about_others_has_to_be_likelier(found) -> None:
    story = "They had them at the baths, and all the belts hung out like tongues."
    assert [bool(found(story, odds=odds)) for odds in (0.0, 30.0)] == [False, True]


@pytest.mark.parametrize(
    ("said", "is_objection"),
    [
        ("My brother in law had one put in, it shook like a trampoline.", False),
        ("It would shake like a trampoline. My brother in law had one put in.", True),
        ("I say we do it, with the dust and all that.", False),
        ("With the dust and all that I would not do it.", True),
    ],
)
def test_a_story_alone_and_what_speaks_for_the_offer_are_none(found, said, is_objection) -> None:
    assert bool(found(said)) is is_objection


@pytest.mark.parametrize(
    ("said", "is_objection"),
    [
        ("I'm not saying it isn't clever.", False),
        ("We're not saying you wouldn't do it right.", False),
        ("I'm not saying there isn't a use for one.", False),
        ("I'm not saying it isn't clever but the lane is too narrow for it.", True),
        ("I'm saying there isn't a use for one.", True),
        ("Look, I don't mean to be awkward.", False),
        ("No offence meant.", False),
        ("Hey, no hard feelings.", False),
        ("I don't mean to be awkward about a thing that costs a month's milk.", True),
        ("Three hundred pounds.", False),
        ("So four hundred pounds.", False),
        ("Only sixty dollars.", False),
        ("Three hundred pounds. For a hose.", True),
    ],
)
def test_a_point_granted_a_courtesy_and_a_figure_alone_are_none(found, said, is_objection) -> None:
    assert bool(found(said)) is is_objection
