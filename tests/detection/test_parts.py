"""The parts of the detector: trees and their contributions, the best set, voices, topics, quotes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dayline.detection import calibration, day_evidence, explanations, gbdt, scoring, selection
from dayline.detection.day_features import EDGE_COLUMNS, KIND_NAMES
from dayline.detection.features import (
    boundary_features,
    candidates,
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
    [("place", len(boundary_features.NAMES)), ("kind", len(KIND_NAMES)), ("edge", len(EDGE_COLUMNS))],
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
        book = playbook.read(_trade_day(colleagues_too), GUTTERS, playbook.spoken())
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


def test_subjects_add_up_to_the_log_odds_of_all_talk() -> None:
    parts = {"trade": np.array([0.5, -1.0]), "family": np.array([0.0, -2.0])}
    split = topic_cues.relative(parts, {"trade": -0.2, "family": -0.5}, 1.5, np.array([1.2, -2.0]))
    np.testing.assert_allclose(sum(split.values()), [1.2, -2.0])
    assert split["family"][0] > split["family"][1]


def test_one_unbroken_talk_is_one_span() -> None:
    turns = [(5.0 * i, "yes and then what would you like to have", "A" if i % 2 else "B") for i in range(600)]
    lines = tuple(Utterance(t, t + 4.0, text, who) for t, text, who in turns)
    t = utterance_arrays.load(Transcript(lines, 3010.0))
    count = scoring.line_features(t)[1]
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


def test_without_voices_the_playbook_weighs_more_than_with_them() -> None:
    h = scoring.extract(_trade_transcript(labelled=False), None, GUTTERS, ())
    assert h is not None
    assert day_evidence.kind_weight(h.utterances) == day_evidence.WORDS_ONLY["kind"] < 1
    np.testing.assert_allclose(h.kind, day_evidence.WORDS_ONLY["kind"] * gbdt.forest("kind").log_odds(h.kind_rows))
    e = day_evidence.EVIDENCE["playbook"]
    assert h.added["playbook"].min() < -e.limit[0], "beyond what the playbook may say where voices are known"
    labelled = scoring.extract(_trade_transcript(labelled=True), None, GUTTERS, ())
    assert labelled is not None
    assert day_evidence.kind_weight(labelled.utterances) == 1
    assert labelled.added["playbook"].min() >= -e.limit[0]


def test_reasons_share_out_what_the_scores_add_up_to() -> None:
    """The shares of a candidate without voices have the sizes of its log-odds, the lighter forest included."""
    h = scoring.extract(_trade_transcript(labelled=False), None, GUTTERS, ())
    assert h is not None
    i = int(h.chance.argmax())
    share = explanations.shares(h, i)
    forest = day_evidence.WORDS_ONLY["kind"] * gbdt.forest("kind").contributions(h.kind_rows[i : i + 1])[0]
    wording = sum(v for n, v in zip(KIND_NAMES, forest, strict=True) if n in ("language", "language_relative"))
    assert share["wording"] / share["playbook"] == pytest.approx(wording / h.added["playbook"][i])


def test_without_voices_the_confidence_is_the_product_of_both_scores() -> None:
    h = scoring.extract(_trade_transcript(labelled=False), None, GUTTERS, ())
    assert h is not None
    assert not calibration.is_fitted(h, None)
    np.testing.assert_allclose(calibration.confidence(h, None), h.chance)
    np.testing.assert_allclose(
        calibration.confidence(h, None, kind=np.zeros(len(h.candidates))), 0.5 * gbdt.logistic(h.edge)
    )


@pytest.mark.parametrize(("labelled", "seconds"), [(True, 10_010.0), (False, 1700.0)])
def test_with_voices_or_in_short_recordings_the_regression_tells_the_confidence(labelled: bool, seconds: float) -> None:
    h = scoring.extract(_trade_transcript(labelled, seconds), None, GUTTERS, ())
    assert h is not None
    assert calibration.is_fitted(h, None)
    assert day_evidence.kind_weight(h.utterances) == 1


def test_every_way_of_telling_the_confidence_has_its_price() -> None:
    assert selection.price(has_voices=True) == selection.PRICE
    assert selection.price(has_voices=False) == selection.PRICE_WITHOUT_LABELS < selection.PRICE
    assert selection.price(has_voices=False, is_fitted=False) == selection.PRICE_OF_PRODUCT > selection.PRICE
