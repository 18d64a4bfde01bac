"""Checks that every request passes: key, scope, rate limit, body size, request id."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import structlog

from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.clock import now
from dayline.db.tables import api_key, org, rep, session
from dayline.http.rate_limit import RateLimiter
from tests.http.conftest import stored_key

SESSIONS = "/v1/all-day-sessions"


def key_row(app, caller):
    with app.database.read() as tx:
        return stored_key(tx, caller)


def test_without_a_key_nothing_opens(app):
    answer = app.stranger().get(SESSIONS)
    assert (answer.status, answer.code) == (401, "authentication_required")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert app.stranger().get("/v1/nonsense").status == 401


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "pk_live_x", ""])
def test_a_header_of_another_form_is_no_key(sqlite_app, header):
    answer = sqlite_app.stranger().get(SESSIONS, headers={"Authorization": header})
    assert answer.code == "authentication_required"


def test_unknown_revoked_and_suspended_keys(app):
    caller = app.caller()
    good = caller.key
    for wrong in (
        "nonsense",
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        good.replace("live", "sandbox"),
        good + "x",
    ):
        assert app.stranger().get(SESSIONS, headers={"Authorization": f"Bearer {wrong}"}).code == "invalid_api_key"
    with app.database.write() as tx:
        partners.update(tx, caller.partner_id, suspended_at=now())
    suspended = caller.get(SESSIONS)
    assert (suspended.status, suspended.code) == (401, "key_revoked")
    assert suspended.json["error"]["details"]["reason"] == "partner_suspended"
    with app.database.write() as tx:
        partners.update(tx, caller.partner_id, suspended_at=None)
    assert caller.get(SESSIONS).status == 200
    with app.database.write() as tx:
        keys.revoke(tx, key_row(app, caller).id)
    assert caller.get(SESSIONS).code == "key_revoked"


def test_a_read_by_id_refuses_revoked_and_suspended_keys(app):
    caller = app.caller()
    path = f"{SESSIONS}/{app.finished_day(caller)}"
    assert caller.get(path).status == 200
    with app.database.write() as tx:
        partners.update(tx, caller.partner_id, suspended_at=now())
    assert caller.get(path).json["error"]["details"]["reason"] == "partner_suspended"
    with app.database.write() as tx:
        partners.update(tx, caller.partner_id, suspended_at=None)
    assert caller.get(path).status == 200
    with app.database.write() as tx:
        keys.revoke(tx, key_row(app, caller).id)
    assert caller.get(path).code == "key_revoked"
    assert caller.get(f"{SESSIONS}/00000000-0000-4000-8000-000000000000").code == "key_revoked"


@pytest.mark.parametrize("rep_id", ["rep-1", "rep-2"], ids=["known rep", "new rep"])
@pytest.mark.parametrize("once", [None, "second"], ids=["without", "with Idempotency-Key"])
def test_a_submission_refuses_revoked_and_suspended_keys_and_leaves_nothing(app, rep_id, once):
    caller = app.caller()

    def submit(rep: str):
        body = {"org_id": "acme", "rep_id": rep, "recording_url": "https://recordings.example.com/day.m4a"}
        headers = {} if once is None else {"Idempotency-Key": f"{once}-{rep}"}
        return caller.post(SESSIONS, body, headers=headers)

    def written():
        with app.database.read() as tx:
            return [tx.run(sa.select(sa.func.count()).select_from(table)).scalar() for table in (session, rep, org)]

    assert submit("rep-1").status == 202
    before = written()
    with app.database.write() as tx:
        partners.update(tx, caller.partner_id, suspended_at=now())
    assert submit(rep_id).json["error"]["details"]["reason"] == "partner_suspended"
    with app.database.write() as tx:
        partners.update(tx, caller.partner_id, suspended_at=None)
        keys.revoke(tx, key_row(app, caller).id)
    assert submit(rep_id).code == "key_revoked"
    with app.database.write() as tx:
        tx.run(sa.delete(api_key).where(api_key.c.key_id == caller.key.split("_")[2]))
    assert submit(rep_id).code == "invalid_api_key"
    assert written() == before


def test_only_a_hash_is_stored(app):
    caller = app.caller()
    secret = caller.key.split("_")[3]
    with app.database.read() as tx:
        assert all(secret not in repr(tuple(row)) for row in tx.run(api_key.select()))


def test_scopes(app):
    reader = app.caller(scopes=("partner:read",))
    assert reader.get(SESSIONS).status == 200
    answer = reader.post(SESSIONS, {})
    assert (answer.status, answer.code) == (403, "scope_required")
    assert answer.json["error"]["details"]["required_scope"] == "partner:write"
    assert app.caller(scopes=("uploads:write",)).get(SESSIONS).code == "scope_required"
    assert app.caller(scopes=("partner:write",)).get(SESSIONS).status == 200
    assert app.caller("admin").get(SESSIONS).code == "scope_required"
    assert app.caller().post("/v1/admin/partners", {"name": "x", "contact_email": "a@b.c"}).code == "scope_required"


def test_every_answer_has_an_id_and_failures_one_form(app):
    caller = app.caller()
    cases = [
        caller.get("/v1/nothing"),
        caller.get("/nothing"),
        caller.call("PUT", SESSIONS),
        caller.call("DELETE", "/healthz"),
        caller.get(f"{SESSIONS}/x"),
        caller.get(f"{SESSIONS}/%00"),
        caller.get(f"{SESSIONS}/"),
    ]
    assert [a.status for a in cases] == [404, 404, 405, 405, 404, 400, 404]
    for answer in cases:
        error = answer.json["error"]
        assert set(error) == {"code", "message", "request_id", "doc_url", "details"}
        assert re.fullmatch(r"req_[0-9a-f-]{36}", error["request_id"])
        assert answer.headers["x-request-id"] == error["request_id"]
        path = urlsplit(error["doc_url"]).path
        assert app.stranger().get(path).status == 200
    assert cases[2].headers["allow"] == "GET, POST"
    head = caller.call("HEAD", SESSIONS)
    assert (head.status, head.body) == (405, b"")
    assert head.headers["x-request-id"].startswith("req_")
    assert caller.get(SESSIONS).headers["x-request-id"].startswith("req_")


def test_bodies_have_a_limit_with_and_without_a_length(app):
    caller = app.caller()
    limit = app.services.max_body_bytes
    host = urlsplit(app.base_url).netloc

    def refused(send):
        connection = http.client.HTTPConnection(host, timeout=20)
        try:
            # The server may refuse, and close its side, before everything was sent.
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                send(connection)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())["error"]["code"]
        finally:
            connection.close()

    def announced(connection):
        connection.putrequest("POST", SESSIONS)
        connection.putheader("Authorization", f"Bearer {caller.key}")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(limit + 1))
        connection.endheaders()

    def chunked(connection):
        def chunks():
            for _ in range(limit // 65536 + 2):
                yield b" " * 65536

        headers = {"Authorization": f"Bearer {caller.key}", "Content-Type": "application/json"}
        connection.request("POST", SESSIONS, body=chunks(), headers=headers, encode_chunked=True)

    assert refused(announced) == (413, "request_too_large")
    assert refused(chunked) == (413, "request_too_large")


def test_a_client_that_leaves_breaks_nothing(app):
    caller = app.caller()
    address = urlsplit(app.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        head = f"POST {SESSIONS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.key}\r\nContent-Length: 100"
        connection.sendall(head.encode() + b"\r\n\r\n{")
    assert caller.get(SESSIONS).status == 200


def test_rates_are_told_and_kept_per_key(app_with):
    app = app_with(rate_limiter=RateLimiter(per_minute=6, burst=3))
    caller, other = app.caller(), app.caller()
    answers = [caller.get(SESSIONS) for _ in range(4)]
    assert [a.status for a in answers] == [200, 200, 200, 429]
    assert [a.headers["ratelimit"].split(";")[1] for a in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=30'
    assert answers[3].code == "rate_limited"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 30
    assert other.get(SESSIONS).status == 200


def test_every_line_of_a_request_carries_its_id_and_no_secret(sqlite_app, monkeypatch):
    # Another test's command may have set a level or a style under which these lines are not captured.
    structlog.reset_defaults()
    monkeypatch.setattr("dayline.logs._direct", False)
    caller = sqlite_app.caller()
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answers = [caller.get(f"{SESSIONS}?limit=5"), caller.get("/v1/nothing"), caller.post(SESSIONS, {"x": "y"})]
        caller.get("/healthz")  # a line is written after its response: the next response means that it is there
    wanted = [answer.headers["x-request-id"] for answer in answers]
    assert [line["request_id"] for line in lines if line["event"] == "request"][:3] == wanted
    assert caller.key.split("_")[3] not in repr(lines)
    assert "limit=5" not in repr(lines)
