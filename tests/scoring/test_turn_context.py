"""How likely a turn holds a statement: its own score counts upwards, and the turns around it count too."""

from __future__ import annotations

import numpy as np

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.forest import Forest
from dayline.scoring.facts.ngrams import feature_of
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import OF_TURNS, PLACES, LinearScore, joined, statement_model
from dayline.scoring.facts.turn_context import OWN_SCORES, UNLIKELY, Score, figures_of, stated_in, views_of
from dayline.scoring.facts.turn_encoder import TASKS, Read

TALK = """
rep: We would fit it in a day. It is four hundred pounds.
cus: That is a lot. I would have to ask my wife. When could you come?
rep: Shall I put you down for Friday?
cus: Go on then.
"""


def _talk(make) -> tuple[Conversation, SentenceFeatures]:
    talk = Conversation(make(TALK.strip()), "rep")
    return talk, SentenceFeatures(talk)


def _views(talk: Conversation, value: float = -2.0) -> dict[int, list[float]]:
    return {turn: [value, value, value] for turn in range(len(talk.turns))}


def _scores(talk: Conversation, is_rep: bool, value: float) -> dict[int, Score]:
    return {s.number: Score(value, None) for s in talk.sentences if s.is_rep is is_rep}


def _read(talk: Conversation, value: float = -2.0) -> Read:
    return Read(np.full((len(talk.turns), len(TASKS)), value, dtype=np.float32), np.zeros(3, dtype=np.float32))


def test_a_forest_adds_the_leaves_that_a_row_reaches() -> None:
    forest = Forest(
        feature=np.array([1, 0, 0, 0]),
        threshold=np.array([2.0, 0.0, 0.0, 0.0]),
        left=np.array([1, 1, 2, 3]),
        right=np.array([2, 1, 2, 3]),
        value=np.array([0.0, -1.0, 3.0, 0.5]),
        roots=np.array([0, 3]),
        base=-0.25,
    )
    assert forest.of(np.array([[9.0, 1.0], [9.0, 2.0], [0.0, 2.5]])).tolist() == [-0.75, -0.75, 3.25]


def test_the_clearest_sentence_stands_for_its_turn(make) -> None:
    talk, features = _talk(make)
    own = {s.number: Score(float(s.number), None) for s in talk.customer_sentences}
    forest = statement_model().objection_turns
    stated = stated_in(talk, features, forest, own, _scores(talk, True, -3.0), _views(talk))
    for turn in {s.turn for s in talk.customer_sentences}:
        said = talk.sentences_of_turn[turn]
        assert [stated.of(s) == UNLIKELY for s in said] == [True] * (len(said) - 1) + [False]


def test_a_greater_score_of_its_own_never_makes_a_turn_less_likely(make) -> None:
    talk, features = _talk(make)
    model = statement_model()
    for task, forest in (("objection", model.objection_turns), ("ask", model.ask_turns)):
        own, other = _scores(talk, task == "ask", -2.0), _scores(talk, task != "ask", -2.0)
        _, rows = figures_of(talk, features, own, other, _views(talk))
        for place in OWN_SCORES:
            table = np.repeat(rows[:1], 60, axis=0)
            table[:, place] = np.linspace(-8, 6, 60)
            assert (np.diff(forest.of(table)) >= 0).all()
            assert forest.of(table)[-1] >= forest.of(table)[0]


def test_the_turns_around_a_sentence_count(make) -> None:
    talk, features = _talk(make)
    own = _scores(talk, False, 0.0)
    found = [
        stated_in(
            talk, features, statement_model().objection_turns, own, _scores(talk, True, value), _views(talk)
        ).turns
        for value in (-8.0, 3.0)
    ]
    assert found[0] != found[1]


def test_what_the_encoder_reads_counts(make) -> None:
    talk, features = _talk(make)
    own, other, views = _scores(talk, False, 0.0), _scores(talk, True, -3.0), _views(talk)
    forest = statement_model().objection_turns
    found = [
        stated_in(talk, features, forest, own, other, views, "objection", _read(talk, value)).turns
        for value in (-6.0, 4.0)
    ]
    assert all(found[0][turn] < found[1][turn] for turn in found[0])


def test_the_words_of_the_turns_beside_a_turn_count(make) -> None:
    talk, features = _talk(make)
    views = views_of(talk, features)
    assert {len(row) for of_task in views.values() for row in of_task.values()} == {len(PLACES)}
    models = statement_model().turns
    (priced,) = {s.turn for s in talk.sentences if "four hundred" in s.text}
    before = views["objection"][priced + 1][PLACES.index("before")]
    assert before == models.of(map(feature_of, features.turn_features(priced)))[OF_TURNS.index("objection_before")]
    assert views["ask"][0][PLACES.index("before")] == models.biases[OF_TURNS.index("ask_before")]


def test_joined_models_score_as_each_alone() -> None:
    one, other = LinearScore({"a": 1.5, "b": -0.5}, 0.25), LinearScore({"b": 2.0, "c": 1.0}, -1.0)
    together = joined([one, other])
    for features in ([], ["a"], ["a", "b", "unknown"], ["c", "b"]):
        assert together.of(features).tolist() == [one.of(features), other.of(features)]
    assert together.column(["b", "c", "unknown"], 1) == 3.0
