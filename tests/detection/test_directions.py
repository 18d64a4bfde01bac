"""Every source of evidence moves a day the right way, and every reason says what its sign says."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from bench.detection.calibration import __main__ as calibration_fit
from dayline.detection import (
    calibration,
    counter_evidence,
    day_evidence,
    detect,
    explanations,
    residual_labels,
    scoring,
    selection,
)
from dayline.detection.day_features import without_voices
from dayline.detection.features import candidates, playbook, service_direction, short_recordings
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import Hint
from dayline.domain.transcript import Transcript, Utterance
from tests.detection import days
from tests.detection.days import candidate, features


def test_an_appointment_raises_the_candidates_it_covers_and_no_others() -> None:
    heard, truth = days.sample("sample-day")
    plain, hinted = features(heard), features(heard, (Hint(*truth[0], "visit"),))
    i, j = candidate(plain, truth[0]), candidate(plain, truth[2])
    assert hinted.added["hint"][i] == pytest.approx(scoring.HINT_WEIGHT, abs=0.05)
    assert hinted.added["hint"][j] == 0
    assert hinted.kind_log_odds[i] > plain.kind_log_odds[i] + 1


def test_an_appointment_finds_a_conversation_that_would_be_missed_and_is_given_as_a_reason() -> None:
    heard, truth = days.sample("sibling-day", "none", 0.35, seed=5)
    spans = [Hint(*t, "visit") for t in truth]
    without, with_them = detect(heard), detect(heard, hints=spans)

    def right(found: list[tuple[float, float]]) -> int:
        return sum(any(days.overlap(t, f) >= 0.5 for f in found) for t in truth)

    a = right([(c.start_seconds, c.end_seconds) for c in without.customers])
    b = right([(c.start_seconds, c.end_seconds) for c in with_them.customers])
    assert b >= a
    sure = {round(c.start_seconds): c.confidence for c in without.customers}
    raised = [c for c in with_them.customers if c.confidence > sure.get(round(c.start_seconds), 0.0)]
    assert raised
    assert any("appointment" in r.text and r.weight > 0 for c in raised for r in c.reasons)


def test_a_day_without_labels_on_which_nothing_is_clear_is_held_back() -> None:
    words = "and then it went on for a while and we had it over there so it was that one".split()  # noqa: SIM905
    rng = np.random.default_rng(3)
    lines = tuple(
        Utterance(
            60.0 * (i // 12) * 10 + 5 * (i % 12),
            60.0 * (i // 12) * 10 + 5 * (i % 12) + 4,
            " ".join(rng.choice(words, 9)),
        )
        for i in range(240)
    )
    h = features(Transcript(lines, 14_000.0))
    assert float(h.chance.max()) < scoring.CLEAR_CHANCE[1]
    assert "unclear" in h.added
    assert (h.added["unclear"] < 0).all()
    assert h.added["unclear"].min() >= -scoring.NOTHING_CLEAR_PENALTY


def long_day(number: str | None) -> Transcript:
    """The sample day in a recording of an hour; with `number`, every number that is said becomes this word."""
    heard, _ = days.sample("sample-day")
    said = re.compile(r"\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|hundred|thousand)\b")
    lines = heard.utterances if number is None else tuple(
        replace(u, text=said.sub(number, u.text)) for u in heard.utterances
    )  # fmt: skip
    return Transcript(lines, 3600.0)


def test_talk_in_which_hardly_a_number_is_said_is_less_likely_a_conversation() -> None:
    truth = days.sample("sample-day")[1]
    usual, vague = features(long_day(None)), features(long_day("some"))
    i, j = candidate(usual, truth[0]), candidate(vague, truth[0])
    assert usual.added["numbers"][i] == 0
    assert vague.added["numbers"][j] < -1
    told = [r for r in explanations.of_candidate(vague, j) if "hardly a number" in r.text]
    assert told
    assert all(r.weight < 0 for r in told)


def test_the_absence_of_numbers_weighs_more_in_longer_talk_and_nothing_once_enough_are_said() -> None:
    rows = np.zeros((4, len(candidates.NAMES)))
    rows[:, candidates.NAMES.index("rate_number")] = 0.1, 0.1, 1.0, counter_evidence.FEW_NUMBERS[1]
    words, english = np.array([60.0, 900.0, 900.0, 900.0]), np.full(4, True)
    short, long, some, enough = counter_evidence.few_numbers(rows, words, english)
    assert long < short < 0
    assert long < some < 0
    assert enough == 0


def test_talk_in_another_language_is_not_said_to_be_without_numbers() -> None:
    said = (
        "guten tag ich komme von der firma wegen der fenster die sie angefragt haben",
        "ja kommen sie doch herein das wohnzimmer ist hier vorne",
        "wir haben acht fenster das kostet ungefähr zwölftausend euro mit einbau",
        "das ist mir zu teuer was kann man da machen",
        "ich kann ihnen zehn prozent geben wenn sie heute unterschreiben",
    )
    truth = days.sample("sample-day")[1]
    english = long_day(None)
    german = tuple(
        replace(u, text=said[i % len(said)]) if truth[0][0] <= u.start_seconds < truth[0][1] else u
        for i, u in enumerate(english.utterances)
    )
    h = features(Transcript(german, english.duration_seconds))
    i = candidate(h, truth[0])
    assert h.added["numbers"][i] == 0
    assert not any("number" in r.text for r in explanations.of_candidate(h, i))
    assert h.fitted is not None
    found = h.candidates
    within_day = day_evidence.of_spans(h, h.fitted, h.rows, found.first, found.last)["playbook"]
    assert h.added["playbook"][i] == within_day[i]
    assert h.added["playbook"][candidate(h, truth[1])] != within_day[candidate(h, truth[1])]


def test_the_playbook_counts_on_a_level_that_is_the_same_on_every_day() -> None:
    for scale in (
        counter_evidence.PLAYBOOK, counter_evidence.PLAYBOOK_IN_SHORT, counter_evidence.PLAYBOOK_WITHOUT_LABELS
    ):  # fmt: skip
        everyday, none, visit, most = counter_evidence.playbook_level(np.array([-0.4, scale.middle, 0.5, 3.0]), scale)
        assert everyday < -1
        assert none == 0
        assert 1 < visit < most == scale.in_favour
        assert counter_evidence.playbook_level(np.array([-5.0]), scale)[0] == -scale.against


def test_in_a_short_recording_the_playbook_counts_less_and_needs_no_support() -> None:
    long, short = counter_evidence.PLAYBOOK, counter_evidence.PLAYBOOK_IN_SHORT
    on_a_day, in_short = (counter_evidence.playbook_level(np.array([-0.6, 0.5]), scale) for scale in (long, short))
    assert on_a_day[0] < in_short[0] < 0 < in_short[1] < on_a_day[1]
    heard = days.sample("sample-day")[0]
    h, longer = features(heard), features(Transcript(heard.utterances, 3600.0))
    assert short_recordings.applies(h.utterances) > short_recordings.applies(longer.utterances)
    assert h.added["playbook"].min() == -short.against
    assert longer.added["playbook"].max() > h.added["playbook"].max() == short.in_favour
    found = h.candidates
    told = counter_evidence.playbook_level(playbook.ratio(h.playbook, found.first, found.last), short)
    assert (h.added["playbook"] == told).all()


def test_in_a_short_recording_a_call_with_the_office_is_told_by_what_is_said_in_it() -> None:
    """Without a playbook its wording alone would pass: a level fitted within so little talk says less."""
    for wer in (0.0, 0.1):
        heard, _ = days.sample("sample-day", wer=wer)
        h = scoring.extract(heard, None, None, ())
        assert h is not None
        call = candidate(h, (401.82, 467.56))
        kind = h.kind_log_odds - h.added["office"] * (1 - 1 / counter_evidence.OFFICE_IN_SHORT)
        alone = selection.chance(kind, h.edge, selection.KIND_LEVEL_OF_SHORT)
        assert alone[call] > selection.PRICE_OF_SHORT
        assert len(detect(heard).customers) == 3


def test_a_clearer_conversation_on_the_same_day_does_not_turn_the_playbook_against_another() -> None:
    heard, truth = days.sample("sample-day", labels="none")
    lines = tuple(
        replace(u, text="the vinyl sash and the low e glass in the window frame we measure the glass and the frame")
        if truth[2][0] <= u.start_seconds < truth[2][1]
        else u
        for u in heard.utterances
    )
    h = features(Transcript(lines, heard.duration_seconds))
    assert h.fitted is not None
    found = h.candidates
    weaker = candidate(h, truth[1])
    assert playbook.ratio(h.playbook, found.first, found.last)[weaker] > 1
    within_day = day_evidence.of_spans(h, h.fitted, h.rows, found.first, found.last)["playbook"]
    assert within_day[weaker] < 0 < h.added["playbook"][weaker]


def test_without_labels_the_wording_counts_beside_the_forest_and_words_outside_the_playbook_count_more() -> None:
    truth = days.sample("sample-day")[1]
    told, untold = (features(days.sample("sample-day", labels=labels)[0]) for labels in ("clustered", "none"))
    assert "wording" not in told.added
    assert told.forest_share == 1 > untold.forest_share
    office = candidate(untold, (401.82, 467.56))
    assert all(untold.added["wording"][candidate(untold, t)] > untold.added["wording"][office] for t in truth)
    scales = counter_evidence.PLAYBOOK, counter_evidence.PLAYBOOK_WITHOUT_LABELS
    labelled, without = (counter_evidence.playbook_level(np.array([-1.0, 1.0]), scale) for scale in scales)
    assert without[0] < labelled[0] < 0 < labelled[1] < without[1]


@pytest.mark.parametrize(("wer", "least"), [(0.0, 3), (0.1, 4)])
def test_a_playbook_of_another_trade_hides_few_conversations_of_a_short_recording(wer: float, least: int) -> None:
    """The sibling day sells roofs; its playbook here is that of a seller of windows, and no voices are told apart."""
    heard, truth = days.sample("sibling-day", "none", wer)
    h = features(heard)
    assert h.added["playbook"].min() == -counter_evidence.PLAYBOOK_WITHOUT_LABELS_IN_SHORT.against
    found = [(float(h.candidates.start[i]), float(h.candidates.end[i])) for i in calibration.chosen(h)]
    assert sum(any(days.overlap(t, f) >= 0.5 for f in found) for t in truth) >= least
    longer = features(Transcript(heard.utterances, 3600.0))
    assert longer.added["playbook"].min() < -counter_evidence.PLAYBOOK_WITHOUT_LABELS_IN_SHORT.against


def test_a_day_in_another_language_without_labels_stays_as_it_is() -> None:
    """The wording and the everyday words are English: nothing is known of other talk, for it or against it."""
    heard, truth = days.sample("sample-day", labels="none")
    german = "ja guten tag wir haben acht fenster und das kostet ungefähr zwölftausend mit einbau"
    h = features(Transcript(tuple(replace(u, text=german) for u in heard.utterances), heard.duration_seconds))
    assert h.forest_share == 1
    assert not {"wording", "without_labels"} & set(h.added)
    some = tuple(
        replace(u, text=german) if truth[0][0] <= u.start_seconds < truth[0][1] else u for u in heard.utterances
    )
    h = features(Transcript(some, heard.duration_seconds))
    assert h.fitted is not None
    found = h.candidates
    within_day = day_evidence.of_spans(h, h.fitted, h.rows, found.first, found.last)["playbook"]
    assert h.added["playbook"][candidate(h, truth[0])] == within_day[candidate(h, truth[0])]
    assert h.added["playbook"][candidate(h, truth[1])] != within_day[candidate(h, truth[1])]


def test_in_a_short_recording_the_absence_of_numbers_is_no_evidence() -> None:
    heard, _ = days.sample("sample-day")
    assert "numbers" not in features(heard).added


def test_the_playbook_supports_only_what_voices_roles_and_wording_do_not_speak_against() -> None:
    kind = np.array([-1.0, 0.2, 3.0])
    english = np.full(3, True)
    refused, part, full = counter_evidence.supported(np.full(3, 2.0), kind, english)
    assert refused == 0
    assert 0 < part < full == 2.0
    assert counter_evidence.supported(np.full(3, -2.0), kind, english).tolist() == [-2.0] * 3
    assert counter_evidence.supported(np.full(3, 2.0), kind, ~english).tolist() == [2.0] * 3
    h = features(long_day(None))
    weak = h.kind < counter_evidence.PLAYBOOK_FROM[0]
    assert weak.any()
    assert (h.added["playbook"][weak] <= 0).all()
    assert (h.added["playbook"][~weak] > 0).any()


def test_where_the_network_does_not_know_the_talk_the_playbook_needs_more_support() -> None:
    kind, english = np.array([0.5, 2.0, 4.0]), np.full(3, True)
    known, unknown, between = (counter_evidence.supported(np.full(3, 3.0), kind, english, t) for t in (1.0, 0.0, 0.5))
    assert known.tolist() == [3.0] * 3
    assert unknown[0] == 0
    assert 0 < unknown[1] < unknown[2] == 3.0
    assert unknown[1] < between[1] <= known[1]


def served(rep: str) -> Transcript:
    """An errand in the middle of an hour. rep: who is labelled REP, "a" who asks or "b" who serves."""
    asked = (
        ("a", "Hello, I need twelve boxes of screws, and I'd like the long ones."),
        ("b", "How many did you say, and what size would you like?"),
        ("a", "Twelve, the two inch ones, and I'm looking for a saw blade as well."),
        ("b", "That is forty dollars. Is there anything else, or shall I put it on your order?"),
        ("a", "Can you please find me the blade for the old saw?"),
        ("b", "I found one of them, it is nine dollars and forty cents."),
    )
    lines = tuple(
        Utterance(1500.0 + 6 * i, 1504.0 + 6 * i, text, "REP" if who == rep else "OTHER")
        for i, (who, text) in enumerate(asked)
    )
    around = tuple(Utterance(t, t + 3.0, "So that is that.", "REP") for t in (100.0, 3500.0))
    return Transcript((around[0], *lines, around[1]), 3600.0)


def test_where_the_rep_asks_for_a_service_the_rep_is_the_customer() -> None:
    bought, sold = features(served("a")), features(served("b"))
    span = (1500.0, 1534.0)
    i, j = candidate(bought, span), candidate(sold, span)
    assert bought.added["served"][i] < -3
    assert sold.added["served"][j] == 0
    assert bought.service is not None
    assert sold.service is not None
    assert bought.service.sum() == pytest.approx(-sold.service.sum())
    told = [r for r in explanations.of_candidate(bought, i) if "as a seller does" in r.text]
    assert [r.text for r in told if r.weight < 0] == [
        "the other person serves, as a seller does: “How many did you say, and what size would you like?”"
    ]
    hidden = without_voices(bought)
    assert not any("the rep" in r.text or "serves" in r.text for r in explanations.of_candidate(hidden, i))


def test_one_phrase_of_asking_in_much_talk_is_no_errand() -> None:
    lines = np.zeros(40)
    lines[3] = 1.0
    words = np.array([40.0, 400.0])
    few, many = counter_evidence.rep_is_served(
        service_direction.rate(lines, words, np.array([2, 0]), np.array([6, 40]))
    )
    assert few < 0 == many


def test_without_labels_nobody_knows_who_is_served() -> None:
    heard = served("a")
    h = features(Transcript(tuple(replace(u, speaker=None) for u in heard.utterances), heard.duration_seconds))
    assert "served" not in h.added
    assert h.service is None


def test_broadcast_sound_speaks_against_a_conversation_and_for_a_broadcast() -> None:
    heard, truth = days.sample("sample-day")
    zero = np.zeros(int(heard.duration_seconds) + 1, dtype=np.float32)
    air = zero.copy()
    a, b = (int(t) for t in truth[0])
    air[a : b + 1] = 1.0
    profile = DayProfile(zero, zero, zero, air, air, zero)
    quiet, loud = features(heard), features(heard, profile=profile)
    i = candidate(quiet, truth[0])
    assert loud.kind_log_odds[i] < quiet.kind_log_odds[i] - 3
    part = candidates.Candidates(
        quiet.candidates.first[i : i + 1],
        quiet.candidates.last[i : i + 1],
        quiet.candidates.start[i : i + 1],
        quiet.candidates.end[i : i + 1],
        np.zeros(1),
    )
    k = residual_labels.KINDS.index("broadcast")
    assert residual_labels.kinds(quiet, part, profile)[0, k] > residual_labels.kinds(quiet, part, None)[0, k] + 0.2


def test_talk_of_ones_own_work_speaks_for_an_internal_conversation() -> None:
    def internal(lines: list[str]) -> float:
        said = [Utterance(4.0 * i, 4.0 * i + 3, text, "ab"[i % 2]) for i, text in enumerate(lines)]
        h = features(Transcript(tuple(said), 60.0))
        whole = candidates.Candidates(
            np.array([0]), np.array([len(said)]), np.zeros(1), np.array([said[-1].end_seconds]), np.zeros(1)
        )
        return float(residual_labels.kinds(h, whole, None)[0, 0])

    common = [
        "Hello, do you have a minute.",
        "Yes, go on.",
        "{}",
        "I have seen it and that is fine.",
        "Good, thank you.",
    ] * 2
    work = "My vacation is in July, and please give the keys of the company car to somebody in the team."
    home = "My visit is in July, and please give the keys of the big garden to somebody in the house."
    assert internal([t.format(work) for t in common]) > internal([t.format(home) for t in common]) + 0.1


def test_talk_of_an_unsure_kind_is_called_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, _ = days.sample("sample-day")
    named = {c.kind for c in detect(heard).conversations} - {"customer"}
    assert named & set(residual_labels.KINDS)
    monkeypatch.setattr(residual_labels, "LEAST_SURE", 1.01)
    day = detect(heard)
    assert {c.kind for c in day.conversations} == {"customer", "unknown"}
    starts = {c.start_seconds for c in day.conversations if c.kind == "unknown"}
    assert {s.label for s in day.timeline if s.start_seconds in starts} == {"other_speech"}


def test_a_higher_price_reports_less_and_only_what_is_surer() -> None:
    heard, _ = days.sample("sample-day", "none", 0.3)
    h = features(heard)
    chance = selection.chance(h.kind_log_odds, h.edge)
    few = selection.best_set(h.candidates, chance, 0.8)
    many = selection.best_set(h.candidates, chance, 0.2)
    assert len(few) <= len(many)
    assert all(chance[i] > 0.8 for i in few)
    assert chance[many].min() < 0.8 or len(few) == len(many)


def test_the_chance_of_a_report_rises_with_kind_and_edges_and_needs_both() -> None:
    assert selection.chance(np.array([2.0]), np.array([0.0])) > selection.chance(np.array([1.0]), np.array([0.0]))
    assert selection.chance(np.array([2.0]), np.array([1.0])) > selection.chance(np.array([2.0]), np.array([0.0]))
    sure = np.array([9.0])
    assert selection.chance(sure, -sure) < 0.01
    assert selection.chance(-sure, sure) < 0.01
    assert selection.chance(sure, sure) > 0.99


def test_a_report_needs_more_than_its_price_above_the_levels() -> None:
    h = features(days.sample("sample-day")[0])
    price = selection.price(has_voices=True)
    kind = np.full(len(h.candidates), selection.KIND_LEVEL + 0.9)
    edge = np.full(len(h.candidates), selection.EDGE_LEVEL + 0.9)
    assert len(selection.best_set(h.candidates, selection.chance(kind, edge), price)) > 0
    assert selection.best_set(h.candidates, selection.chance(kind, edge - 0.2), price) == []
    assert selection.best_set(h.candidates, selection.chance(kind - 0.2, edge), price) == []


def test_confidence_rises_with_kind_and_edges() -> None:
    for labels in ("clustered", "none"):
        h = features(days.sample("sample-day", labels)[0])
        base = calibration.confidence(h, None)
        surer = replace(h, kind=h.kind + 0.5)
        better = replace(h, edge=h.edge + 0.5)
        middle = (np.abs(h.kind_log_odds) < 4) & (np.abs(h.edge) < 3)
        assert (calibration.confidence(surer, None)[middle] > base[middle]).all()
        assert (calibration.confidence(better, None)[middle] > base[middle]).all()


def test_without_labels_a_report_costs_less() -> None:
    """Chances without labels are low altogether; the price of labelled days would leave next to nothing."""
    assert selection.price(has_voices=False) < selection.price(has_voices=True)
    heard, truth = days.sample("sample-day", "none", 0.1)
    assert len(detect(heard).customers) == len(truth)
    h = features(heard)
    chance = selection.chance(h.kind_log_odds, h.edge)
    assert all(chance[i] > selection.price(has_voices=False) for i in calibration.chosen(h))


def test_a_least_confidence_leaves_the_surer_reports_and_more_of_them_are_right() -> None:
    """Reports on businesses left out of training, by weights fitted to those of other businesses."""
    x, right, variants, businesses = calibration_fit.read()
    told = calibration_fit.cross_validated(x, right, variants, businesses)
    last = (0.0, 2.0)
    for least in (0.0, 0.5, 0.7, 0.85):
        kept = told >= least
        assert right[kept].mean() > last[0]
        assert right[kept].sum() / right.sum() < last[1]
        last = (right[kept].mean(), right[kept].sum() / right.sum())
