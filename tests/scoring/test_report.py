from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayline.domain.analysis import PILLARS, AnalysisTask, AnalystInfo
from dayline.scoring.metrics import measure
from dayline.scoring.quote_verification import verify
from dayline.scoring.report import assemble, overall_score, transcript_json
from dayline.scoring.rubric import RUBRIC_VERSION, RubricAnalyst

NAMES = """
prospect_name recording_title ai_summary ai_summary_v5 double_down questions_asked filler_word_count words_per_minute
overall_score clarity_score influence_score objection_score discovery_score delivery_score close_score feedback_v5
action_plan_v5 organization_prompt_summary organization_feedback talk_ratio longest_monologue_seconds interactivity
patience_seconds objections next_steps offers outcome playbook_points prompt_answers evidence unverified_claims method
limits analyst usage
"""
CONTRACT_NAMES = set(NAMES.split())


def analysed(transcript, rep: str | None = "rep", **task) -> dict[str, Any]:
    analyst = RubricAnalyst()
    verified = verify(analyst.analyze(transcript, AnalysisTask(rep_label=rep, **task)), transcript)
    return assemble(transcript, verified, measure(transcript, rep), analyst.info, {"wall_seconds": 0.2})


@settings(deadline=None)
@given(st.lists(st.integers(0, 100), min_size=6, max_size=6))
def test_the_overall_score_is_the_rounded_mean(values) -> None:
    score = overall_score(dict(zip(PILLARS, values, strict=True)))
    assert abs(score - sum(values) / 6) <= 0.5
    assert 0 <= score <= 100


def test_a_half_is_rounded_up() -> None:
    assert overall_score(dict(zip(PILLARS, (53, 50, 50, 50, 50, 50), strict=True))) == 51


def test_the_object_has_exactly_the_contract_names(dialogue, make) -> None:
    result = analysed(make(dialogue("strong_roofing")))
    assert set(result) == CONTRACT_NAMES
    assert result["ai_summary"] == result["ai_summary_v5"] != ""
    assert set(result["feedback_v5"]) == set(PILLARS)
    assert all(set(f) == {"positive", "negative"} for f in result["feedback_v5"].values())
    assert set(result["action_plan_v5"]) == {
        "double_down_implementation",
        "general_communication_improvement",
        "quoted_principle",
    }
    assert result["overall_score"] == overall_score({p: result[f"{p}_score"] for p in PILLARS})
    assert result["analyst"] == {"engine": "rubric", "model": "dayline-rubric", "version": RUBRIC_VERSION}
    assert result["usage"]["wall_seconds"] == 0.2
    assert result["usage"]["input_tokens"] == 0
    assert result["unverified_claims"] == 0


@pytest.mark.parametrize("text", ["", "rep: hello", "cus: um"])
def test_an_almost_empty_talk_still_gives_a_whole_object(make, text) -> None:
    result = analysed(make(text))
    assert set(result) == CONTRACT_NAMES
    assert result["recording_title"]
    assert result["overall_score"] == 50
    assert result["double_down"] is None
    assert result["prospect_name"] is None
    json.dumps(result, allow_nan=False)


def test_without_speakers_nothing_about_speakers_is_said(dialogue, make) -> None:
    result = analysed(make(dialogue("strong_pest"), labels=False), rep=None)
    assert result["talk_ratio"] is None
    assert result["patience_seconds"] is None
    assert "not told apart: requests and objections are not looked for" in result["limits"]
    assert result["objections"] == []
    assert "the customer said" not in json.dumps(result)
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(
    ("rep", "limit"), [(None, "Which voice is the rep's is not known"), ("rep", "Only the rep's voice was told apart")]
)
def test_limits_say_whose_voice_is_not_known(dialogue, make, rep, limit) -> None:
    text = dialogue("strong_pest")
    if rep:
        text = "\n".join(line for line in text.splitlines() if line.startswith("rep:"))
    result = analysed(make(text), rep=rep)
    assert limit in result["limits"]
    assert result["objections"] == []


def test_the_transcript_keeps_the_clock_of_its_recording(dialogue, make) -> None:
    day = make(dialogue("strong_pest"), start_seconds=7200.0)
    part = day.slice(7210.0, 7260.0)
    written: dict[str, Any] = transcript_json(part)
    assert set(written) == {"text", "utterances", "words", "word_count", "duration_seconds"}
    assert written["duration_seconds"] == 50.0
    assert written["word_count"] == len(written["words"]) == part.word_count
    assert all(7210.0 <= w["start"] <= w["end"] <= 7260.5 for w in written["words"])
    first = written["utterances"][0]
    assert set(first) == {"start", "end", "speaker", "transcript", "text"}
    assert first["text"] == first["transcript"]
    assert set(written["words"][0]) == {"word", "start", "end", "confidence", "speaker"}


def test_a_transcript_without_words_counts_them_in_its_text(make) -> None:
    written = transcript_json(make("rep: three small words", words=False))
    assert written["words"] == []
    assert written["word_count"] == 3


def test_info_is_passed_through(make) -> None:
    transcript = make("")
    verified = verify(RubricAnalyst().analyze(transcript, AnalysisTask(rep_label=None)), transcript)
    result = assemble(transcript, verified, measure(transcript, None), AnalystInfo("openai", "m-1", "2"))
    assert result["analyst"] == {"engine": "openai", "model": "m-1", "version": "2"}


def test_evidence_says_what_it_bears_on(dialogue, make) -> None:
    result = analysed(make(dialogue("strong_roofing")), playbook="- Ask who decides.")
    about = [e["about"] for e in result["evidence"]]
    close = next(a for a in about if a.get("pillar") == "close" and a["component"] == "asks")
    assert 0 < close["points"] <= 100
    assert {"outcome": "follow_up", "component": None, "points": None} in about
    assert any("playbook" in a for a in about)
