"""Runs of words as features, and their names in the model's files."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.ngrams import RunTable, feature_of, name_of, runs_of
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import OF_SENTENCES, statement_model

TALK = (
    "rep: Shall I put you down for Tuesday at four?\ncus: Yes. That is too expensive, though! My wife would say no.\n"
    "rep: It is ninety dollars.\ncus: You said eighty.\n"
)


def test_runs_are_words_in_a_row_and_two_with_one_between() -> None:
    runs = runs_of(["put", "it", "down"], ["put", "down"])
    assert set(map(name_of, runs)) == {
        *("w:put", "w:it", "w:down", "w:put it", "w:it down", "w:put it down", "w:put _ down"),
        *("c:put", "c:down", "c:put down"),
    }
    assert [feature_of(name_of(run)) for run in runs] == runs


def test_other_features_are_their_names() -> None:
    assert feature_of("na:") == "na:"
    assert feature_of("r:first:yes") == "r:first:yes"
    assert feature_of("r:yes", ("r", "c")) == ("r", "yes")


@pytest.mark.parametrize("model", OF_SENTENCES)
def test_a_sentence_scores_as_its_named_features(make, model) -> None:
    talk = Conversation(make(TALK), "rep")
    features, models = SentenceFeatures(talk), statement_model().sentences
    for sentence in talk.sentences:
        by_name = models.of(map(feature_of, features.of(sentence)))
        assert features.score_of(sentence, model) == by_name[OF_SENTENCES.index(model)]


def test_a_table_finds_the_rows_of_the_known_runs_of_each_sentence() -> None:
    names = ["w:put", "c:put down", "w:it down", "w:put _ down", "len:2", "c:a b c d"]
    table = RunTable({feature_of(name): row for row, name in enumerate(names)})
    said = [["put", "it", "down"], [], ["down", "put"], ["a", "b", "c", "d"], ["never", "heard"]]
    classes = [["put", "down"], *said[1:]]
    assert table.rows_of(said, classes) == [[0, 2, 3, 1], [], [0], [5], []]
    assert table.rows_of([], []) == []
