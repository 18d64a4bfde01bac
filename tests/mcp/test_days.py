"""Days, analyses and playbooks through the tools, with the service working beside them on the same data."""

from __future__ import annotations

import time
from typing import Any

import httpx2
import pytest

pytestmark = pytest.mark.anyio


async def test_a_made_up_day_goes_all_the_way(opened: Any, sandbox_key: str) -> None:
    async with opened(sandbox_key) as tools:
        accepted = await tools.call(
            "submit_day",
            org_id="tools-org",
            rep_id="rep-1",
            recording_url="mock://three-conversations",
            metadata={"shift": "early"},
        )
        assert set(accepted) == {"id", "status", "created_at"}
        assert accepted["status"] == "queued"
        day = await tools.wait(accepted["id"])
        assert day["status"] == "completed"
        assert day["metadata"] == {"shift": "early"}
        assert day["segments_analyzed"] == 3

        whole = await tools.call("read_day", session_id=day["id"])
        assert whole["timeline"][0]["start_seconds"] == 0
        assert whole["timeline"][-1]["end_seconds"] == pytest.approx(day["duration_seconds"], abs=0.01)
        for before, after in zip(whole["timeline"], whole["timeline"][1:], strict=False):
            assert before["end_seconds"] == after["start_seconds"]
        assert whole["next_start_seconds"] is None

        segment = day["segments"][1]
        part = await tools.call("read_day", session_id=day["id"], segment_id=segment["id"])
        assert part["start_seconds"] == pytest.approx(segment["start_seconds"], abs=0.01)
        assert 0 < len(part["transcript"]) < len(whole["transcript"])

        analysis = await tools.call("read_analysis", analysis_id=segment["analysis_id"])
        assert analysis["status"] == "completed"
        assert analysis["parent_session_id"] == day["id"]
        assert analysis["transcript"] is None
        assert 0 <= analysis["analysis"]["overall_score"] <= 100
        spoken = await tools.call("read_analysis", analysis_id=segment["analysis_id"], include_transcript=True)
        assert spoken["transcript"]["word_count"] > 20


async def test_a_long_transcript_is_read_in_windows(over_http: Any, sandbox_key: str, submitted: str) -> None:
    async with over_http(sandbox_key) as tools:
        whole = await tools.call("read_day", session_id=submitted)
        pieces, at = [], 0.0
        while at is not None:
            piece = await tools.call("read_day", session_id=submitted, start_seconds=at, max_characters=1000)
            assert piece["next_start_seconds"] is None or piece["next_start_seconds"] > at
            pieces.append(piece["transcript"])
            at = piece["next_start_seconds"]
        assert len(pieces) > 2
        assert _words("".join(pieces)) == _words(whole["transcript"])


async def test_a_segment_is_analysed_again_with_another_playbook(
    over_http: Any, sandbox_key: str, submitted: str
) -> None:
    async with over_http(sandbox_key) as tools:
        playbook = await tools.call("create_playbook", org_id="tools-org", content="# Ask for the roof's age", name="A")
        day = await tools.call("get_day", session_id=submitted)
        segment = day["segments"][0]
        handle = await tools.call(
            "analyze_segment", session_id=day["id"], segment_id=segment["id"], playbook_id=playbook["id"]
        )
        assert handle["id"] != segment["analysis_id"]
        again = await tools.wait_for_analysis(handle["id"])
        assert again["status"] == "completed"
        assert again["playbook_id"] == playbook["id"]
        refusal = await tools.refused("analyze_segment", session_id=day["id"], segment_id=day["id"])
        assert refusal["code"] == "segment_not_found"


