"""Requests of the client: sending, retries, errors, pagination."""

from __future__ import annotations

import datetime
from email.utils import format_datetime
from urllib.parse import unquote

import pytest
from dayline_client import ApiError, ConnectionFailed, Dayline, InvalidResponse, JobFailed, RetryPolicy, WaitedTooLong

TAKEN = {"id": "s-1", "status": "queued", "created_at": "2026-11-22T08:00:00+00:00"}


def refusal(code: str, **details) -> dict:
    return {
        "error": {
            "code": code,
            "message": f"It is {code}.",
            "request_id": "req_1",
            "doc_url": f"https://example.com/docs/errors/{code}",
            "details": details,
        }
    }


def submit(client: Dayline, **more):
    return client.sessions.submit(org_id="o", rep_id="r", recording_url="https://example.com/day.mp3", **more)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_service_is_asked_again_with_the_same_idempotency_key(client, server, scripted, status) -> None:
    server.script = [scripted(status, refusal("unavailable")), scripted(status, b"<html>"), scripted(202, TAKEN)]
    assert submit(client)["id"] == "s-1"
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert [asked.body for asked in server.asked] == [server.asked[0].body] * 3


def test_broken_connections_are_taken_up_again(client, server, scripted) -> None:
    server.script = [scripted(cut=True), scripted(cut=True), scripted(202, TAKEN)]
    assert submit(client)["id"] == "s-1"
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1


def test_a_twin_that_is_still_at_work_is_waited_for(client, server, scripted) -> None:
    server.script = [scripted(409, refusal("idempotency_in_progress")), scripted(202, TAKEN)]
    assert submit(client)["id"] == "s-1"


def test_every_request_has_a_key_of_its_own_unless_one_is_given(client, server, scripted) -> None:
    server.otherwise = scripted(202, TAKEN)
    submit(client)
    submit(client)
    submit(client, idempotency_key="my-own")
    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert len(set(keys)) == 3
    assert keys[2] == "my-own"


def test_a_refusal_is_not_sent_again_and_tells_everything(client, server, scripted) -> None:
    server.script = [scripted(409, refusal("invalid_state", status="queued"))]
    with pytest.raises(ApiError) as caught:
        client.sessions.retry("s-1")
    error = caught.value
    assert (error.code, error.status, error.request_id) == ("invalid_state", 409, "req_1")
    assert error.doc_url is not None
    assert error.doc_url.endswith("/invalid_state")
    assert error.details == {"status": "queued"}
    assert len(server.asked) == 1


def test_the_last_failure_is_raised_when_patience_ends(client, server, scripted) -> None:
    server.otherwise = scripted(503, refusal("unavailable"))
    with pytest.raises(ApiError, match="unavailable"):
        client.sessions.get("s-1")
    assert len(server.asked) == 4
    server.otherwise = scripted(cut=True)
    with pytest.raises(ConnectionFailed, match="4 attempts"):
        client.sessions.get("s-1")


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_longer_than_patience_is_not_waited_for(client, server, scripted, form) -> None:
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    asked = "3600" if form == "seconds" else format_datetime(later, usegmt=True)
    server.otherwise = scripted(429, refusal("rate_limited"), {"Retry-After": asked})
    with pytest.raises(ApiError) as caught:
        client.sessions.get("s-1")
    assert caught.value.retry_after_seconds == pytest.approx(3600, abs=30)
    assert len(server.asked) == 1


def test_retry_after_goes_before_the_growing_pause(server, scripted) -> None:
    # A pause of its own would be far longer than the test: it passes because the service's word counts.
    retry_policy = RetryPolicy(attempts=2, first_wait_seconds=3600, longest_wait_seconds=3600)
    server.script = [scripted(503, refusal("unavailable"), {"Retry-After": "0"}), scripted(200, TAKEN)]
    with Dayline(server.base_url, "pk_sandbox_a_b", retry_policy=retry_policy) as client:
        assert client.sessions.get("s-1")["id"] == "s-1"


