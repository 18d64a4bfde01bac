"""The main job on real sound: the conversations of both example days are found, and nothing else."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.mark.parametrize("name", ["sample-day", "sibling-day"])
def test_every_customer_conversation_of_the_day_is_found_and_nothing_else(
    start_service: Any, upload_file: Any, overlap: Any, tiny_whisper: dict[str, str], name: str
) -> None:
    truth = json.loads((EXAMPLES / name / "truth.json").read_text())
    customers = [(s["start_seconds"], s["end_seconds"]) for s in truth["segments"] if s["kind"] == "customer"]
    service = start_service(**tiny_whisper)
    key = upload_file(service, "day.opus", (EXAMPLES / name / "day.opus").read_bytes())

    session = service.wait(service.submit(file_key=key), seconds=400)

    assert session["status"] == "completed", session["error"]
    passed = datetime.fromisoformat(session["completed_at"]) - datetime.fromisoformat(session["created_at"])
    for stage, seconds in session["usage"]["wall_seconds"].items():
        assert 0 <= seconds <= passed.total_seconds(), stage
    found = [(s["start_seconds"], s["end_seconds"]) for s in session["segments"]]
    assert len(found) == len(customers), found
    for truth_stretch, found_stretch in zip(customers, found, strict=True):
        assert overlap(truth_stretch, found_stretch) >= 0.8, (truth_stretch, found_stretch)
    timeline = service.get(f"/v1/all-day-sessions/{session['id']}/timeline")["stretches"]
    assert timeline[0]["start_seconds"] == 0
    assert timeline[-1]["end_seconds"] == pytest.approx(session["duration_seconds"], abs=0.01)
    for before, after in itertools.pairwise(timeline):
        assert before["end_seconds"] == after["start_seconds"]
    labels = {"customer": "customer", "internal": "internal", "personal": "personal", "radio": "broadcast"}
    for talk in truth["segments"]:
        middle = (talk["start_seconds"] + talk["end_seconds"]) / 2
        (said_label,) = [i["label"] for i in timeline if i["start_seconds"] <= middle < i["end_seconds"]]
        assert said_label == labels[talk["kind"]], talk["title"]
    for segment in session["segments"]:
        assert segment["status"] == "analyzed"
        assert segment["reasons"]
        analysis = service.get(f"/v1/analyses/{segment['analysis_id']}")
        assert analysis["parent_session_id"] == session["id"]
        assert analysis["analysis"]["evidence"]
        said = " ".join(w["word"] for w in analysis["transcript"]["words"])
        for evidence in analysis["analysis"]["evidence"]:
            assert evidence["quote"] in said
            assert segment["start_seconds"] - 1 <= evidence["start_seconds"] <= evidence["end_seconds"]
            assert evidence["end_seconds"] <= segment["end_seconds"] + 1
    assert session["rollup"]["conversations"] == len(customers)
    assert service.scratch_files() == []
