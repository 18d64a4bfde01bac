"""Words that a recogniser heard go to the turn in which they were said and stand in place of the words said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.statements.__main__ import main
from bench.statements.dialogues import REP, Dialogue, with_heard
from bench.statements.heard import words_of_turns
from dayline.domain.transcript import Utterance, Word
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract


def _utterance(*words: tuple[str, float, float]) -> Utterance:
    found = tuple(Word(text, start, end, 0.9) for text, start, end in words)
    return Utterance(found[0].start_seconds, found[-1].end_seconds, " ".join(w.text for w in found), words=found)


def _texts(turns: list[list[Word]]) -> list[str]:
    return [" ".join(word.text for word in turn) for turn in turns]


def test_a_word_belongs_to_the_turn_in_which_its_middle_lies():
    heard = [_utterance(("good", 0.5, 0.9), ("morning", 0.9, 1.4), ("hello", 2.1, 2.5)), _utterance(("bye", 6.0, 6.3))]
    assert _texts(words_of_turns(heard, [0.5, 2.0, 4.0, 6.0])) == ["good morning", "hello", "", "bye"]


def test_a_word_a_little_early_or_late_stays_in_its_turn():
    # Turns end half a second before the next one starts.
    heard = [_utterance(("late", 1.45, 1.85), ("early", 1.7, 2.1))]
    assert _texts(words_of_turns(heard, [0.5, 2.0])) == ["late", "early"]


def test_heard_words_replace_what_was_said_and_turns_keep_their_numbers(tmp_path: Path):
    turns = [{"s": "A", "t": "Will you sign today?"}, {"s": "B", "t": "Hm."}, {"s": "B", "t": "I will."}]
    known = Dialogue("x-1", "visits_held", {}, turns, "")
    path = tmp_path / "heard.jsonl"
    path.write_text(json.dumps({"id": "x-1", "turns": ["Will you sing today?", "", "I will."]}) + "\n")
    (heard,) = with_heard([known, Dialogue("x-2", "visits_held", {}, turns, "")], path)
    assert [u.text for u in heard.transcript().utterances] == ["Will you sing today?", "", "I will."]
    assert [u.speaker for u in heard.transcript().utterances] == ["REP", "SPEAKER_B", "SPEAKER_B"]
    assert [u.text for u in known.transcript().utterances] == [t["t"] for t in turns]


def test_a_rare_name_is_stated_only_if_the_recogniser_was_sure_of_it_once() -> None:
    pitch = "The filter takes the chalk out of the water.", "I see.", "We come once a year to clean it.", "Good."
    said = [*pitch, "And thank you, {name}.", "Good.", "So thank you again, {name}.", "Goodbye."]

    def prospect(name: str, *sure: float) -> str | None:
        turns = [{"s": "AB"[n % 2], "t": text.format(name=name)} for n, text in enumerate(said)]
        left = iter(sure)
        known = [[next(left) if name.split()[-1] in w else 0.9 for w in turn["t"].split()] for turn in turns]
        words = tuple(turn["t"] for turn in turns)
        dialogue = Dialogue("x-1", "visits_held", {}, turns, "", words, tuple(tuple(row) for row in known))
        return extract(Conversation(dialogue.transcript(), REP)).people.prospect

    assert prospect("Mr Helvorson", 0.6, 0.5) is None
    assert prospect("Mr Helvorson", 0.6, 0.8) == "Mr Helvorson"
    assert prospect("Denise", 0.6, 0.5) == "Denise"
    assert prospect("Mrs Young", 0.6, 0.4) == "Mrs Young"


def test_a_file_that_has_nothing_of_a_part_is_refused_by_name(tmp_path, monkeypatch) -> None:
    path = tmp_path / "heard.jsonl"
    path.write_text(json.dumps({"id": "elsewhere-001", "turns": []}) + "\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["statements", "--splits", "visits_new", "--heard", str(path)])
    with pytest.raises(SystemExit, match="no dialogue of visits_new"):
        main()
