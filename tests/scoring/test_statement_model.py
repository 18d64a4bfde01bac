"""The trained models of requests and objections: what they were trained on, and what they find where no rule does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.statements import folds, labelled, phrases, train
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract

LATER = ("visits-broad", "visits-held", "visits-next", "visits-look")
ORIGIN = json.loads((train.MODELS / "ORIGIN.json").read_text(encoding="utf-8"))


def test_the_model_belongs_to_the_labels_in_the_repository() -> None:
    assert train.input_hashes() == ORIGIN["inputs"]
    assert train._hash(train.MODELS / "statements.npz") == ORIGIN["model"]


def test_dialogues_kept_for_measuring_are_not_learned_from() -> None:
    learned = {d.id for d in labelled.dialogues()}
    folder = Path(train.__file__).parent
    for split in ("held_out", "check"):
        kept = [json.loads(line)["id"] for line in (folder / f"labels_{split}.jsonl").open(encoding="utf-8")]
        assert not learned & set(kept)
    for part in ("unseen", "visits_new", "visits_after"):
        kept = [json.loads(line)["id"] for line in (folder / f"{part}.jsonl").open(encoding="utf-8")]
        assert len(kept) >= 24
        assert not learned & set(kept)


def test_parts_that_are_left_out_are_not_learned_from() -> None:
    learned = {d.split for d in labelled.dialogues(without=("fresh", "visits_a"))}
    assert {"dev", "blind", "visits_b"} <= learned
    assert not learned & {"fresh", "visits_a", "unseen", "held_out", "check"}


def test_folds_share_no_hand_and_hold_every_whole_visit_once() -> None:
    visits = folds.visits_by_fold(folds.FOLDS)
    ids = [d.id for own in visits for d in own]
    assert len(ids) == len(set(ids)) == 383  # those that encoders of other hands have read
    hands = [{labelled.hand_of(d) for d in own} for own in visits]
    assert set().union(*hands) == {h for h in labelled.HANDS if not h.startswith(LATER)}
    assert not any(one & other for i, one in enumerate(hands) for other in hands[:i])


def test_phrases_are_the_same_every_time() -> None:
    assert phrases.exchanges() == phrases.exchanges()
    assert phrases.said_exchanges() == phrases.said_exchanges()


@pytest.mark.parametrize(
    "ask",
    [
        "If I could get it down to that, would we have a deal?",
        "Can I count on your order for the spring?",
        "So is that a yes from you then?",
        "Why don't we run a pilot with two of your people?",
        "Are you ready to move forward with this?",
    ],
)
def test_requests_in_other_words_are_recognised(make, ask) -> None:
    talk = make(f"rep: That would be three hundred dollars a month.\ncus: I see.\nrep: {ask}\ncus: Maybe.")
    assert extract(Conversation(talk, "rep")).asks.found


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("I'd have to run it past our finance director first.", "authority"),
        ("We've been burned before by a company like yours.", "trust"),
        ("We're stuck in a contract until next year.", "other"),  # timing as well: no kind is clear
        ("We are very happy with our current supplier.", "competition"),
    ],
)
def test_objections_in_other_words_have_a_kind(make, said, kind) -> None:
    talk = make(f"rep: Shall we start on Monday? It is ninety dollars a month.\ncus: {said}\nrep: I understand.")
    assert [o.kind for o in extract(Conversation(talk, "rep")).objections] == [kind]


@pytest.mark.parametrize("said", ["It's about fifteen years old.", "We have two kids and a dog.", "What time is it?"])
def test_answers_and_small_talk_are_no_objections(make, said) -> None:
    talk = make(f"rep: How long have you lived here?\ncus: {said}\nrep: I see.")
    assert extract(Conversation(talk, "rep")).objections == ()


@pytest.mark.parametrize(
    "said",
    [
        "It's three thousand hundred dollars, with the motor.",
        "That's eighty for a of and fifty dollars a week.",
        "The tuning would be one hundred in twenty dollars.",
        "Who buys your twelve pound cheese?",
    ],
)
def test_a_price_that_may_be_misheard_is_no_offer(make, said) -> None:
    talk = make(f"rep: Here it is.\ncus: How much is it?\nrep: {said}\ncus: I see.")
    assert extract(Conversation(talk, "rep")).offers == ()


def test_a_price_with_sensible_words_around_it_is_an_offer(make) -> None:
    talk = make("rep: Here it is.\ncus: How much is it?\nrep: It's three hundred dollars, with the motor.\ncus: I see.")
    assert [o.amount.value for o in extract(Conversation(talk, "rep")).offers] == [300.0]
