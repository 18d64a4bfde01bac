from __future__ import annotations

import dataclasses
import itertools
import json
import pickle

import numpy as np
import pytest

from dayline.diarization import clustering
from dayline.diarization import speaker_labels as day_module
from dayline.diarization.speaker_labels import DayVoices, EngineTurn, blocks, diarize_day, voice_print
from dayline.diarization.voice_windows import VoiceWindows, merge

from .made import day, voice

SELLING = [[0, 1], [0, 2], [3, 4], [0, 5], [0, 1], [6], [0, 7, 8]]


def label_at(found: DayVoices, seconds: float) -> str:
    return next(t.label for t in found.turns if t.start_seconds <= seconds < t.end_seconds)


def labels_of(made, found: DayVoices) -> dict[int, set[str]]:
    out: dict[int, set[str]] = {}
    for start, who in zip(made.windows.start_seconds, made.truth, strict=True):
        out.setdefault(int(who), set()).add(label_at(found, start + 0.8))
    return out


def test_the_rep_is_the_voice_that_runs_through_the_day():
    made = day(SELLING)
    found = diarize_day(made.windows)
    labels = labels_of(made, found)
    assert labels[0] == {"REP"}
    assert found.rep_confidence is not None
    assert found.rep_confidence > 0.6
    assert len(found.voices) == 9
    assert all(len(names) == 1 for names in labels.values())


def test_a_customer_who_comes_back_keeps_the_label():
    made = day(SELLING)
    found = diarize_day(made.windows)
    edge = made.windows.start_seconds[made.truth == 5].max()
    first = {label_at(found, s + 0.8) for s in made.windows.start_seconds[(made.truth == 1)] if s < edge}
    again = {label_at(found, s + 0.8) for s in made.windows.start_seconds[(made.truth == 1)] if s > edge}
    assert first == again == {"SPEAKER_01"}


def test_labels_count_up_in_order_of_first_appearance():
    found = diarize_day(day(SELLING).windows)
    assert [v.label for v in found.voices if v.label != "REP"] == [f"SPEAKER_{i:02d}" for i in range(1, 9)]
    assert [v.first_seconds for v in found.voices] == sorted(v.first_seconds for v in found.voices)


def test_an_enrolled_voice_is_the_rep_even_when_another_is_heard_more():
    made = day([[0, 1], [0, 2], [0, 3], [0, 4]])
    found = diarize_day(made.windows, enrolled=voice(3))
    assert labels_of(made, found)[3] == {"REP"}
    assert "REP" not in labels_of(made, found)[0]


def test_a_stranger_to_the_day_is_nobody():
    found = diarize_day(day([[0, 1], [0, 2]]).windows, enrolled=np.eye(256)[7])
    assert found.rep_confidence is None
    assert "REP" not in {v.label for v in found.voices}


def test_one_conversation_names_a_rep_without_much_confidence():
    found = diarize_day(day([[0, 1]]).windows)
    assert {v.label for v in found.voices} == {"REP", "SPEAKER_01"}
    assert found.rep_confidence is not None
    assert found.rep_confidence < 0.5


def test_the_same_windows_give_the_same_labels_in_any_order():
    made = day(SELLING)
    w = made.windows
    parts = [VoiceWindows(w.embedder, w.start_seconds[i::3], w.end_seconds[i::3], w.vectors[i::3]) for i in (2, 0, 1)]
    assert diarize_day(merge(parts)) == diarize_day(w)


def test_nothing_said_gives_no_voices():
    assert diarize_day(merge([])) == DayVoices((), (), None, {})


def test_labels_of_the_recogniser_replace_clustering():
    made = day([[0, 1], [0, 2]], gap_seconds=300)
    turns = []
    for start, who in zip(made.windows.start_seconds, made.truth, strict=True):
        span = int(start > made.windows.start_seconds[made.truth == 2].min() - 10)
        turns.append(EngineTurn(start + 0.4, start + 1.2, f"{span}/{who}"))
    found = diarize_day(made.windows, engine_labels=turns)
    assert found.aliases["0/0"] == found.aliases["1/0"] == "REP"
    assert found.aliases["0/1"] != found.aliases["1/2"]


