"""The memory of an organisation: what is counted, what is left out, and what it does to the next day."""

from __future__ import annotations

import numpy as np
import pytest

from dayline.detection import calibration, detect, detect_and_learn, memory, scoring
from dayline.detection.detector import own_contribution
from dayline.detection.features import utterance_arrays
from dayline.detection.features.day_topic import stem
from dayline.detection.memory import Contribution, OrgMemory, contribute, recall
from dayline.domain.transcript import Transcript, Utterance

KEY = "acme"


def hashed(word: str) -> str:
    return memory.hashed(stem(word), KEY)


def arrays(*lines: tuple[float, str, str | None]) -> utterance_arrays.UtteranceArrays:
    said = tuple(Utterance(t, t + 3.0, text, who) for t, text, who in lines)
    return utterance_arrays.load(Transcript(said, lines[-1][0] + 10))


def day(visit: str, other: str, people: int = 3, source: memory.Source = "own") -> Contribution:
    lines = [(10.0 + 4 * i, visit, f"V{i % people}") for i in range(12)]
    lines += [(1000.0 + 4 * i, other, f"O{i % people}") for i in range(12)]
    return contribute(arrays(*lines), [(0.0, 100.0)], [], source, KEY)


def test_stems_of_visits_and_of_other_talk_are_counted_apart_and_as_hashes() -> None:
    c = day("the gutter leaks badly", "the warehouse closes early")
    assert c.visits[hashed("gutter")] == 12
    assert c.other[hashed("warehouse")] == 12
    assert hashed("warehouse") not in c.visits
    everything = str(c)
    assert "gutter" not in everything
    assert "warehouse" not in everything


def test_two_organisations_share_no_hash() -> None:
    assert memory.hashed("gutter", "acme") != memory.hashed("gutter", "other")


def test_uncertain_talk_is_counted_as_neither() -> None:
    t = arrays((10.0, "gutter downspout", "A"), (500.0, "fascia board", "B"), (900.0, "warehouse shelf", "C"))
    c = contribute(t, [(0.0, 100.0)], [(400.0, 600.0)], "own", KEY)
    assert hashed("fascia") not in c.visits
    assert hashed("fascia") not in c.other
    assert c.other[hashed("warehouse")] == 1


def test_names_are_left_out() -> None:
    t = arrays(
        (10.0, "so Deborah said the gutter leaks and Ravensworth agreed", "A"),
        (20.0, "michael wants the gutter done", "B"),
    )
    c = contribute(t, [(0.0, 100.0)], [], "own", KEY)
    for name in ("deborah", "michael", "ravensworth"):
        assert hashed(name) not in c.visits
    assert hashed("gutter") in c.visits


def test_a_stem_counts_only_from_three_people_or_three_days_on() -> None:
    two = [day("gutter", "warehouse", people=1)] * 2
    assert not recall(two, KEY).ratio
    assert recall([*two, two[0]], KEY).ratio
    assert recall([day("gutter", "warehouse", people=3)], KEY).ratio[hashed("gutter")] > 0
    assert recall([day("gutter", "warehouse", people=3)], KEY).ratio[hashed("warehouse")] < 0


def test_confirmed_days_count_more_than_read_ones_and_these_more_than_own() -> None:
    days = [recall([day("gutter", "warehouse", source=s)], KEY).days for s in ("own", "read", "confirmed")]
    assert 0 < days[0] < days[1] < days[2]
    # A person says that talk about gutters is a colleague's; two own reports say the contrary.
    wrong = [day("gutter", "warehouse")] * 2
    right = day("warehouse", "gutter", source="confirmed")
    assert recall(wrong, KEY).ratio[hashed("gutter")] > 0
    assert recall([right, *wrong], KEY).ratio[hashed("gutter")] < 0


def test_the_weight_grows_over_the_first_days() -> None:
    one = day("gutter", "warehouse")
    assert recall([], KEY).weight == 0
    assert [round(recall([one] * n, KEY).weight, 2) for n in (1, 2, 3, 9)] == [0.33, 0.67, 1.0, 1.0]


