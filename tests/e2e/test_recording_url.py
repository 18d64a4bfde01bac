"""The same recording from well and badly behaved servers gives the same day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.wav import excerpt

SAMPLE_DAY = Path(__file__).parents[2] / "examples/sample-day/day.opus"


@pytest.fixture(scope="module")
def expected(service: Any, recordings: Any) -> Any:
    recordings.files["visit.wav"] = excerpt(SAMPLE_DAY, 96.0, 116.0)
    session = service.wait(service.submit(recording_url=f"{recordings.base_url}/range/visit.wav?token=secret"))
    assert session["status"] == "completed", session["error"]
    transcript = service.get(f"/v1/all-day-sessions/{session['id']}/transcript?format=json")
    assert transcript["utterances"]
    return transcript


@pytest.mark.parametrize("manner", ["whole", "slow", "cut", "cut-whole"])
def test_manners_of_a_server_do_not_change_the_day(service: Any, recordings: Any, expected: Any, manner: str) -> None:
    recordings.cuts["visit.wav"] = 2
    session = service.wait(service.submit(recording_url=f"{recordings.base_url}/{manner}/visit.wav?token=secret"))

    assert session["status"] == "completed", session["error"]
    transcript = service.get(f"/v1/all-day-sessions/{session['id']}/transcript?format=json")
    assert transcript["utterances"] == expected["utterances"]
    assert service.scratch_files(session["id"]) == []
    assert "token=secret" not in service.log_path.read_text()
