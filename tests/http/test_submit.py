"""A session is accepted with exactly the fields and rules of the contract."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dayline.auth import keys_repository as keys
from dayline.sessions import repository as sessions
from tests.http.conftest import stored_key

URL = "https://recordings.example.com/day.m4a"


def body(**changes):
    return {"org_id": "acme", "rep_id": "rep-1", "recording_url": URL, **changes}


def test_answers_exactly_three_keys(app):
    answer = app.caller().post("/v1/all-day-sessions", body())
    assert answer.status == 202
    assert set(answer.json) == {"id", "status", "created_at"}
    assert answer.json["status"] == "queued"
    assert answer.headers["x-request-id"].startswith("req_")


def test_reads_back_what_was_given_with_defaults_filled(app):
    caller = app.caller()
    created = caller.post("/v1/all-day-sessions", body(metadata={"a": [1, None, {"b": "ü"}]})).json
    session = caller.get(f"/v1/all-day-sessions/{created['id']}").json
    assert session["id"] == created["id"]
    assert session["created_at"] == created["created_at"]
    assert session["recording_url"] == URL
    assert session["metadata"] == {"a": [1, None, {"b": "ü"}]}
    assert session["options"] == {
        "auto_analyze": True,
        "min_confidence": 0.8,
        "callback_url": None,
        "language": None,
        "skip_diarization": False,
        "playbook_id": None,
        "prompt_overrides": [],
        "appointments": [],
    }
    assert session["segments"] == []
    assert session["segments_detected"] == 0
    progress = session["progress"]
    assert (progress["stage"], progress["percent"], progress["transcribed_seconds"]) == ("queued", 0.0, 0.0)


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"org_id": None}, 400, "invalid_request", "org_id"),
        ({"org_id": "a b"}, 400, "invalid_request", "org_id"),
        ({"org_id": "a" * 257}, 400, "invalid_request", "org_id"),
        ({"nonsense": 1}, 400, "invalid_request", "nonsense"),
        ({"options": {"min_confidence": 1.5}}, 400, "invalid_request", "options.min_confidence"),
        ({"options": {"min_confidence": "0.5"}}, 400, "invalid_request", "options.min_confidence"),
        ({"options": {"auto_analyse": True}}, 400, "invalid_request", "options.auto_analyse"),
        (
            {"options": {"prompt_overrides": [{"title": "x"}]}},
            400,
            "missing_field",
            "options.prompt_overrides[0].content",
        ),
        ({"options": {"callback_url": "http://example.com"}}, 400, "invalid_url", "options.callback_url"),
        ({"options": {"callback_url": "https://10.0.0.1/"}}, 400, "invalid_url", "options.callback_url"),
        ({"recording_url": "ftp://example.com/x"}, 400, "invalid_url", "recording_url"),
        ({"recording_url": "https://u:p@example.com/x"}, 400, "invalid_url", "recording_url"),
        ({"recording_url": "https://[::1/x"}, 400, "invalid_url", "recording_url"),
        ({"recording_url": "https://127.0.0.1/x"}, 422, "invalid_recording_url", "recording_url"),
        ({"recording_url": "https://[::ffff:10.0.0.1]/x"}, 422, "invalid_recording_url", "recording_url"),
        ({"recording_url": "mock://three-conversations"}, 403, "key_environment_mismatch", "recording_url"),
        ({"file_key": "k"}, 400, "invalid_request", ""),
        ({"recording_url": None}, 400, "invalid_request", ""),
        ({"metadata": {"x": "y" * 17000}}, 400, "invalid_request", "metadata"),
    ],
)
def test_refuses_by_name(sqlite_app, change, status, code, field):
    answer = sqlite_app.caller().post("/v1/all-day-sessions", body(**change))
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["error"]["details"].get("field", "") == field
    assert answer.json["error"]["request_id"] == answer.headers["x-request-id"]


def test_a_missing_field_has_its_own_code(sqlite_app):
    answer = sqlite_app.caller().post("/v1/all-day-sessions", {"rep_id": "r", "recording_url": URL})
    assert (answer.status, answer.code) == (400, "missing_field")
    assert answer.json["error"]["details"]["field"] == "org_id"


@pytest.mark.parametrize(
    "raw", [b"", b"nonsense", b"[]", b'"x"', b"null", b'{"org_id":', b"\xff\xfe", b"[" * 100_000, b"{}" * 2]
)
def test_a_body_that_is_no_object_is_refused(sqlite_app, raw):
    answer = sqlite_app.caller().post("/v1/all-day-sessions", raw=raw)
    assert answer.status == 400


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", '"\\u0000"', '"\\ud800"'])
def test_json_that_no_database_stores_is_refused(sqlite_app, value):
    raw = b'{"org_id":"a","rep_id":"b","recording_url":"%s","metadata":{"x":%s}}' % (URL.encode(), value.encode())
    answer = sqlite_app.caller().post("/v1/all-day-sessions", raw=raw)
    assert (answer.status, answer.code) == (400, "invalid_request")


def test_sandbox_keys_submit_made_up_days_only(app):
    sandbox = app.caller("sandbox")
    assert sandbox.post("/v1/all-day-sessions", body()).code == "invalid_recording_url"
    assert sandbox.post("/v1/all-day-sessions", body(recording_url=None, file_key="x")).status == 422
    assert sandbox.post("/v1/all-day-sessions", body(recording_url="mock://nothing")).status == 422
    assert sandbox.post("/v1/all-day-sessions", body(recording_url="mock://single-call")).status == 202


def test_another_partners_upload_is_not_found(app):
    answer = app.caller().post("/v1/all-day-sessions", body(recording_url=None, file_key="uploads/other/day.mp3"))
    assert (answer.status, answer.code) == (404, "file_not_found")


def test_another_orgs_playbook_is_not_found(app):
    options = {"playbook_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"}
    answer = app.caller().post("/v1/all-day-sessions", body(options=options))
    assert (answer.status, answer.code) == (404, "playbook_not_found")


def test_a_submission_waits_for_another_writer_and_requests_are_answered_meanwhile(app):
    """Another process may write to SQLite for a while; the server goes on reading."""
    if not app.database.is_sqlite:
        pytest.skip("PostgreSQL has a lock for each row")
    caller = app.caller()
    known = caller.post("/v1/all-day-sessions", body()).json["id"]
    other = sqlite3.connect(app.database.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(caller.post, "/v1/all-day-sessions", body()) for _ in range(3)]
        for _ in range(5):
            assert caller.get(f"/v1/all-day-sessions/{known}").status == 200
            assert [day["id"] for day in caller.get("/v1/all-day-sessions").json["data"]] == [known]
        assert not any(future.done() for future in waiting)
        other.execute("COMMIT")
        answers = [future.result(timeout=60) for future in waiting]
    other.close()
    assert [answer.status for answer in answers] == [202, 202, 202]
    listed = {day["id"] for day in caller.get("/v1/all-day-sessions").json["data"]}
    assert listed == {known, *(answer.json["id"] for answer in answers)}


def test_a_revoked_key_submits_and_reads_nothing_more(app):
    caller = app.caller()
    known = caller.post("/v1/all-day-sessions", body()).json["id"]
    with app.database.write() as tx:
        keys.revoke(tx, stored_key(tx, caller).id)
    assert caller.post("/v1/all-day-sessions", body()).code == "key_revoked"
    assert caller.get(f"/v1/all-day-sessions/{known}").code == "key_revoked"
    assert caller.get("/v1/all-day-sessions").code == "key_revoked"
    with app.database.read() as tx:
        assert [day.id for day in sessions.page(tx, caller.partner_id, limit=10)] == [known]


def test_the_log_stays_small_under_many_submissions(app):
    """Only some writes may make a checkpoint; without them the write-ahead log would grow without end."""
    if not app.database.is_sqlite:
        pytest.skip("PostgreSQL has no such file")
    caller = app.caller()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: caller.post("/v1/all-day-sessions", body()).status, range(900)))
    assert set(answers) == {202}
    # 900 submissions write about 60 MB.
    assert Path(f"{app.database.engine.url.database}-wal").stat().st_size < 8000 * 4096
