"""Estimates over a whole conversation: what they count, how scores follow them, and that they are never quoted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dayline.domain.analysis import AnalysisTask
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract, turn_context
from dayline.scoring.facts.handling import handling_in
from dayline.scoring.facts.objections import Objection
from dayline.scoring.facts.signals import signals_in
from dayline.scoring.facts.turn_encoder import TASKS, Read
from dayline.scoring.rubric import RubricAnalyst
from dayline.scoring.rubric.advice import advice_for
from dayline.scoring.rubric.components import pillars_of
from dayline.scoring.rubric.wording import feedback_for

TURNS = 30
LINES = "\n".join(
    f"{'rep' if turn % 2 == 0 else 'cus'}: The shelf by the door number {turn} is the long one."
    for turn in range(TURNS)
)
UNLIKELY, LIKELY = -8.0, 8.0
ORDER, REFUSAL, OPEN = (0, 1, 2)


@pytest.fixture
def talk(make) -> Conversation:
    return Conversation(make(LINES), "rep")


def reading(*marks: tuple[int, str], end: int = OPEN) -> Read:
    """Return what an encoder reads that is sure of these turns and of this end."""
    turns = np.full((TURNS, len(TASKS)), UNLIKELY, dtype=np.float32)
    for turn, task in marks:
        turns[turn, TASKS.index(task)] = LIKELY
    ends = np.full(3, UNLIKELY, dtype=np.float32)
    ends[end] = LIKELY
    return Read(turns, ends)


def scores(talk: Conversation, read: Read) -> dict[str, int]:
    facts = replace(extract(talk), handling=handling_in(talk, read))
    return {name: pillar.score for name, pillar in pillars_of(talk, facts).items()}


def test_objections_and_their_answers_are_counted(talk) -> None:
    known = handling_in(talk, reading((5, "objection"), (5, "answered"), (9, "objection"), (12, "objection")))
    assert known is not None
    assert known.objecting == pytest.approx(2, abs=0.05), "the rep's turn 12 is none"
    assert known.answered == pytest.approx(1, abs=0.05)
    assert known.reply_words == pytest.approx(11, abs=0.1)


def test_needs_count_before_the_first_price_and_steps_at_the_end(talk) -> None:
    known = handling_in(talk, reading((3, "need"), (8, "offer"), (11, "need"), (4, "step"), (27, "step")))
    assert known is not None
    assert known.needs == pytest.approx(1, abs=0.05)
    assert known.steps == pytest.approx(1, abs=0.05)


def test_a_conversation_that_the_encoder_has_not_read_has_no_estimates(make) -> None:
    short = Conversation(make("\n".join(LINES.splitlines()[:10])), "rep")
    assert handling_in(short, None) is None
    assert extract(short).handling is None


@pytest.mark.parametrize(
    ("pillar", "worse", "better"),
    [
        ("objection", reading((5, "objection")), reading((5, "objection"), (5, "answered"))),
        ("close", reading(end=REFUSAL), reading(end=OPEN)),
        ("close", reading(end=OPEN), reading(end=ORDER)),
        ("close", reading(), reading((27, "step"))),
        ("close", reading((5, "objection"), (6, "ask")), reading((5, "objection"), (10, "ask"))),
        ("influence", reading(end=REFUSAL), reading(end=ORDER)),
        ("influence", reading((5, "objection"), (6, "ask")), reading((5, "objection"), (10, "ask"))),
        ("discovery", reading(), reading((3, "need"))),
        ("discovery", reading((8, "offer"), (11, "need")), reading((8, "offer"), (3, "need"))),
    ],
)
def test_scores_follow_what_is_estimated(talk, pillar, worse, better) -> None:
    assert scores(talk, worse)[pillar] < scores(talk, better)[pillar]


def test_longer_replies_to_objections_are_clearer(make) -> None:
    lines = LINES.splitlines()
    lines[6] = "rep: " + "It is oak, which keeps its shape for years, and the wall behind it is dry. " * 2
    longer = Conversation(make("\n".join(lines)), "rep")
    brief = Conversation(make(LINES), "rep")
    read = reading((5, "objection"), (5, "answered"))
    assert scores(brief, read)["clarity"] < scores(longer, read)["clarity"]


def test_nothing_objected_leaves_the_answers_unknown(talk) -> None:
    assert scores(talk, reading())["objection"] == 50


def test_estimates_are_in_the_limits_and_in_no_feedback(monkeypatch, make) -> None:
    read = reading((5, "objection"), (9, "objection"), (9, "answered"), (3, "need"), (27, "step"), end=ORDER)
    monkeypatch.setattr(turn_context, "turn_encoder", lambda: type("Fixed", (), {"read": lambda _, talk: read})())
    told = RubricAnalyst().analyze(make(LINES), AnalysisTask("rep", language="en"))
    assert told.limits is not None
    assert "objections about 2, answered about 1; needs told before a price about 1;" in told.limits
    assert "an order 100%" in told.limits
    said = [text for f in told.feedback.values() for text in (f.positive, f.negative) if text]
    assert not any("about" in text or "likelihood" in text or "estimate" in text for text in said)


def test_a_weak_estimate_hides_no_known_weakness(talk) -> None:
    facts = replace(extract(talk), handling=handling_in(talk, reading(end=REFUSAL)))
    pillars = pillars_of(talk, facts)
    for name, pillar in pillars.items():
        feedback = feedback_for(name, pillar, talk, facts)
        weak = [c for c in pillar.components if c.share <= 0.45 and c.quotes and not c.is_estimate]
        assert feedback.negative is not None or not weak


def test_a_need_is_quoted_from_the_turn_in_which_it_is_read(make) -> None:
    lines = LINES.splitlines()
    lines[3] = "cus: Every spring. I get up there with a brush and my wife holds the ladder. She hates it."
    talk = Conversation(make("\n".join(lines)), "rep")
    needs = signals_in(talk, reading((3, "need"))).needs
    assert [s.quote.text for s in needs] == ["I get up there with a brush and my wife holds the ladder."]
    assert signals_in(talk, reading()).needs == ()


OBJECTED = [*LINES.splitlines()[:5], "cus: That is too much money for us.", *LINES.splitlines()[6:]]


@pytest.mark.parametrize(("answered", "side"), [(LIKELY, "positive"), (UNLIKELY, "negative"), (1.5, None)])
def test_an_objection_is_shown_by_whether_it_was_answered(make, answered, side) -> None:
    talk = Conversation(make("\n".join(OBJECTED)), "rep")
    read = reading((5, "objection"))
    read.turns[5, TASKS.index("answered")] = answered
    found = Objection(
        kind="price",
        sentence=talk.sentences_of_turn[5][0],
        quote=talk.sentences_of_turn[5][0].quote,
        response=talk.sentences_of_turn[6][0].quote,
        acknowledged=False,
        explored=False,
        explained=True,
        agreement=None,
        handled=None,
    )
    facts = replace(extract(talk), objections=(found,), handling=handling_in(talk, read))
    pillar = pillars_of(talk, facts)["objection"]
    feedback = feedback_for("objection", pillar, talk, facts)
    expected = "To the objection “That is too much money for us.” (0:24) the rep said “The shelf by the door number 6"
    assert (feedback.positive or "").startswith(expected) is (side == "positive")
    assert (feedback.negative or "").startswith(expected) is (side == "negative")
    assert ("too much money" in (advice_for(talk, facts, ()).change or "")) is (side != "positive")


@pytest.mark.parametrize(
    ("asked", "is_kept"), [("You're Nia?", False), ("What do you do about the moss now?", True), ("Nice day?", False)]
)
def test_only_a_question_that_asks_for_more_than_a_name_brings_out_a_need(make, asked, is_kept) -> None:
    lines = LINES.splitlines()
    lines[2], lines[3] = f"rep: {asked}", "cus: I get up there with a brush and my wife holds the ladder."
    talk = Conversation(make("\n".join(lines)), "rep")
    facts = replace(extract(talk), signals=signals_in(talk, reading((3, "need"))), next_steps=(), objections=())
    assert (advice_for(talk, facts, ()).keep is not None) is is_kept
