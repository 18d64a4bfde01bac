"""Reasons say what was said, by whom, and what their sign says."""

from __future__ import annotations

import pytest

from dayline.detection import calibration, detect, explanations
from tests.detection import days
from tests.detection.days import features

FOR = ("comes up", "hardly elsewhere", "as with a customer", "as a customer does", "takes turns", "earlier customer",
       "other customer conversations", "appointment", "from beginning to end", "address each other often",
       "in the room", "neither the office", "no family", "nothing sounds")  # fmt: skip
AGAINST = ("at other times too", "only", "somebody else than", "unusual", "other talk", "as a seller does",
           "as a buyer does", "hardly address", "loudspeaker", "nobody greets", "nobody takes leave", "no need",
           "seldom", "no word of the playbook", "none of the day stands out", "hardly a number")  # fmt: skip


def test_the_text_of_a_reason_says_what_its_sign_says() -> None:
    seen_for = seen_against = 0
    for name in ("sample-day", "sibling-day"):
        for labels in ("clustered", "none"):
            h = features(days.sample(name, labels)[0])
            for i in range(0, len(h.candidates), 7):
                for r in explanations.of_candidate(h, i):
                    if r.about != "kind" or r.weight == 0:
                        continue
                    own_words = r.text.split("“")[0]
                    if any(text in own_words for text in AGAINST):
                        assert r.weight < 0, r
                        seen_against += 1
                    elif any(text in own_words for text in FOR):
                        assert r.weight > 0, r
                        seen_for += 1
    assert seen_for > 20
    assert seen_against > 20


def test_reasons_add_up_from_what_moved_the_score() -> None:
    h = features(days.sample("sample-day")[0])
    for i in range(0, len(h.candidates), 11):
        share = explanations.shares(h, i)
        assert sum(abs(v) for v in share.values()) == pytest.approx(1.0)
        told = [r for r in explanations.of_candidate(h, i) if r.about == "kind"]
        assert 1 <= len(told) <= explanations.MOST_REASONS
        assert {round(v, 3) for v in share.values()} >= {r.weight for r in told if r.weight}


def test_reasons_tell_what_speaks_for_the_kind_first() -> None:
    h = features(days.sample("sample-day")[0])
    both = 0
    for i in range(0, len(h.candidates), 11):
        signs = [r.weight < 0 for r in explanations.of_candidate(h, i) if r.about == "kind"]
        assert signs == sorted(signs)
        both += len(set(signs)) == 2
    assert both


def test_a_reason_for_a_boundary_speaks_for_it_and_stands_at_it() -> None:
    two = 0
    for labels in ("clustered", "none"):
        h = features(days.sample("sample-day", labels)[0])
        for i in calibration.chosen(h):
            by_side = {"start": float(h.candidates.start[i]), "end": float(h.candidates.end[i])}
            for about, at in by_side.items():
                told = [r for r in explanations.of_candidate(h, i) if r.about == about]
                assert 1 <= len(told) <= 2
                assert all(r.weight > 0 for r in told)
                two += len(told) == 2
                assert all(r.at_seconds == pytest.approx(at, abs=0.01) for r in told)
    assert two


def test_quotes_in_reasons_were_said() -> None:
    heard, _ = days.sample("sample-day")
    said = " ".join(u.text for u in heard.utterances)
    quotes = [
        r.text.split("“")[1].split("”")[0].rstrip("…")
        for c in detect(heard).customers
        for r in c.reasons
        if "“" in r.text
    ]
    assert quotes
    assert all(q in said for q in quotes)


def test_every_interval_of_the_timeline_has_a_reason() -> None:
    heard, _ = days.sample("sample-day")
    for s in detect(heard).timeline:
        assert s.reasons, s.label
        assert all(s.start_seconds - 1 <= r.at_seconds <= s.end_seconds + 1 for r in s.reasons)
