"""The labelled dialogues that are measured only: labels name turns of the right speaker and values to compare."""

from __future__ import annotations

import re

import pytest

from bench.statements.__main__ import SPLITS
from bench.statements.agreement import agreement
from bench.statements.dialogues import HERE, OWN_TEXT, Dialogue, load, read_lines
from bench.statements.labelled import EXCERPTS

KINDS = {"price", "timing", "authority", "need", "trust", "competition", "delay", "terms", "other"}
OUTCOMES = {"order", "appointment", "follow_up", "refused", "unknown"}
MEASURED_ONLY = [split for split in OWN_TEXT if split != "written"]  # which is labelled for learning alone


def _dialogues(split: str) -> list[Dialogue]:
    found, missing = load([split])
    assert not missing
    return found


def test_every_part_with_its_own_text_can_be_measured() -> None:
    assert set(OWN_TEXT) <= set(SPLITS)
    ids = [d.id for split in OWN_TEXT for d in _dialogues(split)]
    assert len(ids) == len(set(ids))


def test_the_parts_share_no_trade() -> None:
    trades = {split: {d.labels["trade"] for d in _dialogues(split)} for split in OWN_TEXT}
    assert len(trades["fresh"]) == len(_dialogues("fresh")) == 26
    for other in ("written", "unseen", "blind"):
        assert not trades["fresh"] & trades[other]


@pytest.mark.parametrize("split", MEASURED_ONLY)
def test_labels_name_turns_of_the_right_speaker(split: str) -> None:
    for dialogue in _dialogues(split):
        labels = dialogue.labels
        speakers = [turn["s"] for turn in dialogue.turns]
        assert "A" in speakers
        assert len(set(speakers)) > 1
        assert all(turn["t"].strip() for turn in dialogue.turns)
        assert all(speakers[t] == "A" for t in labels["asks"]), dialogue.id
        assert all(speakers[t] != "A" for t, _ in labels["objections"]), dialogue.id
        assert all(speakers[t] == "A" for t, _ in labels["offers"]), dialogue.id
        places = [*labels["ok_asks"], *labels["ok_objections"], *labels["ok_steps"]]
        places += [row[0] for name in ("steps", "ok_offers") for row in labels[name]]
        assert all(0 <= t < len(speakers) for t in places), dialogue.id
        for name in ("asks", "objections"):
            rows = [row[0] if isinstance(row, list) else row for row in labels[name]]
            assert not set(rows) & set(labels[f"ok_{name}"]), f"{dialogue.id}: {name} both required and allowed"


@pytest.mark.parametrize("split", MEASURED_ONLY)
def test_labels_have_known_values(split: str) -> None:
    for dialogue in _dialogues(split):
        labels = dialogue.labels
        assert labels["outcome"]
        assert set(labels["outcome"]) <= OUTCOMES
        assert 1 <= labels["quality"] <= 10
        assert all(set(kind.split("|")) <= KINDS for _, kind in labels["objections"]), dialogue.id
        assert all(owner in {"rep", "customer"} for _, owner, _ in labels["steps"]), dialogue.id
        assert all(answer in {"yes", "no"} for _, answer in labels["points"]), dialogue.id
        assert all(float(amount) > 0 for _, amount in [*labels["offers"], *labels["ok_offers"]]), dialogue.id


@pytest.mark.parametrize("split", ["fresh", "visits_a", "visits_b", "visits_last", "visits_week"])
def test_whole_visits_have_names_that_are_said(split: str) -> None:
    for dialogue in _dialogues(split):
        labels = dialogue.labels
        assert 60 <= len(dialogue.turns) <= 140
        assert len(labels["points"]) >= 3
        words = set(re.findall(r"[^\W\d_]+", " ".join(t["t"] for t in dialogue.turns).lower()))
        names = [*labels["prospect"], labels["rep"] or ""]
        said = {word for name in names for word in name.lower().split()}
        assert all(word in words for word in said), f"{dialogue.id}: {sorted(said - words)}"
        assert all(any(w.startswith(topic) for w in words) for topic in labels["topics"]), dialogue.id
        objections = {turn for turn, _ in labels["objections"]}
        assert {turn for turn, _ in labels["answered"]} == objections
        speakers = [turn["s"] for turn in dialogue.turns]
        assert all(speakers[t] != "A" for t in (*labels["needs"], *labels["accepted"], *labels["declined"]))
        required = {step[0] for step in labels["steps"]} | set(labels["ok_steps"])
        assert not required & set(labels["cancelled_steps"])


@pytest.mark.parametrize(("split", "read_twice"), [("unseen", 24), ("blind", 10), ("fresh", 26)])
def test_second_readings_belong_to_dialogues_and_are_compared(split: str, read_twice: int) -> None:
    lines = agreement(_dialogues(split))
    assert lines[0] == f"{read_twice} dialogues read twice"
    assert any(line.startswith("outcome: ") for line in lines)


def test_every_reading_is_of_a_known_dialogue() -> None:
    known = {d.id for split in MEASURED_ONLY for d in _dialogues(split)}
    for name in ("first_reading.jsonl", "second_reading.jsonl"):
        ids = [reading["id"] for reading in read_lines(HERE / name)]
        assert set(ids) <= known
        assert len(ids) == len(set(ids))


def test_excerpts_are_labelled_as_visits_are() -> None:
    rows = read_lines(HERE / f"{EXCERPTS}.jsonl")
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        speakers = [turn["s"] for turn in row["turns"]]
        assert all(speakers[t] == "A" for t in row["asks"]), row["id"]
        assert all(speakers[t] != "A" and set(kinds.split("|")) <= KINDS for t, kinds in row["objections"]), row["id"]
        assert all(speakers[t] == "A" for t, _ in row["offers"]), row["id"]
        assert set(row["outcome"]) <= OUTCOMES
        assert ("accepted" in row) is bool(row["outcome"])  # elsewhere agreement to anything was marked
        assert not {t for t, _ in row["objections"]} & set(row["ok_objections"])
