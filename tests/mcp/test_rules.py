"""Keys, scopes, environments, tenants, addresses and shapes: the rules are those of the REST API."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx2
import pytest

pytestmark = pytest.mark.anyio


async def test_addresses_are_judged_before_anything_is_written(over_http: Any, service: Any, sandbox_key: str) -> None:
    async with over_http(service.key) as tools:
        for url, code in (
            ("http://example.com/a.mp3", "invalid_url"),
            ("https://10.0.0.1/a.mp3", "invalid_recording_url"),
            ("https://169.254.169.254/latest", "invalid_recording_url"),
            ("mock://single-call", "key_environment_mismatch"),
        ):
            error = await tools.refused("submit_day", org_id="o", rep_id="r", recording_url=url)
            assert error["code"] == code, url
        error = await tools.refused(
            "submit_day",
            org_id="o",
            rep_id="r",
            recording_url="https://example.com/a.mp3",
            options={"callback_url": "https://192.168.1.1/hook"},
        )
        assert error["code"] == "invalid_url"
    async with over_http(sandbox_key) as tools:
        error = await tools.refused("submit_day", org_id="o", rep_id="r", recording_url="https://example.com/a.mp3")
        assert error["code"] == "invalid_recording_url"


async def test_shapes_are_refused_by_name(over_http: Any, sandbox_key: str) -> None:
    async with over_http(sandbox_key) as tools:
        error = await tools.refused("submit_day", org_id="o")
        assert (error["code"], error["details"]["field"]) == ("missing_field", "rep_id")
        error = await tools.refused("submit_day", org_id="o", rep_id="r", colour="red")
        assert (error["code"], error["details"]["field"]) == ("invalid_request", "colour")
        error = await tools.refused("submit_day", org_id="o", rep_id="r", options={"colour": "red"})
        assert "options.colour" in error["message"]
        error = await tools.refused("submit_day", org_id="o", rep_id="r")
        assert error["code"] == "invalid_request"
        error = await tools.refused("list_days", status="done")
        assert error["code"] == "invalid_enum"
        error = await tools.refused(
            "submit_day", org_id="o", rep_id="r", recording_url="mock://single-call", metadata={"note": "a\0b"}
        )
        assert error["code"] == "invalid_request"
        assert (await tools.refused("paint_day"))["code"] == "invalid_request"
        assert (await tools.refused("get_day", session_id="nowhere"))["code"] == "session_not_found"


async def test_a_repeated_call_changes_nothing_again(over_http: Any, service: Any, sandbox_key: str) -> None:
    day = {"org_id": "once-org", "rep_id": "r", "recording_url": "mock://single-call", "idempotency_key": "once-1"}
    async with over_http(sandbox_key) as tools:
        first = await tools.call("submit_day", **day)
        assert await tools.call("submit_day", **day) == first
        assert len((await tools.call("list_days", org_id="once-org"))["data"]) == 1
        error = await tools.refused("submit_day", **{**day, "rep_id": "another"})
        assert error["code"] == "idempotency_conflict"
        book = {"org_id": "later-org", "content": "# Later", "idempotency_key": "once-2"}
        for _ in "ab":
            assert (await tools.refused("create_playbook", **book))["code"] == "org_not_found"
            service.post("/v1/orgs", {"org_id": "later-org"})
        book["idempotency_key"] = "once-3"
        made = [await tools.call("create_playbook", **book) for _ in "ab"]
        assert made[0] == made[1]
        change = {"org_id": "later-org", "playbook_id": made[0]["id"], "changes": {"name": "N"}}
        changed = [await tools.call("update_playbook", **change, idempotency_key="once-4") for _ in "ab"]
        assert [row["version"] for row in changed] == [2, 2]
        assert (await tools.refused("submit_day", **{**day, "idempotency_key": "x" * 256}))["code"] == "invalid_request"
    with service.web as web:
        body = {"name": "Rest"}
        answer = web.post("/v1/orgs", json={"org_id": "o", **body}, headers={"Idempotency-Key": "once-4"})
        assert answer.json()["error"]["code"] == "idempotency_conflict"


async def test_another_partner_finds_nothing(over_http: Any, service: Any, sandbox_key: str) -> None:
    async with over_http(sandbox_key) as tools:
        accepted = await tools.call("submit_day", org_id="t-org", rep_id="r", recording_url="mock://single-call")
        day = await tools.wait(accepted["id"])
        page = await tools.call("list_days", limit=1)
    segment = day["segments"][0]
    async with over_http(service.make_key("sandbox", partner="others")) as tools:
        for tool, arguments in (
            ("get_day", {"session_id": day["id"]}),
            ("read_day", {"session_id": day["id"]}),
            ("analyze_segment", {"session_id": day["id"], "segment_id": segment["id"]}),
            ("correct_day", {"session_id": day["id"], "revision": 0, "changes": [_removed(segment["id"])]}),
        ):
            assert (await tools.refused(tool, **arguments))["code"] == "session_not_found", tool
        error = await tools.refused("read_analysis", analysis_id=segment["analysis_id"])
        assert error["code"] == "analysis_not_found"
        assert (await tools.refused("list_playbooks", org_id="t-org"))["code"] == "org_not_found"
        assert (await tools.call("list_days"))["data"] == []
        error = await tools.refused("list_days", limit=1, cursor=page["next_cursor"] or "x")
        assert error["code"] == "invalid_request"
    async with over_http(service.key) as tools:
        error = await tools.refused("get_day", session_id=day["id"])
        assert error["code"] == "key_environment_mismatch"


async def test_a_key_does_what_its_scopes_say(over_http: Any, service: Any) -> None:
    admin = service.make_key("admin")
    with service.admin() as web:
        partner_id = service.rows("select id from partner where name = 'tests'")[0][0]
        body = {"partner_id": partner_id, "environment": "sandbox", "scopes": ["partner:read"]}
        reader = web.post("/v1/admin/api-keys", json=body).raise_for_status().json()
        async with over_http(reader["key"]) as tools:
            await tools.call("list_days")
            error = await tools.refused("submit_day", org_id="o", rep_id="r", recording_url="mock://single-call")
            assert error["code"] == "scope_required"
            web.delete(f"/v1/admin/api-keys/{reader['id']}").raise_for_status()
    async with over_http(admin) as tools:
        assert (await tools.refused("list_days"))["code"] == "scope_required"


async def test_a_revoked_key_stops_at_once(over_stdio: Any, service: Any) -> None:
    key = service.make_key("sandbox")
    async with over_stdio(key) as tools:
        await tools.call("list_days")
        row_id = service.rows("select id from api_key where key_id = ?", key.split("_")[2])[0][0]
        with service.admin() as web:
            web.delete(f"/v1/admin/api-keys/{row_id}").raise_for_status()
        assert (await tools.refused("list_days"))["code"] == "key_revoked"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "authentication_required"),
        ({"Authorization": "Bearer pk_live_nothing"}, "invalid_api_key"),
    ],
)
def test_http_asks_for_a_key_before_reading(http_url: str, headers: dict[str, str], code: str) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    answer = httpx2.post(http_url, json=message, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["request_id"] == answer.headers["X-Request-Id"]


def test_stdio_asks_for_a_key_at_the_start(service: Any) -> None:
    command = [sys.executable, "-m", "dayline", "mcp"]
    done = subprocess.run(command, env=service.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "DAYLINE_API_KEY" in done.stderr
    assert done.stdout == ""


def _removed(segment_id: str) -> dict[str, str]:
    return {"op": "remove", "segment_id": segment_id}
