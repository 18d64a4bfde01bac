"""The same recording from well and badly behaved servers gives the same day."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="module")
def expected(service: Any, recordings: Any, short_visit: bytes) -> Any:
    recordings.files["visit.wav"] = short_visit
    session = service.wait(service.submit(recording_url=f"{recordings.base_url}/range/visit.wav?token=secret"))
    assert session["status"] == "completed", session["error"]
    return service.get(f"/v1/all-day-sessions/{session['id']}/transcript?format=json")


@pytest.mark.parametrize("manner", ["whole", "slow", "cut", "cut-whole"])
def test_manners_of_a_server_do_not_change_the_day(service: Any, recordings: Any, expected: Any, manner: str) -> None:
    recordings.cuts["visit.wav"] = 2
    session = service.wait(service.submit(recording_url=f"{recordings.base_url}/{manner}/visit.wav?token=secret"))

    assert session["status"] == "completed", session["error"]
    transcript = service.get(f"/v1/all-day-sessions/{session['id']}/transcript?format=json")
    assert transcript["utterances"] == expected["utterances"]
    assert service.scratch_files(session["id"]) == []
    assert "token=secret" not in service.log_path.read_text()
