"""What the encoder reads in turns: every turn in a window that shows its surroundings, the same figures every time."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files

import numpy as np

from bench.statements.encoder.unseen import FILE as UNSEEN
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.statement_model import ENDS
from dayline.scoring.facts.turn_context import FEW_TURNS, UNLIKELY, read_turns
from dayline.scoring.facts.turn_encoder import MARGIN, TASKS, WINDOW, turn_encoder, windows_of

CHAT = """
rep: Morning. I am Callum from Tidewell Sash, you rang on Tuesday about the windows.
cus: Come in, mind the cat.
rep: Lovely house. How long have you lived here?
cus: Twenty years this March.
rep: And which windows are they?
cus: The two at the front. There is a draught you could fly a kite in.
rep: I see. The cords have gone on this one.
cus: My father did those.
"""


def _talk(make, *said: str, times: int = 4) -> Conversation:
    return Conversation(make("\n".join([*[CHAT.strip()] * times, *said])), "rep")


def _of(talk: Conversation, task: str, words: str) -> float:
    (turn,) = {s.turn for s in talk.sentences if words in s.text}
    return float(turn_encoder().read(talk).turns[turn, TASKS.index(task)])


def test_every_turn_is_read_with_what_stands_around_it() -> None:
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


def test_few_words_are_one_window() -> None:
    assert len(windows_of([[-1, 5, 6], [-2, 7]])) == 1
    assert windows_of([])[0].places == []


def test_the_same_words_give_the_same_figures(make) -> None:
    talk, other = _talk(make), _talk(make, "rep: Shall I put you down for both windows?")
    first = turn_encoder().read(talk)
    turn_encoder().read(other)
    again = turn_encoder().read(_talk(make))
    assert (first.turns == again.turns).all()
    assert (first.ends == again.ends).all()
    assert first.turns.shape == (len(talk.turns), len(TASKS))
    assert first.ends.shape == (len(ENDS),)


def test_a_request_is_likelier_one_than_small_talk(make) -> None:
    talk = _talk(
        make,
        "rep: It is two thousand nine hundred for the pair.",
        "cus: Right.",
        "rep: So shall I put you down for it and take the deposit today?",
        "cus: Go on then.",
    )
    chat = _talk(make, times=4)
    small = turn_encoder().read(chat).turns[[t.speaker == "rep" for t in chat.turns], TASKS.index("ask")]
    assert _of(talk, "ask", "put you down") > float(np.max(small)) + 2.0


def test_a_reason_against_the_offer_is_likelier_an_objection_than_an_order(make) -> None:
    price = "rep: It is two thousand nine hundred for the pair."
    against = _talk(make, price, "cus: That is far too much money for two windows.", "rep: I see.")
    taken = _talk(make, price, "cus: Fine, go ahead then, put us down.", "rep: Thank you.")
    assert _of(against, "objection", "far too much") > _of(taken, "objection", "go ahead") + 2.0
    assert _of(taken, "accepted", "go ahead") > _of(against, "accepted", "far too much") + 2.0


def test_the_end_tells_an_order_from_a_refusal(make) -> None:
    price = "rep: It is two thousand nine hundred for the pair. Shall I book you in?"
    order = _talk(make, price, "cus: Yes, go ahead, put us down for it.", "rep: Thank you, that is you booked.")
    refusal = _talk(make, price, "cus: No, thank you, we are not going to do it.", "rep: Fair enough. Goodbye.")
    margins = [
        ends[ENDS.index("order")] - ends[ENDS.index("refused")]
        for ends in (turn_encoder().read(talk).ends for talk in (order, refusal))
    ]
    assert margins[0] > margins[1] + 2.0


def test_a_short_conversation_and_one_without_a_known_rep_are_not_read(make) -> None:
    assert len(_talk(make, times=1).turns) < FEW_TURNS
    assert read_turns(_talk(make, times=1)) is None
    assert read_turns(Conversation(make("\n".join([CHAT.strip()] * 4)), None)) is None
    read = read_turns(_talk(make))
    assert read is not None
    assert float(read.turns.min()) > 3 * UNLIKELY


def test_the_origin_names_the_files_that_are_read() -> None:
    folder = files("dayline.scoring.facts").joinpath("models")
    named = json.loads(folder.joinpath("ENCODER.json").read_text(encoding="utf-8"))["files"]
    for name in ("encoder.npz", "encoder.onnx"):
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == named[name]
    assert hashlib.sha256(UNSEEN.read_bytes()).hexdigest() == named["unseen.npz"]
