from __future__ import annotations

import pytest

from dayline.detection import detect
from dayline.domain.analysis import PILLARS, AnalysisTask
from dayline.domain.errors import InvalidRecording
from dayline.domain.transcript import Transcript
from dayline.scoring.quote_verification import verify
from dayline.scoring.rubric import RubricAnalyst
from dayline.workflows.sandbox.scripts import CALLS, DAYS, mock_call, mock_day

THRESHOLD = 0.8
READABLE_DAYS = tuple(name for name in DAYS if name != "failing-recording")

VISITS = {
    "three-conversations": [(870.0, 1128.0), (2105.0, 2363.0), (4050.0, 4244.0)],
    "no-conversation": [],
    "single-call": [(4.0, 259.0)],
    "back-to-back": [(90.0, 252.0), (260.0, 410.0)],
}
"""Where the customers are on each day, in seconds, as the scripts have them."""


def score(name: str) -> float:
    assessment = RubricAnalyst().analyze(mock_call(f"mock://{name}"), AnalysisTask(rep_label="REP"))
    return sum(assessment.scores.values()) / len(PILLARS)


def read(name: str) -> Transcript:
    return mock_day(f"mock://{name}") if name in DAYS else mock_call(f"mock://{name}")


@pytest.mark.parametrize("name", VISITS)
def test_a_day_holds_the_customers_that_its_name_promises(name) -> None:
    found = [c for c in detect(mock_day(f"mock://{name}")).customers if c.confidence >= THRESHOLD]
    assert len(found) == len(VISITS[name])
    for conversation, (start, end) in zip(found, VISITS[name], strict=True):
        assert conversation.start_seconds == pytest.approx(start, abs=10)
        assert conversation.end_seconds == pytest.approx(end, abs=10)


@pytest.mark.parametrize("name", READABLE_DAYS)
def test_nothing_else_is_nearly_a_customer(name) -> None:
    unsure = [c for c in detect(mock_day(f"mock://{name}")).customers if c.confidence < THRESHOLD]
    assert unsure == []


@pytest.mark.parametrize("name", [*READABLE_DAYS, *CALLS])
def test_scripts_could_be_spoken(name) -> None:
    said = read(name)
    assert said.utterances
    clock = 0.0
    for line in said.utterances:
        assert clock <= line.start_seconds < line.end_seconds <= said.duration_seconds
        assert 0.15 < (line.end_seconds - line.start_seconds) / len(line.words) < 0.8
        assert line.speaker == "REP" or (line.speaker or "").startswith("SPEAKER_")
        clock = line.end_seconds


def test_the_pitches_differ_clearly() -> None:
    perfect, average, poor = (score(name) for name in CALLS)
    assert perfect >= average + 12
    assert average >= poor + 12


@pytest.mark.parametrize("name", CALLS)
def test_every_quote_about_a_pitch_stands_in_it(name) -> None:
    said = mock_call(f"mock://{name}")
    assessment = RubricAnalyst().analyze(said, AnalysisTask(rep_label="REP"))
    assert verify(assessment, said).unverified_claims == 0


def test_the_pitches_end_as_told() -> None:
    outcomes = [RubricAnalyst().analyze(mock_call(f"mock://{n}"), AnalysisTask(rep_label="REP")).outcome for n in CALLS]
    assert outcomes == ["sale", "follow_up", "no_sale"]


def test_the_failing_day_says_why() -> None:
    with pytest.raises(InvalidRecording, match="as its name says"):
        mock_day("mock://failing-recording")


@pytest.mark.parametrize("read_it", [mock_day, mock_call])
def test_unknown_names_are_refused_with_the_known_ones(read_it) -> None:
    with pytest.raises(InvalidRecording, match=r"mock://no-such-day.*There are: mock://"):
        read_it("mock://no-such-day")