def test_errors_of_strangers_are_not_repeated(client, server, scripted) -> None:
    server.otherwise = scripted(403, b"<h1>secret words of a proxy</h1>")
    with pytest.raises(ApiError) as caught:
        client.sessions.get("s-1")
    assert caught.value.code == "unknown"
    assert "secret" not in str(caught.value)


def test_an_answer_that_is_no_json_is_named(client, server, scripted) -> None:
    server.otherwise = scripted(200, b"<html>")
    with pytest.raises(InvalidResponse, match="not JSON"):
        client.sessions.get("s-1")


def test_the_key_stays_with_the_service(client, server, scripted, tmp_path) -> None:
    path = tmp_path / "day one.wav"
    path.write_bytes(b"sound" * 300_000)
    link = {
        "upload_url": f"{server.base_url}/bucket/key?signature=1",
        "method": "PUT",
        "headers": {"Content-Type": "audio/wav", "x-ms-blob-type": "BlockBlob"},
        "file_key": "uploads/p/1/day_one.wav",
        "expires_at": "2026-11-22T09:00:00+00:00",
    }
    server.script = [scripted(201, link), scripted(503, b""), scripted(200, {})]
    assert client.upload(path) == link["file_key"]
    asked_link, _first, put = server.asked
    assert asked_link.json["size_bytes"] == path.stat().st_size
    assert asked_link.json["file_name"] == "day one.wav"
    assert asked_link.json["content_type"].startswith("audio/")
    assert put.body == path.read_bytes()
    assert put.headers["x-ms-blob-type"] == "BlockBlob"
    assert put.headers["content-length"] == str(path.stat().st_size)
    assert "authorization" not in put.headers
    assert "secret" not in repr(client)


def test_a_redirect_is_not_followed(client, server, scripted) -> None:
    server.otherwise = scripted(302, b"", {"Location": f"{server.base_url}/elsewhere"})
    with pytest.raises(ApiError):
        client.sessions.get("s-1")
    assert len(server.asked) == 1


def test_ids_cannot_leave_their_place_in_the_path(client, server, scripted) -> None:
    client.sessions.get("../webhooks?limit=1#x")
    assert unquote(server.asked[0].path) == "/v1/all-day-sessions/../webhooks?limit=1#x"
    assert server.asked[0].path.count("/") == 3
    assert server.asked[0].query == {}


def test_pages_are_walked_to_the_end(client, server, scripted) -> None:
    pages = [
        scripted(200, {"data": [{"id": "3"}, {"id": "2"}], "next_cursor": "c1"}),
        scripted(200, {"data": [{"id": "1"}], "next_cursor": None}),
    ]
    server.script = [*pages]
    listing = client.sessions.list(org_id="o", status="completed", limit=2)
    assert server.asked == []
    assert [row["id"] for row in listing] == ["3", "2", "1"]
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "c1"]
    assert all(asked.query["org_id"] == "o" and asked.query["limit"] == "2" for asked in server.asked)
    server.script = [*pages]
    assert [len(rows) for rows in listing.pages()] == [2, 1]
    server.script = [pages[0]]
    assert listing.page()[1] == "c1"


def test_moments_and_truths_are_written_as_the_api_reads_them(client, server) -> None:
    moment = datetime.datetime(2026, 11, 22, 8, tzinfo=datetime.UTC)
    client.playbooks.list("o", is_active=False).page()
    client.sessions.list(created_after=moment).page()
    client.webhooks.replay("w", since=moment)
    assert server.asked[0].query["is_active"] == "false"
    assert server.asked[1].query["created_after"] == "2026-11-22T08:00:00+00:00"
    assert server.asked[2].query["since"] == "2026-11-22T08:00:00+00:00"


def test_waiting_ends_with_the_job(client, server, scripted) -> None:
    server.script = [scripted(202, TAKEN), scripted(200, TAKEN), scripted(200, {**TAKEN, "status": "completed"})]
    done = client.submit_and_wait(org_id="o", rep_id="r", recording_url="https://example.com/day.mp3")
    assert done["status"] == "completed"