def test_the_result_holds_no_voice_print():
    made = day([[0, 1], [0, 2]])
    found = diarize_day(made.windows)
    written = json.dumps(found.as_record())
    assert DayVoices.from_record(json.loads(written)).as_record() == found.as_record()
    kinds = {type(x) for x in flat(dataclasses.asdict(found))}
    assert kinds <= {str, float, int, type(None)}
    # 256 numbers of any width take more room than these turns and labels would leave.
    assert b"numpy" not in pickle.dumps(found)


def flat(value: object) -> list[object]:
    if isinstance(value, dict):
        return [x for v in value.values() for x in flat(v)]
    if isinstance(value, (list, tuple)):
        return [x for v in value for x in flat(v)]
    return [value]


def test_a_print_is_made_only_when_asked_for():
    made = day([[0, 1], [0, 2]])
    found = diarize_day(made.windows)
    mine = voice_print(made.windows, found)
    assert mine is not None
    assert mine @ voice(0) / np.linalg.norm(voice(0)) > 0.9
    assert voice_print(made.windows, found, "SPEAKER_77") is None


@pytest.mark.parametrize("hours", [1, 4])
def test_work_grows_with_the_day_and_not_with_its_square(hours, monkeypatch):
    sizes: list[int] = []
    linked: list[int] = []
    block, link = clustering.block_labels, clustering.linked_labels
    monkeypatch.setattr(day_module.clustering, "block_labels", lambda v: sizes.append(len(v)) or block(v))
    monkeypatch.setattr(
        day_module.clustering, "linked_labels", lambda s, w, least: linked.append(len(w)) or link(s, w, least)
    )
    made = day([[0, i % 9 + 1] for i in range(hours * 10)], turns=16)
    diarize_day(made.windows)
    assert sum(sizes) == len(made.windows)
    assert max(sizes) <= day_module.BLOCK_WINDOWS
    assert len(sizes) <= len(made.windows) / day_module.BLOCK_LEAST_WINDOWS
    assert linked[0] <= 3 * len(sizes)


def test_linking_is_capped_and_the_rest_joins(monkeypatch):
    monkeypatch.setattr(day_module, "LINKED_AT_ONCE", 6)
    made = day(SELLING)
    assert labels_of(made, diarize_day(made.windows))[0] == {"REP"}


def test_blocks_cover_the_day_without_a_pause_too():
    start = np.arange(5000, dtype=np.float64) * np.float64(0.8)
    endless = VoiceWindows("made", start, start + 1.6, np.zeros((5000, 4), np.float16))
    ranges = blocks(endless)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 5000
    assert all(a[1] == b[0] for a, b in itertools.pairwise(ranges))
    assert max(hi - lo for lo, hi in ranges) <= day_module.BLOCK_WINDOWS
    assert len(ranges) < 5000 / 100


@pytest.mark.parametrize("seed", range(60))
def test_whatever_the_windows_turns_go_forward_in_time(seed):
    draw = np.random.default_rng(seed)
    count = int(draw.integers(1, 60))
    start = np.sort(draw.uniform(0, draw.choice([5, 100, 4000]), count))
    rows = draw.standard_normal((count, 16)) * (seed % 11 > 0)
    rows[:] = rows[0] if seed % 7 == 0 else rows
    windows = VoiceWindows("any", start, start + draw.uniform(0.4, 1.6, count), rows.astype(np.float16))
    named = (
        [EngineTurn(float(s), float(s) + 2, str(int(draw.integers(3)))) for s in start[::3]] if seed % 3 == 0 else None
    )
    found = diarize_day(windows, engine_labels=named, enrolled=rows[0] if seed % 4 == 0 else None)
    times = [x for t in found.turns for x in (t.start_seconds, t.end_seconds)]
    assert times == sorted(times)
    assert all(0 <= t.confidence <= 1 for t in found.turns)
