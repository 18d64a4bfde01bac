"""The network of single lines speaks for customers, reads alike in any division, and knows English only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dayline.detection import detect, explanations, line_evidence
from dayline.detection.day_features import DayFeatures
from dayline.detection.features import speaker_roles, talk_kind, topic_cues, utterance_arrays
from dayline.domain.transcript import Transcript
from tests.detection import days
from tests.detection.days import candidate, features

OFFICE = (401.82, 467.56)


def test_a_word_is_spelled_with_the_longest_pieces_from_its_beginning_on() -> None:
    pieces = {"[PAD]": 0, "[UNK]": 1, "gut": 2, "##ter": 3, "##ters": 4, "don": 5, "'": 6, "t": 7, "3": 8}
    assert talk_kind.split("gutters", pieces) == [2, 4]
    assert talk_kind.split("don't", pieces) == [5, 6, 7]
    assert talk_kind.split("33", pieces) == [8, 8]
    assert talk_kind.split("roof", pieces) == [talk_kind.UNKNOWN]


def test_the_division_of_a_day_into_blocks_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    u = utterance_arrays.load(days.sample("sample-day")[0])
    roles, network = speaker_roles.find(u), talk_kind.shipped()
    whole = talk_kind.read(u, roles, network)
    monkeypatch.setattr(talk_kind, "BLOCK_PIECES", 40)
    np.testing.assert_allclose(talk_kind.read(u, roles, network), whole, atol=0.0011)
    assert whole.shape == (len(u), len(talk_kind.KINDS))
    np.testing.assert_allclose(np.exp(whole).sum(axis=1), 1.0)


def test_a_line_without_a_word_that_is_known_changes_nothing_far_away() -> None:
    heard = days.sample("sample-day")[0]
    u = utterance_arrays.load(heard)
    changed = replace(u, tokens=(("zzz",), *u.tokens[1:]))
    reach = sum(talk_kind.REACHES)
    roles, network = speaker_roles.find(u), talk_kind.shipped()
    before, after = (talk_kind.read(v, roles, network) for v in (u, changed))
    np.testing.assert_allclose(before[reach + 2 :], after[reach + 2 :], atol=0.0011)


def test_the_lines_of_visits_speak_for_a_customer_more_than_those_of_a_call_with_the_office() -> None:
    heard, truth = days.sample("sample-day")
    h = features(heard)
    told = h.added["lines"]
    assert all(told[candidate(h, t)] > max(0.0, told[candidate(h, OFFICE)]) for t in truth)


def test_lines_of_nobody_known_decide_less() -> None:
    truth = days.sample("sample-day")[1]
    told, untold = (features(days.sample("sample-day", labels=labels)[0]) for labels in ("clustered", "none"))
    assert all(untold.added["lines"][candidate(untold, t)] < told.added["lines"][candidate(told, t)] for t in truth)


def test_talk_in_another_language_gets_nothing() -> None:
    heard = days.sample("sample-day", labels="none")[0]
    german = "ja guten tag wir haben acht fenster und das kostet ungefähr zwölftausend mit einbau"
    h = features(Transcript(tuple(replace(u, text=german) for u in heard.utterances), heard.duration_seconds))
    assert not h.added["lines"].any()


def test_a_boundary_where_the_lines_begin_to_speak_for_a_customer_gains() -> None:
    lines = np.array([-2.0] * 6 + [2.0] * 6 + [-2.0] * 6)
    first, last = np.array([6, 3, 6, 0]), np.array([12, 12, 15, 18])
    right, early, late, whole = line_evidence.contrast(lines, first, last)
    assert right == 2 * line_evidence.CONTRAST_LIMIT
    assert right > early > whole
    assert right > late > whole


def test_a_network_that_takes_most_talk_of_a_day_for_a_customers_counts_for_nothing() -> None:
    h = features(replace(days.sample("sample-day", labels="none")[0], duration_seconds=7200.0))
    h.talk_kind = h.talk_kind - h.talk_kind.mean()
    assert line_evidence.trust(h) == 1
    h.talk_kind = h.talk_kind + (line_evidence.TRUSTED_TO + line_evidence.TRUSTED_FROM) / 2
    assert line_evidence.trust(h) == pytest.approx(0.5)
    h.talk_kind = h.talk_kind + line_evidence.TRUSTED_TO
    before = h.edge
    line_evidence.add_to_kind(h)
    line_evidence.add_to_boundaries(h)
    assert not h.added["lines"].any()
    np.testing.assert_array_equal(h.edge, before)


def test_the_mean_of_a_short_recording_says_nothing() -> None:
    h = features(days.sample("sample-day")[0])
    h.talk_kind = np.full(len(h.talk_kind), 3.0)
    assert line_evidence.trust(h) == 1


def test_the_network_alone_decides_nothing() -> None:
    of_mean = [
        line_evidence.WEIGHT_OF_SHORT * (side * line_evidence.MEAN_LIMIT - line_evidence.MEAN_MIDDLE)
        for side in (-1, 1)
    ]
    for labels, limits in (("none", line_evidence.SUM_LIMITS), ("clustered", of_mean)):
        h = features(days.sample("sample-day", labels=labels)[0])
        for value, limit in zip((-50.0, 50.0), limits, strict=True):
            h.talk_kind = np.full(len(h.talk_kind), value)
            line_evidence.add_to_kind(h)
            assert {round(float(v), 6) for v in h.added["lines"]} <= {0.0, limit}
    assert -5 < _long_day(-50.0).added["lines"].min() < 0


def test_the_network_gives_no_reason_of_its_own() -> None:
    heard, truth = days.sample("sample-day")
    h = features(heard)
    i = candidate(h, truth[0])
    assert explanations.shares(h, i)["lines"] != 0
    h.added["lines"] = h.added["lines"] + 50.0
    assert all(reason.weight < 0.5 for reason in explanations.of_candidate(h, i) if reason.about == "kind")
    assert detect(heard).customers


def _long_day(lines: float) -> DayFeatures:
    """A labelled day of two hours on which all lines say the same, with playbook and cues that speak for a visit."""
    h = features(replace(days.sample("sample-day")[0], duration_seconds=7200.0))
    h.added = {name: np.ones(len(h.candidates)) for name in ("playbook", *topic_cues.NAMES)}
    h.talk_kind = np.full(len(h.talk_kind), lines)
    line_evidence.add_to_kind(h)
    return h


def test_on_a_labelled_day_words_of_the_playbook_count_less_where_the_lines_read_like_other_talk() -> None:
    other, customer = _long_day(-1.0), _long_day(-0.01)
    assert (other.added["playbook"] < customer.added["playbook"]).all()
    assert (other.added["playbook"] >= 0).all()
    assert (other.added["lines"] < customer.added["lines"]).all()
    assert not any(other.added[name].any() for name in topic_cues.NAMES)


def test_what_speaks_against_a_visit_in_the_playbook_is_not_weighed_by_the_lines() -> None:
    h = features(replace(days.sample("sample-day")[0], duration_seconds=7200.0))
    h.added["playbook"] = np.full(len(h.candidates), -1.0)
    h.talk_kind = np.full(len(h.talk_kind), -1.0)
    line_evidence.add_to_kind(h)
    np.testing.assert_array_equal(h.added["playbook"], -1.0)


def test_where_the_network_is_not_trusted_playbook_and_cues_stay_as_they_are() -> None:
    h = _long_day(3.0)
    assert line_evidence.trust(h) == 0
    assert not h.added["lines"].any()
    assert all((h.added[name] == 1).all() for name in ("playbook", *topic_cues.NAMES))


def _untold_day(kinds: dict[str, float], *, customer: float = -1.0) -> DayFeatures:
    """A day of two hours without labels on which every line is of these kinds, with all else speaking for a visit."""
    h = features(replace(days.sample("sample-day", labels="none")[0], duration_seconds=7200.0))
    h.added = {name: np.ones(len(h.candidates)) for name in ("playbook", "numbers", *topic_cues.NAMES)}
    h.talk_kind = np.full(len(h.talk_kind), customer)
    h.kind_shares = np.tile([kinds.get(name, 0.0) for name in talk_kind.KINDS], (len(h.talk_kind), 1))
    line_evidence.add_to_kind(h)
    return h


def test_without_labels_notes_and_broadcasts_speak_against_a_visit_more_than_private_talk() -> None:
    order = ("personal", "errand", "broadcast", "memo")
    others = [float(_untold_day({"customer": 0.5, name: 0.5}).added["lines"].max()) for name in order]
    assert others == sorted(others, reverse=True)
    assert len(set(others)) == len(others)
    for name, half in zip(order[1:], others[1:], strict=True):
        assert half > _untold_day({"customer": 0.2, name: 0.8}).added["lines"].max()


def test_without_labels_the_playbook_counts_more_where_the_lines_read_like_a_customers() -> None:
    customer, other = (_untold_day({"customer": 0.5, "internal": 0.5}, customer=c) for c in (-0.01, -1.5))
    assert (customer.added["playbook"] > other.added["playbook"]).all()
    assert (other.added["playbook"] > 0).all()
    assert not any(customer.added[name].any() for name in ("numbers", *topic_cues.NAMES))


def test_without_labels_the_shares_of_the_kinds_have_limits() -> None:
    for name in talk_kind.KINDS:
        lines = _untold_day({name: 1.0}).added["lines"]
        assert (lines >= line_evidence.SHARE_LIMITS[0]).all()
        assert (lines <= line_evidence.SHARE_LIMITS[1]).all()


def test_without_labels_an_unknown_kind_of_day_and_a_short_recording_are_weighed_as_before() -> None:
    h = _untold_day({"customer": 1.0}, customer=3.0)
    assert line_evidence.trust(h) == 0
    assert not h.added["lines"].any()
    assert all((h.added[name] == 1).all() for name in ("playbook", "numbers", *topic_cues.NAMES))
    short = features(days.sample("sample-day", labels="none")[0])
    before = dict(short.added)
    line_evidence.add_to_kind(short)
    assert all((short.added[name] == before[name]).all() for name in before)


def test_without_labels_and_without_a_playbook_the_lines_need_less_to_speak_for_a_visit() -> None:
    h = _untold_day({"customer": 0.5, "internal": 0.5})
    mean = np.zeros(len(h.candidates))
    told = line_evidence.by_shares(h, mean)
    del h.added["playbook"]
    assert (line_evidence.by_shares(h, mean) > told).all()