def test_a_failed_job_is_an_error_with_its_code(client, server, scripted) -> None:
    problem = {"code": "unsupported_codec", "message": "No audio.", "details": {}}
    server.otherwise = scripted(200, {**TAKEN, "status": "failed", "error": problem})
    with pytest.raises(JobFailed, match="No audio") as caught:
        client.wait("s-1")
    assert caught.value.code == "unsupported_codec"
    assert caught.value.job["id"] == "s-1"


def test_waiting_has_an_end(client, server, scripted) -> None:
    server.otherwise = scripted(200, TAKEN)
    with pytest.raises(WaitedTooLong) as caught:
        client.analyses.wait("a-1", timeout_seconds=0.3)
    assert caught.value.job["status"] == "queued"


def test_the_live_view_goes_on_after_a_break(client, server, scripted) -> None:
    kind = {"Content-Type": "text/event-stream"}
    first = b'event: all_day_session.detected\nid: 7\ndata: {"type": "x"}\n\nevent: progress\ndata: {"percent": 1}\n\n'
    server.script = [
        scripted(200, first, kind),
        scripted(cut=True),
        scripted(503, refusal("unavailable")),
        scripted(200, b'event: end\ndata: {"status": "completed"}\n\n', kind),
    ]
    events = [*client.sessions.follow("s-1")]
    assert [event["event"] for event in events] == ["all_day_session.detected", "progress", "end"]
    assert events[0]["data"] == {"type": "x"}
    assert [asked.headers.get("last-event-id") for asked in server.asked] == [None, "7", "7", "7"]


def test_everything_is_followed_from_the_last_event_on(client, server, scripted) -> None:
    kind = {"Content-Type": "text/event-stream"}
    server.script = [
        scripted(200, b"event: ready\nid: 41\ndata: {}\n\nevent: analysis.completed\nid: 44\ndata: {}\n\n", kind),
        scripted(200, b'event: end\ndata: {"status": "key_revoked"}\n\n', kind),
    ]
    events = [*client.sessions.follow_all(include_data=False, last_event_id="40")]
    assert [event["event"] for event in events] == ["ready", "analysis.completed", "end"]
    assert [asked.headers["last-event-id"] for asked in server.asked] == ["40", "44"]
    assert {(asked.path, asked.query["include_data"]) for asked in server.asked} == {("/v1/events", "false")}


def test_an_event_that_is_cut_off_is_asked_for_again(client, server, scripted) -> None:
    kind = {"Content-Type": "text/event-stream"}
    server.script = [
        scripted(200, b'event: a\nid: 1\ndata: {}\n\nevent: b\nid: 2\ndata: {"x": "cut o', kind),
        scripted(200, b"event: b\nid: 2\ndata: {}\n\nevent: end\ndata: {}\n\n", kind),
    ]
    assert [event["event"] for event in client.sessions.follow("s-1")] == ["a", "b", "end"]
    assert server.asked[1].headers["last-event-id"] == "1"


def test_the_live_view_takes_whole_analyses(client, server, scripted) -> None:
    words = "word " * 500_000
    body = f'event: analysis.completed\nid: 1\ndata: {{"text": "{words}"}}\n\nevent: end\ndata: {{}}\n\n'
    server.otherwise = scripted(200, body.encode(), {"Content-Type": "text/event-stream"})
    assert len(next(iter(client.sessions.follow("s-1")))["data"]["text"]) == len(words)


def test_the_live_view_gives_up_and_says_why(client, server, scripted) -> None:
    server.otherwise = scripted(cut=True)
    with pytest.raises(ConnectionFailed):
        [*client.sessions.follow("s-1")]
    server.otherwise = scripted(404, refusal("session_not_found"))
    with pytest.raises(ApiError, match="session_not_found"):
        [*client.sessions.follow("s-1")]


def test_uploads_need_a_partner(server) -> None:
    with Dayline(server.base_url, "pk_live_a_b") as client, pytest.raises(ValueError, match="partner_id"):
        client.upload("day.mp3")
