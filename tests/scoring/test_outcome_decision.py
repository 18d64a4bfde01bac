"""The outcome that is stated: sentences and the whole conversation must agree, or one of them must be clear."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract, outcome_decision, turn_context
from dayline.scoring.facts.outcome import signs_of
from dayline.scoring.facts.outcome_decision import _shown_by_turn, _whole, evidence, told_features
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import ENDS, statement_model
from dayline.scoring.facts.turn_encoder import TASKS, Read, turn_encoder

PITCH = "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"
ORDER = "rep: Shall I put you down for one?\ncus: Yes, put me down. We'll take it.\nrep: Sign here.\ncus: There.\n"
REFUSAL = "rep: Would you like to try one?\ncus: No, thank you. We're not interested.\nrep: No problem. Bye then.\n"
OPEN = "rep: Could I come back on Thursday?\ncus: Yes, Thursday. I'll ask my wife.\nrep: I'll ring you Wednesday.\n"


@pytest.fixture
def likely(make):
    def of(text: str) -> dict[str, float]:
        talk = Conversation(make(f"{PITCH * 6}{text}"), "rep")
        features, facts = SentenceFeatures(talk), extract(talk)
        signs = signs_of(talk, facts.asks.found, features)
        figures = evidence(talk, facts.asks.found, facts.next_steps, signs, signs.endings.scores)
        return statement_model().outcome.of(figures)

    return of


@pytest.mark.parametrize(("text", "end"), [(ORDER, "order"), (REFUSAL, "refused"), (OPEN, "open")])
def test_the_end_that_was_said_is_likelier_than_in_other_conversations(likely, text, end) -> None:
    others = {ORDER, REFUSAL, OPEN} - {text}
    assert all(likely(text)[end] > likely(other)[end] for other in others)
    assert set(likely(text)) == set(ENDS)


@pytest.mark.parametrize(
    ("text", "kind"), [(ORDER, {"order"}), (REFUSAL, {"refused"}), (OPEN, {"appointment", "follow_up"})]
)
def test_a_clear_end_is_stated_with_its_words(make, text, kind) -> None:
    outcome = extract(Conversation(make(f"{PITCH * 6}{text}"), "rep")).outcome
    assert outcome.kind in kind
    assert outcome.quote is not None


def test_nothing_is_stated_where_nothing_was_decided(make) -> None:
    outcome = extract(Conversation(make(f"{PITCH * 8}rep: That is how it works.\ncus: Right.\n"), "rep")).outcome
    assert (outcome.kind, outcome.quote) == ("unknown", None)


@pytest.mark.parametrize(("said", "is_order"), [("I'll take the feet off.", False), ("I'll take the small one.", True)])
def test_what_is_done_with_a_thing_is_no_order(make, said, is_order) -> None:
    talk = f"{PITCH * 4}rep: It's four hundred. Shall I put you down for it?\ncus: {said}\nrep: Good.\ncus: Bye.\n"
    assert (extract(Conversation(make(talk), "rep")).outcome.kind == "order") is is_order


@pytest.mark.parametrize(
    ("pitches", "by_figures", "by_words", "by_encoder", "kind"),
    [
        (6, 1.0, -2.0, -9.0, "order"),
        (40, 0.0, -2.0, -2.0, "unknown"),
        (40, 6.0, -2.0, -2.0, "order"),
        (40, 0.0, 1.0, -2.0, "order"),
        (40, 0.0, -2.0, 4.0, "order"),
    ],
)
def test_in_a_talk_of_many_turns_all_three_count(
    make, monkeypatch, pitches, by_figures, by_words, by_encoder, kind
) -> None:
    whole = SimpleNamespace(of=lambda _figures: {"order": by_figures, "refused": -6.0, "open": -6.0})
    told = SimpleNamespace(of=lambda _features: np.array([by_words, -6.0, -6.0]))
    ends = np.array([by_encoder, -6.0, -6.0], dtype=np.float32)
    monkeypatch.setattr(outcome_decision, "statement_model", lambda: SimpleNamespace(outcome=whole, told=told))
    encoder = turn_encoder()
    changed = SimpleNamespace(read=lambda talk: replace(encoder.read(talk), ends=ends))
    monkeypatch.setattr(turn_context, "turn_encoder", lambda: changed)
    outcome = extract(Conversation(make(f"{PITCH * pitches}{ORDER}"), "rep")).outcome
    assert outcome.kind == kind


def test_only_the_words_of_the_second_half_tell_the_end(make) -> None:
    talk = Conversation(make(f"{PITCH}{ORDER * 9}"), "rep")
    names = told_features(talk, SentenceFeatures(talk))
    assert {("r", "put"), ("c", "there")} <= set(names)
    assert not any("filter" in name for name in names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("asked", "is_refusal"), [("Do you have any other questions?", False), ("Shall I put you down for one?", True)]
)
def test_no_more_questions_is_no_refusal(make, asked, is_refusal) -> None:
    said = f"{PITCH * 6}rep: {asked}\ncus: No, I think that is it for now.\nrep: All right. Thanks for your time.\n"
    assert (extract(Conversation(make(said), "rep")).outcome.kind == "refused") is is_refusal


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("I'll think about it.", {"follow_up", "appointment"}),
        ("Yes, put me down. We'll take it.", {"order", "unknown"}),
    ],
)
def test_a_decision_is_not_called_open_beside_words_of_an_order(make, monkeypatch, said, kinds) -> None:
    """After an order, work and calls are agreed, and the whole sounds as if the decision were open."""
    whole = SimpleNamespace(of=lambda _figures: {"order": -3.0, "refused": -3.0, "open": 4.0})
    told = SimpleNamespace(of=lambda _features: np.zeros(3))
    monkeypatch.setattr(outcome_decision, "statement_model", lambda: SimpleNamespace(outcome=whole, told=told))
    talk = f"{PITCH * 40}rep: Shall I put you down for one?\ncus: {said}\n{OPEN}"
    assert extract(Conversation(make(talk), "rep")).outcome.kind in kinds


def test_an_end_is_never_shown_by_a_single_word(make) -> None:
    talk = Conversation(make("rep: How many do you want?\ncus: Three. And put them in the shed.\nrep: Right."), "rep")
    three, rest = talk.sentences_of_turn[1]
    assert _whole(talk, three).text == "Three. And put them in the shed."
    assert _whole(talk, rest).text == "And put them in the shed."


@pytest.mark.parametrize(
    ("end", "task", "by_turn", "sure", "kind"),
    [
        ("order", "accepted", -0.5, 4.0, "order"),
        ("order", "accepted", -0.5, 2.0, "unknown"),
        ("order", "accepted", -2.0, 4.0, "unknown"),
        ("open", "step", 0.5, 4.0, "follow_up"),
        ("open", "step", -0.5, 4.0, "unknown"),
    ],
)
def test_a_sure_end_is_shown_by_its_clearest_turn(make, end, task, by_turn, sure, kind) -> None:
    talk = Conversation(make(f"{PITCH * 14}cus: He likes you. A half and twelve.\nrep: Twelve.\n"), "rep")
    turns = np.full((len(talk.turns), len(TASKS)), -6.0, np.float32)
    place = len(talk.turns) - 2
    turns[place, TASKS.index(task)] = by_turn
    shown = _shown_by_turn(talk, end, Read(turns, np.zeros(3, np.float32)), sure)
    assert shown.kind == kind
    assert (shown.quote is None) is (kind == "unknown")
