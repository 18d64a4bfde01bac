"""What the encoder reads in turns: every turn in a window that shows its surroundings, the same figures every time."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest

from bench.statements.encoder.unseen import FILE as UNSEEN
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.statement_model import ENDS
from dayline.scoring.facts.turn_context import FEW_TURNS, UNLIKELY, read_turns
from dayline.scoring.facts.turn_encoder import (
    CHUNK,
    ENDING,
    LONGEST_TURN,
    MARGIN,
    PLACES,
    TASKS,
    WINDOW,
    _ending_of,
    borders_of,
    chunks_of,
    turn_encoder,
    windows_of,
)

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


def _numbered(count: int) -> list[list[int]]:
    """Return turns of 0 to 40 words, each word another number."""
    sizes = [7 * n % 41 for n in range(count)]
    return [list(range(1 + sum(sizes[:n]), 1 + sum(sizes[: n + 1]))) for n in range(count)]


def _sizes(turns: list[list[int]]) -> list[int]:
    return np.diff(chunks_of(turns, [0] * len(turns)).edges).tolist()


def test_chunks_hold_every_word_once_between_its_neighbours_in_the_turn() -> None:
    chunks = chunks_of([[1, 2, 3, 4, 5], [], [6]], [0, 1, 0])
    assert chunks.words.tolist() == [[0, 1, 2, 3, 4, 5], [4, 5, 0, 0, 0, 0], [0] * 6, [0, 6, 0, 0, 0, 0]]
    assert chunks.edges.tolist() == [0, 2, 3, 4]
    turns = _numbered(50)
    own = chunks_of(turns, [0] * 50).words[:, 1 : 1 + CHUNK]
    assert own[own > 0].tolist() == [word for turn in turns for word in turn]


def test_places_tell_the_side_and_how_far_into_the_turn() -> None:
    long = list(range(1, CHUNK * (PLACES + 2) + 1))
    places = chunks_of([long, [99], [98]], [0, 1, 0]).places.tolist()
    assert places == [*range(PLACES), PLACES - 1, PLACES - 1, PLACES, 0]


def test_every_turn_is_read_with_what_stands_around_it() -> None:
    turns = _numbered(300)
    chunks, sizes = chunks_of(turns, [0] * 300), _sizes(turns)
    windows = windows_of(sizes)
    best = np.zeros(300, dtype=np.int64)
    for first, end in windows:
        assert sum(sizes[first:end]) <= WINDOW
        best[first:end] = np.maximum(best[first:end], borders_of(chunks.edges, first, end))
    assert best.min() >= MARGIN - max(sizes)
    assert len(windows) <= 1 + sum(sizes) // (WINDOW - 2 * MARGIN - max(sizes))


def test_windows_go_on_from_each_other_to_the_end() -> None:
    sizes = _sizes(_numbered(300))
    windows = windows_of(sizes)
    assert windows[0][0] == 0
    assert windows[-1][1] == len(sizes)
    for (first, end), (then, after) in pairwise(windows):
        assert first < then <= end < after
    assert sum(sizes[slice(*windows[-1])]) > WINDOW - max(sizes)


@pytest.mark.parametrize(
    ("sizes", "first"), [([10] * 10, 4), ([ENDING, 1, ENDING - 1], 1), ([5, ENDING + 1], 1), ([3, 4], 0)]
)
def test_the_end_is_read_in_the_last_turns_of_a_window_and_at_least_in_one(sizes, first) -> None:
    assert _ending_of(np.array(sizes)) == first


def test_few_words_are_one_window_and_none_is_nothing() -> None:
    assert windows_of([1, 1]) == [(0, 2)]
    assert windows_of([]) == []
    assert borders_of(np.array([0, 1, 2]), 0, 2).min() > WINDOW


def test_the_same_words_give_the_same_figures(make) -> None:
    talk, other = _talk(make), _talk(make, "rep: Shall I put you down for both windows?")
    first = turn_encoder().read(talk)
    turn_encoder().read(other)
    again = turn_encoder().read(_talk(make))
    assert (first.turns == again.turns).all()
    assert (first.ends == again.ends).all()
    assert first.turns.shape == (len(talk.turns), len(TASKS))
    assert first.ends.shape == (len(ENDS),)


def test_marks_and_the_side_of_a_turn_count(make) -> None:
    asked, told = (_talk(make, f"rep: Shall I put you down for it today{mark}") for mark in "?.")
    other = _talk(make, "cus: Shall I put you down for it today?")
    assert _of(asked, "ask", "put you down") > _of(told, "ask", "put you down")
    assert _of(asked, "ask", "put you down") > _of(other, "ask", "put you down")


def test_of_a_long_turn_the_middle_is_left_out(make) -> None:
    half = LONGEST_TURN // 2
    begin, end = " ".join(["well"] * half), " ".join(["right"] * half)
    short, long = _talk(make, f"cus: {begin} {end}"), _talk(make, f"cus: {begin} {'shall we sign today ' * 90} {end}")
    assert (turn_encoder().read(short).turns == turn_encoder().read(long).turns).all()


def test_a_word_of_marks_alone_and_one_that_nobody_knows_are_read(make) -> None:
    read = turn_encoder().read(_talk(make, "cus: ... — ☃ zzxqvvk"))
    assert np.isfinite(read.turns).all()


def test_the_work_grows_as_the_conversation_does(make, monkeypatch) -> None:
    encoder, rows = turn_encoder(), list[int]()
    run = encoder._session.run
    counting = type(
        "Counting", (), {"run": lambda _, names, given: rows.append(given["rows"].shape[1]) or run(names, given)}
    )
    monkeypatch.setattr(encoder, "_session", counting())
    done: list[int] = []
    for times in (20, 40, 80):
        rows.clear()
        encoder.read(_talk(make, times=times))
        done.append(sum(rows))
        assert max(rows) <= 2 * WINDOW
    assert done[2] < 4.4 * done[0]
    assert done[2] - done[1] < 2.4 * (done[1] - done[0])


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