def test_a_day_without_a_sure_visit_adds_nothing() -> None:
    """Its other talk may hold the visits that were missed; where a person says so, there were none."""
    known = recall([day("gutter", "warehouse")], KEY)
    unsure = contribute(arrays((10.0, "gutter fence", "A"), (20.0, "gutter fence", "B")), [], [], "own", KEY)
    assert recall([unsure, day("gutter", "warehouse"), memory.NOTHING], KEY) == known
    empty = contribute(arrays(*((4.0 * i, "gutter", f"V{i}") for i in range(40))), [], [], "confirmed", KEY)
    assert recall([empty, day("gutter", "warehouse")], KEY).ratio[hashed("gutter")] < known.ratio[hashed("gutter")]


def test_what_is_older_than_the_newest_days_is_not_used() -> None:
    old = [day("gutter", "warehouse")] * 5
    new = [day("fence", "warehouse")] * memory.MOST_DAYS
    known = recall([*new, *old], KEY)
    assert hashed("fence") in known.ratio
    assert hashed("gutter") not in known.ratio


def _talk(start: float, words: list[str], voice: str, seed: int) -> list[Utterance]:
    """Two minutes of two voices that say `words` between everyday ones."""
    rng = np.random.default_rng(seed)
    everyday = "well so then we have that one over there and it was going to be like this again"
    out = []
    for i in range(30):
        said = [*rng.choice(everyday.split(), 6), str(rng.choice(words)), *rng.choice(everyday.split(), 3)]
        out.append(Utterance(start + 4 * i, start + 4 * i + 3.5, " ".join(said), voice if i % 2 else "SPEAKER_00"))
    return out


def _next_day() -> Transcript:
    lines: list[Utterance] = []
    for k in range(8):
        words = ["gutter", "downspout", "fascia"] if k % 2 else ["warehouse", "invoice", "forklift"]
        lines += _talk(300.0 + 900 * k, words, f"SPEAKER_{k + 1:02d}", k)
    return Transcript(tuple(lines), 8000.0)


def _log_odds(known: OrgMemory | None) -> tuple[float, float]:
    """Mean log-odds of the kind of candidates about gutters, and of those about the warehouse."""
    h = scoring.extract(_next_day(), None, None, (), known)
    assert h is not None
    c = h.candidates
    values: tuple[list[float], list[float]] = ([], [])
    for i in range(len(c)):
        block = round((float(c.start[i]) - 300) / 900)
        if abs(c.start[i] - 300 - 900 * block) < 5 and c.end[i] - c.start[i] < 130:
            values[0 if block % 2 else 1].append(float(h.kind_log_odds[i]))
    return float(np.mean(values[0])), float(np.mean(values[1]))


def test_the_memory_speaks_for_what_earlier_visits_were_about_and_against_the_rest() -> None:
    earlier = day("gutter downspout fascia", "warehouse invoice forklift", source="confirmed")
    without, known = _log_odds(None), _log_odds(recall([earlier] * 3, KEY))
    assert known[0] > without[0]
    assert known[1] < without[1]
    other_way = day("warehouse invoice forklift", "gutter downspout fascia", source="confirmed")
    reverse = _log_odds(recall([other_way] * 3, KEY))
    assert reverse[0] < known[0]
    assert reverse[1] > known[1]


def test_own_reports_speak_against_a_candidate_only_and_checked_days_for_it_by_their_share() -> None:
    """What own reports got wrong must not return as evidence for the same talk."""
    own, checked = (day("gutter downspout", "warehouse invoice", source=s) for s in ("own", "confirmed"))
    without = _log_odds(None)
    alone = _log_odds(recall([own] * 4, KEY))
    assert alone[0] == pytest.approx(without[0], abs=0.05)
    assert alone[1] < without[1] - 0.2
    mixed = recall([checked, *[own] * 3], KEY)
    assert mixed.checked == 0.5
    assert _log_odds(mixed)[0] > without[0]
    sure, one = (np.array([99.0]), np.array([33.0])), np.array([0])
    for known in (mixed, recall([checked] * 4, KEY)):
        odds = memory.log_odds(sure, known, one, one + 1)
        assert odds == pytest.approx(memory.FOR_LIMIT * known.checked)


