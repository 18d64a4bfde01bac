"""Needs, agreement, benefits, proof, explanations and checks: sentences that are one, and some that are not."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.signals import Signals, signals_in


@pytest.fixture
def signals(make):
    def build(voice: str, said: str) -> Signals:
        other = "cus" if voice == "rep" else "rep"
        return signals_in(Conversation(make(f"{other}: Right, the second one.\n{voice}: {said}\n{other}: Hm."), "rep"))

    return build


@pytest.mark.parametrize(
    ("voice", "name", "said"),
    [
        ("cus", "needs", "We pay a lot of money for the heat in the winter."),
        ("cus", "needs", "The old one keeps breaking every second week."),
        ("cus", "needs", "The house is good, but there is a problem with my garage."),
        ("cus", "needs", "We cannot use them at all in the summer."),
        ("cus", "needs", "In the winter I can feel the wind come in."),
        ("cus", "agreement", "That's not so bad."),
        ("cus", "agreement", "Well, fair enough."),
        ("rep", "benefits", "It'd save you a good hour in the smokehouse."),
        ("rep", "benefits", "So you don't have to crank it any more."),
        ("rep", "proof", "Ten years guaranteed, on paper."),
        ("rep", "proof", "We're insured for five million."),
        ("rep", "explanations", "There's two ways to go with that."),
        ("rep", "explanations", "It won't shut now, because the frame has moved."),
        ("rep", "empathy", "I'm sorry to hear that."),
        ("rep", "checks", "Does that make sense?"),
    ],
)
def test_what_is_said_counts(signals, voice, name, said) -> None:
    assert len(getattr(signals(voice, said), name)) == 1


@pytest.mark.parametrize(
    ("voice", "name", "said"),
    [
        ("cus", "needs", "He's meant to be here, he's stuck at Perth."),
        ("cus", "needs", "What happens when it breaks, though?"),
        ("cus", "needs", "If a thing is any good I want to keep it."),
        ("cus", "needs", "I can't hear the girl with that on!"),
        ("cus", "needs", "I'd like to know what Dolly is worth."),
        ("cus", "agreement", "My nephew had the shots, he said it wasn't so bad."),
        ("cus", "agreement", "I like it in the morning."),
        ("cus", "agreement", "Well, that's what I wanted to ask."),
        ("rep", "benefits", "You don't have to be in on the day."),
        ("rep", "benefits", "Then you'd save me half a day."),
        ("rep", "benefits", "I'm not claiming you'll save any fuel."),
        ("rep", "proof", "They're protected so you can't do what your neighbour would do."),
        ("rep", "proof", "You could say it was a sample of mine."),
        ("rep", "proof", "It's their own money, it isn't guaranteed by anybody."),
        ("rep", "proof", "So he's saying inject the whole floor, and a twenty-year guarantee."),
        ("rep", "explanations", "I'll call you that Monday, first thing, after the opener."),
        ("rep", "explanations", "See this, it is the old cap."),
        ("rep", "empathy", "No hard feelings at all."),
        ("rep", "empathy", "I get that a lot."),
        ("rep", "empathy", "Sorry about the boots, I've got slush to the knee."),
        ("rep", "checks", "How long do you see yourselves being here?"),
        ("rep", "checks", "And how does that sound?"),
        ("rep", "recaps", "How would it be if I got that booked in for you now?"),
    ],
)
def test_what_only_sounds_like_it_does_not(signals, voice, name, said) -> None:
    assert getattr(signals(voice, said), name) == ()


def test_a_hint_of_proof_refutes_that_none_was_given(signals) -> None:
    found = signals("rep", "I'll leave you a sample.")
    assert found.proof == ()
    assert len(found.may_prove) == 1