async def test_a_day_is_corrected_once(over_http: Any, sandbox_key: str, submitted: str) -> None:
    async with over_http(sandbox_key) as tools:
        day = await tools.call("get_day", session_id=submitted)
        last = day["segments"][-1]
        changes = [{"op": "relabel", "segment_id": last["id"], "kind": "internal"}]
        corrected = await tools.call("correct_day", session_id=day["id"], revision=day["revision"], changes=changes)
        assert corrected["revision"] == day["revision"] + 1
        assert last["id"] not in [segment["id"] for segment in corrected["segments"]]
        stale = await tools.refused("correct_day", session_id=day["id"], revision=day["revision"], changes=changes)
        assert stale["code"] == "invalid_state"
        wrong = await tools.refused("correct_day", session_id=day["id"], revision=9, changes=[{"op": "paint"}])
        assert wrong["code"] == "invalid_enum"


async def test_days_are_listed_in_pages(over_http: Any, sandbox_key: str) -> None:
    async with over_http(sandbox_key) as tools:
        made = []
        for _ in range(3):
            accepted = await tools.call("submit_day", org_id="list-org", rep_id="r", recording_url="mock://single-call")
            made.append(accepted["id"])
        first = await tools.call("list_days", org_id="list-org", limit=2)
        rest = await tools.call("list_days", org_id="list-org", limit=2, cursor=first["next_cursor"])
        assert [day["id"] for day in first["data"] + rest["data"]] == made[::-1]
        assert rest["next_cursor"] is None
        wrong = await tools.refused("list_days", org_id="other", limit=2, cursor=first["next_cursor"])
        assert wrong["code"] == "invalid_request"


async def test_a_change_makes_a_version_and_leaves_the_rest(over_http: Any, service: Any) -> None:
    service.post("/v1/orgs", {"org_id": "pb-org", "name": "Playbooks"})
    async with over_http(service.key) as tools:
        made = await tools.call("create_playbook", org_id="pb-org", content="one", name="First")
        assert made["version"] == 1
        changed = await tools.call(
            "update_playbook", org_id="pb-org", playbook_id=made["id"], changes={"content": "two"}
        )
        assert (changed["version"], changed["content"], changed["name"]) == (2, "two", "First")
        renamed = await tools.call("update_playbook", org_id="pb-org", playbook_id=made["id"], changes={"name": "New"})
        assert (renamed["version"], renamed["content"], renamed["name"]) == (3, "two", "New")
        read = await tools.call("read_playbook", org_id="pb-org", playbook_id=made["id"])
        assert read == renamed
        listed = await tools.call("list_playbooks", org_id="pb-org", is_active=True)
        assert [row["id"] for row in listed["data"]] == [made["id"]]
        assert "content" not in listed["data"][0]


async def test_what_is_not_there_has_the_contracts_code(over_http: Any, service: Any) -> None:
    async with over_http(service.key) as tools:
        assert (await tools.refused("list_playbooks", org_id="nobody"))["code"] == "org_not_found"
        error = await tools.refused("create_playbook", org_id="pb-org", content="")
        assert error["code"] == "invalid_request"
        assert error["details"]["field"] == "content"
        error = await tools.refused("update_playbook", org_id="pb-org", playbook_id="x", changes={"colour": "red"})
        assert error["code"] == "invalid_request"
        assert "colour" in error["message"]


def _words(transcript: str) -> list[str]:
    lines = [line.split("] ", 1)[1] for line in transcript.splitlines()]
    return [word for line in lines for word in line.split() if not word.endswith(":")]


@pytest.fixture(scope="module")
def submitted(service: Any, sandbox_key: str) -> str:
    """A finished made-up day that was submitted over the REST API."""
    with httpx2.Client(base_url=service.base_url, headers={"Authorization": f"Bearer {sandbox_key}"}) as web:
        body = {"org_id": "tools-org", "rep_id": "rep-1", "recording_url": "mock://three-conversations"}
        session_id = web.post("/v1/all-day-sessions", json=body).raise_for_status().json()["id"]
        for _ in range(300):
            if web.get(f"/v1/all-day-sessions/{session_id}").json()["status"] == "completed":
                return session_id
            time.sleep(0.1)
    raise AssertionError("the made-up day did not end")