def test_levels_are_those_that_the_recordings_have_by_one_another() -> None:
    apart = [day("gutter fence", "warehouse shelf", source="confirmed")] * 4
    alike = [day("gutter fence", "gutter fence", source="confirmed")] * 4
    visits, other = recall(apart, KEY).levels
    assert visits > 0.2
    assert other < -0.5
    near = recall(alike, KEY).levels
    assert near[0] - near[1] < 0.5 * (visits - other)
    assert recall(apart[:1], KEY).levels == memory.USUAL_LEVELS


def test_a_memory_of_other_subjects_says_nothing() -> None:
    without, known = _log_odds(None), _log_odds(recall([day("piano violin", "harp cello")] * 3, KEY))
    assert known == pytest.approx(without, abs=0.05)


def test_what_a_day_teaches_does_not_depend_on_what_is_remembered() -> None:
    """Otherwise a wrong memory would confirm itself day by day."""
    transcript = _next_day()
    plain = detect_and_learn(transcript, memory_key=KEY).contribution
    known = recall([day("warehouse invoice forklift", "gutter downspout fascia")] * 5, KEY)
    again = detect_and_learn(transcript, memory=known, memory_key=KEY).contribution
    assert plain is not None
    assert again == plain


def test_an_empty_memory_changes_nothing_and_days_are_told() -> None:
    transcript = _next_day()
    assert detect(transcript, memory=recall([], KEY)) == detect(transcript)
    known = recall([day("gutter", "warehouse")] * 2, KEY)
    assert detect(transcript, memory=known).usage.memory_days == 2


def test_the_confidence_is_told_whether_earlier_days_are_known_and_that_of_own_reports_is_not() -> None:
    """The same errands return on days of one organisation; a memory must not change what a day teaches it."""
    transcript, memory_of_days = _next_day(), recall([day("gutter", "warehouse")] * 2, KEY)
    shared = ("bias", "chance", "reports_per_hour")
    known = [calibration.NAMES.index(f"known_{name}") for name in shared]
    plain = [calibration.NAMES.index(name) for name in shared]
    for org_memory, counts in ((None, False), (recall([], KEY), False), (memory_of_days, True)):
        h = scoring.extract(transcript, None, None, (), org_memory)
        assert h is not None
        rows = calibration.inputs(h, None)
        assert rows[:, plain].any(axis=0).all()
        assert (rows[:, known] == (rows[:, plain] if counts else 0.0)).all()
        assert not calibration.inputs(h, None, h.memory_free_kind, h.memory_free_edge)[:, known].any()


def test_lines_that_may_be_a_visit_teach_nothing_about_other_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    h = scoring.extract(_next_day(), None, None, ())
    assert h is not None
    inside = [h.candidates.first <= 90, h.candidates.last >= 150]
    uncertain, sure = int(np.flatnonzero(inside[0] & inside[1])[0]), int(np.flatnonzero(h.candidates.last <= 40)[0])
    chance = np.zeros(len(h.candidates))
    chance[uncertain], chance[sure] = 0.3, 0.9
    monkeypatch.setattr("dayline.detection.calibration.confidence", lambda *_, **__: chance)
    monkeypatch.setattr("dayline.detection.calibration.chosen", lambda *_: [sure])
    c = own_contribution(h, KEY)
    assert c.visits
    spoken = {w for i in range(100, 140) for w in h.utterances.tokens[i]}
    elsewhere = {
        w
        for i, tokens in enumerate(h.utterances.tokens)
        if not h.candidates.first[uncertain] <= i < h.candidates.last[uncertain]
        for w in tokens
    }
    assert not [w for w in spoken - elsewhere if hashed(w) in c.other]
    chance[sure] = memory.OWN_CHANCE - 0.01
    assert own_contribution(h, KEY) == memory.NOTHING
