"""The client against a running service, with an integrator's first tasks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from dayline_client import ApiError, Dayline, JobFailed

from tests.running_service import RunningService

SUBMISSION = {"org_id": "acme", "rep_id": "dana"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    environment = {"DAYLINE_ALLOW_NETWORKS": "127.0.0.1", "DAYLINE_ALLOW_HTTP": "true"}
    service = RunningService(tmp_path_factory.mktemp("client") / "data", environment)
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture(scope="module")
def operator(running: RunningService) -> Iterator[Dayline]:
    with Dayline(running.base_url, running.make_key("admin")) as made:
        yield made


@pytest.fixture(scope="module")
def partner(operator: Dayline) -> Any:
    return operator.admin.create_partner(name="Kestrel", contact_email="ops@example.com", plan_tier="growth")


@pytest.fixture(scope="module")
def sandbox(running: RunningService, operator: Dayline, partner: Any) -> Iterator[Dayline]:
    key = operator.admin.create_key(partner_id=partner["id"], environment="sandbox")["key"]
    assert key is not None
    with Dayline(running.base_url, key) as made:
        yield made


@pytest.fixture(scope="module")
def day(sandbox: Dayline) -> Any:
    return sandbox.submit_and_wait(
        org_id="acme", rep_id="dana", recording_url="mock://three-conversations", timeout_seconds=60
    )


def test_a_day_in_one_call(day) -> None:
    assert day["status"] == "completed"
    assert day["segments_detected"] == day["segments_analyzed"] == 3
    assert day["rollup"]["conversations"] == 3
    assert [segment["kind"] for segment in day["segments"]] == ["customer"] * 3


def test_the_parts_of_a_day(sandbox, day) -> None:
    second = day["segments"][1]
    assert sandbox.sessions.segments(day["id"])["data"] == day["segments"]
    stretches = sandbox.sessions.timeline(day["id"])["stretches"]
    assert stretches[0]["start_seconds"] == 0
    assert math.isclose(stretches[-1]["end_seconds"], day["duration_seconds"])
    assert {"customer", "silence"} < {stretch["label"] for stretch in stretches}
    said = sandbox.sessions.transcript(day["id"], segment=second["id"])
    assert "guitars" in said["text"]
    assert "Okafor" not in said["text"]
    assert sandbox.sessions.captions(day["id"], format="vtt").startswith("WEBVTT")
    assert "guitars" in sandbox.sessions.captions(day["id"], format="txt", segment=second["id"])
    peaks = sandbox.sessions.waveform(day["id"])["peaks"]
    assert max(peaks) > 0, "scripted days have a waveform too"


def test_analyses_of_a_day_are_listed_page_by_page(sandbox, day) -> None:
    listing = sandbox.analyses.list(parent_session_id=day["id"], limit=2)
    found = [*listing]
    assert {row["id"] for row in found} == {segment["analysis_id"] for segment in day["segments"]}
    first = sandbox.analyses.get(found[0]["id"])
    assert first["analysis"] is not None
    assert 0 <= first["analysis"]["overall_score"] <= 100
    assert day["id"] in {row["id"] for row in sandbox.sessions.list(org_id="acme", status="completed")}


def test_what_happened_can_be_followed_afterwards(sandbox, day) -> None:
    events = [*sandbox.sessions.follow(day["id"])]
    named = [event["event"] for event in events if event["id"]]
    assert named[:2] == ["all_day_session.processing_started", "all_day_session.detected"]
    assert named.count("analysis.completed") == 3
    assert events[-1]["event"] == "end"
    resumed = [*sandbox.sessions.follow(day["id"], last_event_id=events[1]["id"])]
    assert len(resumed) < len(events)


def test_a_day_is_corrected_looked_at_again_and_deleted(sandbox) -> None:
    day = sandbox.submit_and_wait(**SUBMISSION, recording_url="mock://back-to-back", timeout_seconds=60)
    first = day["segments"][0]
    wanted = {"op": "adjust", "segment_id": first["id"], "title": "Teresa at the fair"}
    corrected = sandbox.sessions.correct(day["id"], revision=0, changes=[wanted])
    assert corrected["revision"] == 1
    with pytest.raises(ApiError, match="invalid_state"):
        sandbox.sessions.correct(day["id"], revision=0, changes=[wanted])
    assert [row["number"] for row in sandbox.sessions.revisions(day["id"])["data"]] == [1, 0]
    assert sandbox.sessions.revision(day["id"], 0)["segments"] == day["segments"]
    second = day["segments"][1]
    again = sandbox.sessions.analyze_segment(day["id"], second["id"], prompt_overrides=[])
    assert sandbox.analyses.wait(again["id"], timeout_seconds=60)["parent_session_id"] == day["id"]
    receipt = sandbox.sessions.delete(day["id"])
    assert receipt["rows"]
    with pytest.raises(ApiError, match="session_not_found"):
        sandbox.sessions.get(day["id"])


def test_a_failing_day_fails_by_its_code_and_can_be_retried(sandbox) -> None:
    with pytest.raises(JobFailed) as caught:
        sandbox.submit_and_wait(**SUBMISSION, recording_url="mock://failing-recording", timeout_seconds=60)
    assert caught.value.code == "invalid_recording_url"
    session_id = caught.value.job["id"]
    assert sandbox.sessions.retry(session_id)["status"] == "queued"
    with pytest.raises(JobFailed):
        sandbox.wait(session_id, timeout_seconds=60)


def test_the_same_idempotency_key_submits_once(sandbox) -> None:
    request = {**SUBMISSION, "recording_url": "mock://no-conversation"}
    first = sandbox.sessions.submit(idempotency_key="monday", **request)
    assert sandbox.sessions.submit(idempotency_key="monday", **request) == first
    assert sandbox.wait(first["id"], timeout_seconds=60)["segments_detected"] == 0


def test_a_single_pitch(sandbox) -> None:
    scores = []
    for name in ("perfect", "poor"):
        done = sandbox.analyses.submit_and_wait(
            **SUBMISSION, recording_url=f"mock://{name}-pitch", timeout_seconds=60, metadata={"name": name}
        )
        assert done["metadata"] == {"name": name}
        scores.append(done["analysis"]["overall_score"])
    assert scores[0] > scores[1] + 12


def test_orgs_playbooks_and_prompts(sandbox) -> None:
    assert sandbox.orgs.put(org_id="o:1", name="Org", pii_policy={"retain_transcript_days": 30})["name"] == "Org"
    assert sandbox.orgs.put_rep("o:1", rep_id="r.1", email="r@example.com")["email"] == "r@example.com"
    assert sandbox.orgs.get_rep("o:1", "r.1")["has_voice"] is False
    assert [rep["rep_id"] for rep in sandbox.orgs.list_reps("o:1")] == ["r.1"]
    assert "o:1" in {org["org_id"] for org in sandbox.orgs.list()}
    with pytest.raises(ApiError) as no_voice:
        sandbox.orgs.get_voice("o:1", "r.1")
    assert no_voice.value.status == 404
    book = sandbox.playbooks.create("o:1", content="# Ask first", name="Basics")
    changed = sandbox.playbooks.change("o:1", book["id"], content="# Ask first, then tell")
    assert (changed["version"], changed["name"]) == (2, "Basics")
    assert [row["version"] for row in sandbox.playbooks.versions("o:1", book["id"])] == [2, 1]
    assert sandbox.playbooks.version("o:1", book["id"], 1)["content"] == "# Ask first"
    assert [row["id"] for row in sandbox.playbooks.list("o:1", is_active=True)] == [book["id"]]
    sandbox.playbooks.delete("o:1", book["id"])
    with pytest.raises(ApiError, match="playbook_not_found"):
        sandbox.playbooks.get("o:1", book["id"])
    prompt = sandbox.prompts.create("o:1", title="Price", prompt_content="Was a price named?")
    assert sandbox.prompts.change("o:1", prompt["id"], is_active=False)["is_active"] is False
    sandbox.prompts.delete("o:1", prompt["id"])
    assert [*sandbox.prompts.list("o:1")] == []


def test_webhooks_and_their_log(sandbox, receiver) -> None:
    hook = sandbox.webhooks.create(url=receiver.url, enabled_events=["webhook.test", "all_day_session.completed"])
    assert (hook["signing_secret"] or "").startswith("whsec_")
    fired = sandbox.webhooks.test(hook["id"])
    receiver.wait_for("webhook.test")
    log = [*sandbox.webhooks.deliveries(hook["id"])]
    assert [row["event_id"] for row in log] == [fired["event_id"]]
    assert sandbox.webhooks.rotate_secret(hook["id"])["signing_secret"] != hook["signing_secret"]
    assert sandbox.webhooks.replay(hook["id"], since="2026-01-01T00:00:00Z")["count"] >= 0
    assert sandbox.webhooks.change(hook["id"], is_active=False)["disabled_reason"]
    sandbox.webhooks.delete(hook["id"])
    assert hook["id"] not in {row["id"] for row in sandbox.webhooks.list()}
    secret = sandbox.webhooks.callback_secret()["signing_secret"]
    assert sandbox.webhooks.rotate_callback_secret()["signing_secret"] != secret


def test_an_upload_goes_in_as_it_is(running, operator, partner, tmp_path) -> None:
    scopes = ["partner:read", "partner:write", "uploads:write"]
    key = operator.admin.create_key(partner_id=partner["id"], environment="production", scopes=scopes)
    assert key["key"] is not None
    path = tmp_path / "day.wav"
    path.write_bytes(bytes(range(256)) * 9000)
    with Dayline(running.base_url, key["key"], partner_id=partner["id"]) as live:
        file_key = live.upload(path)
        stored = running.folder / "objects" / file_key
        assert stored.read_bytes() == path.read_bytes()
        operator.admin.suspend_partner(partner["id"])
        with pytest.raises(ApiError) as suspended:
            live.sessions.list().page()
        assert suspended.value.status in (401, 403)
        assert operator.admin.resume_partner(partner["id"])["suspended_at"] is None
        live.sessions.list().page()
        operator.admin.revoke_key(key["id"])
        with pytest.raises(ApiError, match="key_revoked"):
            live.sessions.list().page()


def test_the_state_of_the_service(sandbox) -> None:
    assert sandbox.service.health()["status"] == "ok"
    assert sandbox.service.ready()["status"] == "ready"
    assert "dayline_sessions" in sandbox.service.metrics()
