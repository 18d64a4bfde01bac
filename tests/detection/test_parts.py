"""The parts of the detector: trees and their contributions, the best set, voices, topics, quotes."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

from dayline.detection import calibration, contrast, day_evidence, explanations, gbdt, scoring, selection
from dayline.detection.day_features import EDGE_COLUMNS, KIND_NAMES, DayFeatures
from dayline.detection.features import (
    boundary_features,
    candidates,
    dialogue_acts,
    language,
    mixture,
    playbook,
    short_recordings,
    speaker_roles,
    topic_cues,
    utterance_arrays,
)
from dayline.domain.timeline import DayContext
from dayline.domain.transcript import Transcript, Utterance


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("place", len(boundary_features.NAMES)),
        ("kind", len(KIND_NAMES)),
        ("edge", len(EDGE_COLUMNS) + len(contrast.NAMES)),
    ],
)
def test_contributions_add_up_to_the_decision(name: str, width: int) -> None:
    trees = gbdt.forest(name)
    rng = np.random.default_rng(3)
    x = rng.normal(0, 3, (50, width))
    x[rng.random(x.shape) < 0.2] = np.nan
    root_values = sum(trees.value[r] for r in trees.root)
    np.testing.assert_allclose(
        trees.contributions(x).sum(axis=1) + trees.bias + root_values, trees.log_odds(x), rtol=0, atol=1e-9
    )


def test_contributions_are_those_of_each_step_down_each_tree() -> None:
    trees, width = gbdt.forest("place"), len(boundary_features.NAMES)
    rng = np.random.default_rng(4)
    x = rng.normal(0, 3, (5, width))
    x[rng.random(x.shape) < 0.2] = np.nan
    expected = np.zeros(x.shape)
    for row in range(len(x)):
        for node in trees.root.tolist():
            while trees.left[node] >= 0:
                value = x[row, trees.feature[node]]
                goes_left = trees.missing_left[node] if np.isnan(value) else value <= trees.threshold[node]
                child = int((trees.left if goes_left else trees.right)[node])
                expected[row, trees.feature[node]] += trees.value[child] - trees.value[node]
                node = child
    np.testing.assert_array_equal(trees.contributions(x), expected)


def test_the_best_set_is_the_best_of_all_sets() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        first = rng.integers(0, 12, 9)
        last = first + rng.integers(1, 8, 9)
        found = candidates.Candidates(first, last, first.astype(float), last.astype(float), np.zeros(9))
        chance = rng.random(9)
        worth = chance - 0.3

        def fits(rows: tuple[int, ...], first: np.ndarray = first, last: np.ndarray = last) -> bool:
            return all(last[a] <= first[b] or last[b] <= first[a] for a, b in itertools.combinations(rows, 2))

        sets = (rows for k in range(10) for rows in itertools.combinations(range(9), k))
        best = max(sum(worth[list(rows)]) for rows in sets if fits(rows))
        chosen = selection.best_set(found, chance, price=0.3)
        assert fits(tuple(chosen))
        assert sum(worth[chosen]) == pytest.approx(best)


def _day(turns: list[tuple[float, str, str | None]]) -> utterance_arrays.UtteranceArrays:
    lines = tuple(Utterance(t, t + 3.0, text, who) for t, text, who in turns)
    return utterance_arrays.load(Transcript(lines, turns[-1][0] + 10))


def test_the_rep_is_who_talks_with_everybody() -> None:
    turns = []
    for block in range(4):
        turns += [(block * 600.0 + 4 * i, "so what is it", "S1" if i % 2 else f"S{block + 2}") for i in range(20)]
    turns += [(3000.0 + 4 * i, "and now the news of the hour", "S9") for i in range(200)]
    t = _day(turns)
    roles = speaker_roles.find(t)
    assert t.voices[int(roles.hub.argmax())] == "S1"


def test_a_diarizer_that_starts_afresh_gives_a_rep_to_every_part() -> None:
    turns = []
    for part in range(2):
        for block in range(4):
            start = part * 9000.0 + block * 1500.0
            other = f"C{part}{block}"
            turns += [(start + 4 * i, "yes and how is that", f"P{part}" if i % 2 else other) for i in range(20)]
    t = _day(turns)
    roles = speaker_roles.find(t)
    assert {t.voices[i] for i in np.flatnonzero(roles.hub > 0.9)} == {"P0", "P1"}
    assert roles.epoch.max() == 1


def test_lines_invented_over_silence_are_nobody_speaking() -> None:
    spoken = (Utterance(100, 102, "good morning to you"), Utterance(103, 104, "hi"))
    lines = (Utterance(10, 11, "Thanks for watching!"), *spoken)
    assert len(utterance_arrays.load(Transcript(lines, 200.0))) == 2


WORDS = ["table", "window", "garden", "river", "engine", "coffee"]
GUTTERS = DayContext("", "gutters", "downspout hangers", ("gutter", "downspout", "hanger"))


def _trade_day(colleagues_too: bool) -> utterance_arrays.UtteranceArrays:
    """Twenty talks of two minutes; every second one is a visit that speaks of gutters."""
    rng = np.random.default_rng(1)
    turns = []
    for block in range(20):
        for i in range(30):
            words = list(rng.choice(WORDS, 5))
            if block % 2 == 0 or (colleagues_too and rng.random() < 0.9):
                words.append(str(rng.choice(["gutter", "downspout", "hanger"])))
            turns.append((block * 500.0 + 4 * i, " ".join(words), None))
    return _day(turns)


def test_the_playbook_counts_as_far_as_it_parts_the_visits_from_the_rest() -> None:
    first = np.arange(20) * 30
    kind = np.where(np.arange(20) % 2 == 0, 1.0, -2.0)
    said = []
    for colleagues_too in (False, True):
        book = playbook.read(_trade_day(colleagues_too), GUTTERS, playbook.everyday_words())
        told = playbook.ratio(book, first, first + 30)
        e = day_evidence.EVIDENCE["playbook"]
        level = mixture.fit({"playbook": told}, kind, np.ones(20), {"playbook": e})["playbook"]
        odds = mixture.log_odds(told, e, level)
        said.append(float(odds[::2].mean() - odds[1::2].mean()))
    assert said[0] > 4
    assert abs(said[1]) < 0.5


def test_evidence_that_parts_nothing_says_nothing() -> None:
    e = day_evidence.EVIDENCE["talk"]
    rng = np.random.default_rng(2)
    kind = np.where(np.arange(40) % 2 == 0, 1.0, -2.0)
    values = {"talk": -1.6 - np.where(kind > 0, 0.5, 0.0) + rng.normal(0, 0.1, 40)}
    level = mixture.fit(values, kind, np.ones(40), {"talk": e})["talk"]
    assert abs(mixture.log_odds(values["talk"], e, level)).max() < 0.6
    nothing = mixture.fit({"talk": np.zeros(0)}, np.zeros(0), np.zeros(0), {"talk": e})["talk"]
    assert nothing == mixture.Level(e.visits, e.rest, e.spread)


def test_a_playbook_of_everyday_words_starts_from_the_same_zero() -> None:
    everyday = playbook.table([["*", "10000"], ["table", "100"], ["window", "30"], ["gutter", "2"]])
    assert everyday.of("table") < everyday.of("window") < everyday.of("gutter") <= everyday.of("never heard")
    t = _day([(4.0 * i, "table window table table", None) for i in range(200)])
    plain = playbook.read(t, DayContext("", "", "table"), everyday)
    strange = playbook.read(t, DayContext("", "", "gutter"), everyday)
    assert plain.usual is not None
    assert strange.usual is not None
    assert plain.usual > 5 * strange.usual
    assert playbook.read(t, None, everyday).usual is None


def test_the_usual_share_of_a_playbook_is_the_same_in_every_process() -> None:
    """The order of a set of words depends on the seed of the process; the last digits must not."""
    program = (
        "from dayline.detection.features import playbook as p; from dayline.domain.timeline import DayContext;"
        "words = ' '.join(list(p.everyday_words().count)[::7]);"
        "from dayline.detection.features.utterance_arrays import load; from dayline.domain.transcript import *;"
        "lines = load(Transcript((Utterance(0.0, 2.0, 'hello there'),), 9.0));"
        "print(repr(p.read(lines, DayContext('a', 'b', words, ()), p.everyday_words()).usual))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in (1, 2, 3)
    }  # fmt: skip
    assert len(found) == 1


def test_subjects_add_up_to_the_log_odds_of_all_talk() -> None:
    parts = {"trade": np.array([0.5, -1.0]), "family": np.array([0.0, -2.0])}
    split = topic_cues.relative(parts, {"trade": -0.2, "family": -0.5}, 1.5, np.array([1.2, -2.0]))
    np.testing.assert_allclose(sum(split.values()), [1.2, -2.0])
    assert split["family"][0] > split["family"][1]


def test_one_unbroken_talk_is_one_span() -> None:
    turns = [(5.0 * i, "yes and then what would you like to have", "A" if i % 2 else "B") for i in range(600)]
    lines = tuple(Utterance(t, t + 4.0, text, who) for t, text, who in turns)
    t = utterance_arrays.load(Transcript(lines, 3010.0))
    count = dialogue_acts.count(t.texts)
    assert short_recordings.unbroken(t, count)
    late = utterance_arrays.load(Transcript(lines, 5000.0))
    assert not short_recordings.unbroken(late, count)


def _trade_transcript(labelled: bool, seconds: float = 10_010.0) -> Transcript:
    """The day of `_trade_day`, with two voices per talk or with none, cut off after `seconds`."""
    t = _trade_day(colleagues_too=False)
    lines = tuple(
        Utterance(a, b, text, ("S0" if i % 2 else f"S{i // 30 + 1}") if labelled else None)
        for i, (a, b, text) in enumerate(zip(t.start, t.end, t.texts, strict=True))
        if b < seconds
    )
    return Transcript(lines, seconds)


@pytest.mark.parametrize("labelled", [True, False])
def test_reasons_share_out_what_the_scores_add_up_to(labelled: bool) -> None:
    """The shares of a candidate have the sizes of its log-odds, the weight of the forest included."""
    h = scoring.extract(_trade_transcript(labelled), None, GUTTERS, ())
    assert h is not None
    i = int(h.chance.argmax())
    share = explanations.shares(h, i)
    weight = h.forest_share * day_evidence.weights(labelled)["kind"]
    forest = weight * gbdt.forest("kind").contributions(h.kind_rows[i : i + 1])[0]
    wording = sum(v for n, v in zip(KIND_NAMES, forest, strict=True) if n in ("language", "language_relative"))
    wording += h.added["wording"][i] if "wording" in h.added else 0.0
    assert share["wording"] / share["playbook"] == pytest.approx(wording / h.added["playbook"][i])


def test_a_report_in_a_short_recording_costs_less() -> None:
    assert selection.price(has_voices=True, is_short=True) < selection.price(has_voices=True)
    short = scoring.extract(_trade_transcript(labelled=True, seconds=1700.0), None, GUTTERS, ())
    assert short is not None
    assert short_recordings.applies(short.utterances)
    for chance, count in ((0.9 * selection.PRICE_OF_SHORT, 0), (1.1 * selection.PRICE_OF_SHORT, 1)):
        odds = np.full(len(short.candidates), np.log(chance / (1 - chance)) + selection.KIND_LEVEL_OF_SHORT)
        found = calibration.chosen(short, odds, np.full(len(odds), 40.0))
        assert min(len(found), 1) == count


def test_most_talk_of_a_short_recording_is_a_conversation_so_that_less_evidence_is_needed() -> None:
    short, usual = selection.kind_level(is_short=True), selection.kind_level(is_short=False)
    assert short < usual
    between = np.full(1, (short + usual) / 2)
    sure = np.full(1, 40.0)
    assert selection.chance(between, sure, short)[0] > 0.5 > selection.chance(between, sure)[0]


def _visit_between_private_talk() -> DayFeatures:
    """A day without labels: private talk, a visit, private talk, two seconds apart."""
    private = "honey the kids love dinner with grandma tonight and homework"
    visit = "would you like a new gutter we can offer a price of four hundred dollars"
    turns = [(100.0 + 5 * i, visit if 40 <= i < 80 else private, None) for i in range(120)]
    lines = tuple(Utterance(t, t + 3.0, text, who) for t, text, who in turns)
    day = Transcript((*lines, Utterance(4000.0, 4003.0, "so that is that")), 4100.0)
    h = scoring.extract(day, None, GUTTERS, ())
    assert h is not None
    return h


def test_the_talk_changes_at_the_boundaries_of_a_visit() -> None:
    h = _visit_between_private_talk()
    assert h.fitted is not None
    first, last = np.array([40, 20, 50]), np.array([80, 80, 70])
    ends = h.utterances.end[last - 1]
    spans = candidates.Candidates(first, last, h.utterances.start[first], ends, np.zeros(3))
    told = contrast.measure(h, h.fitted, spans, np.zeros(3))
    start, end = (told[:, contrast.NAMES.index(f"{name}_change_60")] for name in ("start", "end"))
    assert start[0] > 3 > abs(start[2]), "within the visit the talk is of one kind"
    assert end[0] > 3 > abs(end[2])
    lowest = told[:, contrast.NAMES.index("lowest_inside")]
    assert lowest[1] < lowest[0] - 3, "a span over private talk holds some"


def test_a_window_ends_at_a_long_silence() -> None:
    h = _visit_between_private_talk()
    assert h.fitted is not None
    n = len(h.utterances)
    only = candidates.Candidates(
        np.array([n - 1]), np.array([n]), h.utterances.start[-1:], h.utterances.end[-1:], np.zeros(1)
    )
    told = contrast.measure(h, h.fitted, only, np.zeros(1))[0]
    assert np.isnan(told[contrast.NAMES.index("start_outside_60")])
    assert not np.isnan(told[contrast.NAMES.index("start_inside_60")])


def test_a_line_is_weighed_by_how_talks_begin_and_end() -> None:
    rows = ["*\t0.1\t0.1\t0.2\t0\t0", "hello\t0\t0\t0\t2\t-1", "bye\t0\t0\t0\t-1\t3", "so\t1\t0\t0\t0\t0"]
    model = language.parse(rows)
    assert model.bias == (0.1, 0.2)
    assert set(model.edges) == {"hello", "bye"}
    t = _day([(0.0, "hello there", None), (5.0, "so it is", None), (9.0, "bye", None)])
    found = language.edges(t, model)
    assert found[0, 0] > 0 > found[0, 1]
    assert found[2, 1] > 0 > found[2, 0]
    assert not found[1].any()
    rows_of_places = boundary_features.measure(t, speaker_roles.find(t), dialogue_acts.count(t.texts), found)
    column = boundary_features.NAMES.index
    assert rows_of_places[0, column("opening_after_1")] == found[0, 0]
    assert rows_of_places[3, column("closing_before_1")] == found[2, 1]
    assert rows_of_places[1, column("opening_after_3")] == max(found[1:, 0])
    assert np.isnan(rows_of_places[3, column("opening_after_1")])


def test_the_playbook_weighs_more_where_no_voices_are_told_apart() -> None:
    without, with_voices = day_evidence.weights(has_voices=False), day_evidence.weights(has_voices=True)
    assert without["playbook"] / without["kind"] > with_voices["playbook"] / with_voices["kind"]
