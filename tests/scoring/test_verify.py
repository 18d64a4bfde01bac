from __future__ import annotations

import pytest

from dayline.domain.analysis import (
    NEUTRAL_SCORE,
    PILLARS,
    Assessment,
    Evidence,
    PillarFeedback,
    PlaybookPoint,
    StatedObjection,
    StatedStep,
)
from dayline.domain.quotes import QuoteFinder
from dayline.scoring.quote_verification import verify

TALK = """
rep: Good morning, we'd replace the follow-up filter for $1,200 every year.
cus: I don't know. That's a lot of money, and the filter is fine.
rep: I understand. The filter is fine today... but it won't be in May.
"""


def assessment(**changes) -> Assessment:
    fields = {
        "scores": dict.fromkeys(PILLARS, 80),
        "feedback": dict.fromkeys(PILLARS, PillarFeedback("good", "bad")),
        "evidence": (),
    }
    return Assessment(**{**fields, **changes})


@pytest.mark.parametrize(
    "quote",
    [
        "good morning we'd replace",
        "DON’T KNOW",
        "the follow up filter",
        "follow-up filter for 1200",
        "I understand the filter is fine",
        "I don't know ... the filter is fine",
        "it wont be in may",
    ],
)
def test_case_and_marks_do_not_matter(make, quote: str) -> None:
    assert QuoteFinder(make(TALK)).find(quote) is not None


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "...",
        "the filter is broken",
        "fine is filter the",
        "filter",
        "I don't know the price",
        "May ... Good morning",
    ],
)
def test_words_that_were_not_said_are_not_found(make, quote: str) -> None:
    assert QuoteFinder(make(TALK)).find(quote) is None


def test_the_occurrence_nearest_to_the_claimed_time_counts(make) -> None:
    finder = QuoteFinder(make(TALK, start_seconds=500.0))
    first, last = finder.find("the filter is fine", 500.0), finder.find("the filter is fine", 900.0)
    assert first is not None
    assert last is not None
    assert 500.0 < first.start_seconds < last.start_seconds
    assert last.end_seconds > last.start_seconds


def test_a_lone_word_counts_at_its_own_time_only(make) -> None:
    finder = QuoteFinder(make(TALK))
    heard = finder.find("good", 0.2)
    assert heard
    assert finder.find("good", 60.0) is None


def test_times_are_those_of_the_words(make) -> None:
    day = make(TALK, start_seconds=1000.0)
    checked = verify(assessment(evidence=(Evidence("clarity: x", "we'd replace", 3.0, 4.0),)), day).assessment
    item = checked.evidence[0]
    words = {w.text: w for w in day.words}
    assert (item.start_seconds, item.end_seconds) == (words["we'd"].start_seconds, words["replace"].end_seconds)
    assert item.quote == "we'd replace"


def test_what_was_not_said_is_dropped_and_counted(make) -> None:
    checked = verify(
        assessment(
            evidence=(Evidence("clarity: x", "we'd replace", 0, 1), Evidence("close: y", "please sign here", 0, 1)),
            objections=(
                StatedObjection("price", "that's a lot of money", 0, 1, "we have cheap loans", 2, handled=True),
                StatedObjection("trust", "i never heard of you", 0, 1),
            ),
            next_steps=(StatedStep("call", "rep", "Monday", "i'll call on monday", 0, 1),),
            playbook_points=(
                PlaybookPoint("Offer a loan.", "yes", "we have cheap loans", 0, 1),
                PlaybookPoint("Name the filter.", "yes", "replace the follow-up filter", 0, 1),
                PlaybookPoint("Ask who decides.", "no"),
            ),
        ),
        make(TALK),
    )
    kept = checked.assessment
    assert [e.claim for e in kept.evidence] == ["clarity: x"]
    assert [(o.kind, o.response, o.handled) for o in kept.objections] == [("price", None, None)]
    assert kept.objections[0].start_seconds > 0
    assert kept.next_steps == ()
    assert [p.covered for p in kept.playbook_points] == ["unclear", "yes", "no"]
    # close quote, false response, trust objection, next step, playbook quote, and five scores that no quote carries
    assert checked.unverified_claims == 5 + 5
    assert kept.scores == {**dict.fromkeys(PILLARS, NEUTRAL_SCORE), "clarity": 80}
    assert kept.feedback["close"] == PillarFeedback(None, None)
    assert kept.feedback["clarity"] == PillarFeedback("good", "bad")


def test_scores_are_held_to_their_range(make) -> None:
    evidence = tuple(Evidence(f"{p}: x", "we'd replace", 0, 1) for p in PILLARS)
    wild = dict(zip(PILLARS, (-5, 130, 0, 100, 50, 77), strict=True))
    kept = verify(assessment(scores=wild, evidence=evidence), make(TALK)).assessment
    assert list(kept.scores.values()) == [0, 100, 0, 100, 50, 77]


def test_a_score_of_counted_figures_needs_no_quote(make) -> None:
    kept = verify(assessment(counted=frozenset({"delivery"})), make(TALK)).assessment
    assert kept.scores["delivery"] == 80
    assert kept.scores["clarity"] == NEUTRAL_SCORE
