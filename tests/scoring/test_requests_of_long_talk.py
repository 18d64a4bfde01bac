"""Requests of long conversations: questions about habits and facts are none, the same words further on may be one."""

from __future__ import annotations

import numpy as np
import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract, turn_context
from dayline.scoring.facts.turn_encoder import TASKS, Read

CHAT = "rep: And the hose goes round the back of it.\ncus: Right you are.\n"


class _Reads:
    """An encoder that reads a request in the turn with these words and nothing elsewhere."""

    def __init__(self, words: str) -> None:
        self._words = words

    def read(self, talk: Conversation) -> Read:
        turns = np.full((len(talk.turns), len(TASKS)), -9.0, dtype=np.float32)
        for number, turn in enumerate(talk.turns):
            if self._words in " ".join(t.raw for t in turn.tokens):
                turns[number, TASKS.index("ask")] = 30.0
        return Read(turns, np.full(3, -9.0, dtype=np.float32))


@pytest.fixture
def asked(make, monkeypatch):
    def requests_in(said: str) -> list[str]:
        monkeypatch.setattr(turn_context, "turn_encoder", lambda: _Reads(said))
        text = f"{CHAT * 13}rep: {said}\ncus: I see.\n"
        return [a.quote.text for a in extract(Conversation(make(text), "rep")).asks.found]

    return requests_in


@pytest.mark.parametrize(
    ("said", "is_request"),
    [
        ("I could have it in by the time you are open.", True),
        ("Do you want to have the small one off me?", True),
        ("So if they say you can hand it back, you would have it?", True),
        ("And if I wrote it up today I could have the lads here by the first.", True),
        ("How many do you wash on a Monday?", False),
        ("So what do you do on a Saturday?", False),
        ("Did it run all winter?", False),
        ("Could I have a word with him about the yard?", True),
        ("Can I get a word with your husband before I go?", True),
        ("Could I have a word with them myself?", True),
        ("Could I have a look at the old one?", False),
        ("So when is Des back on deck?", False),
        ("When is your brother back?", False),
        ("And when is she due in?", False),
        ("When are you back, so that I can bring it?", True),
        ("I am down this way again Thursday, should I come in then?", True),
        ("I am at the coast on Thursday.", False),
    ],
)
def test_what_the_encoder_takes_for_a_request_is_one_unless_it_asks_for_a_fact(asked, said, is_request) -> None:
    assert bool(asked(said)) is is_request
