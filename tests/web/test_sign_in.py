"""Signing in by a link that works once or by a key, and how the session of a cookie ends."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import structlog

from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.auth.roles import Role
from dayline.clock import now
from dayline.console import service
from dayline.db.tables import console_link, console_session
from tests.http.conftest import stored_key

from .conftest import Browser

SESSIONS = "/v1/all-day-sessions"


def make_link(app, role: Role = "coach", partner_id=None, **limits):
    with app.database.write() as tx:
        return service.make_link(tx, role=role, partner_id=partner_id, **limits)


def set_row(app, table, id, **values):
    with app.database.write() as tx:
        tx.run(table.update().where(table.c.id == id).values(**values))


def current_id(browser):
    return browser.get("/v1/console/sessions").json["data"][0]["id"]


def test_a_link_signs_in_once(app):
    link = make_link(app, partner_id=app.partner())
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", link.token)
    first, second = Browser(app.base_url), Browser(app.base_url)
    assert first.sign_in(token=link.token).status == 204
    assert first.get(SESSIONS).status == 200
    again = second.sign_in(token=link.token)
    assert (again.status, again.code) == (401, "sign_in_link_invalid")
    assert "set-cookie" not in again.headers
    assert second.sign_in(token=link.token[:-1]).code == "sign_in_link_invalid"


def test_a_link_expires(app):
    link = make_link(app, partner_id=app.partner())
    assert timedelta(minutes=9) < link.expires_at - now() <= timedelta(minutes=10)
    set_row(app, console_link, link.id, expires_at=now() - timedelta(seconds=1))
    assert Browser(app.base_url).sign_in(token=link.token).code == "sign_in_link_invalid"


def test_only_hashes_are_stored_and_nothing_is_logged(app):
    structlog.reset_defaults()
    caller = app.caller()
    link = make_link(app, partner_id=caller.partner_id)
    browser = Browser(app.base_url)
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        browser.sign_in(token=link.token)
        browser.get(SESSIONS)
        Browser(app.base_url).sign_in(key=caller.key)
    token = browser.cookie.partition("=")[2]
    with app.database.read() as tx:
        rows = repr([tuple(row) for table in (console_link, console_session) for row in tx.run(table.select())])
    assert any(line["event"] == "console_signed_in" for line in lines)
    for secret in (link.token, token, caller.key.split("_")[3]):
        assert secret not in rows
        assert secret not in repr(lines)


def test_the_cookie_on_a_loopback_address(app):
    browser = Browser(app.base_url)
    browser.sign_in(key=app.caller().key)
    name, _, rest = browser.set_cookie.partition("=")
    flags = {flag.strip().lower() for flag in rest.split(";")[1:]}
    assert name == "dayline"
    assert {"httponly", "path=/", "samesite=strict"} <= flags
    assert not any(flag.startswith("domain") for flag in flags)


def test_the_cookie_over_https(app_with):
    app = app_with(base_url="https://dayline.example.com")
    browser = Browser(app.base_url)
    browser.sign_in(key=app.caller().key)
    flags = {flag.strip().lower() for flag in browser.set_cookie.split(";")[1:]}
    assert browser.set_cookie.startswith("__Host-dayline=")
    assert {"httponly", "secure", "path=/", "samesite=strict"} <= flags
    assert browser.get(SESSIONS).status == 200
    # A cookie without the prefix can be set by a neighbouring host and does not count.
    browser.cookie = browser.cookie.removeprefix("__Host-")
    assert browser.get(SESSIONS).code == "authentication_required"


def test_a_key_signs_in_and_its_session_ends_with_it(app):
    caller = app.caller()
    browser = Browser(app.base_url)
    assert browser.sign_in(key=caller.key + "x").code == "invalid_api_key"
    assert browser.sign_in(key=caller.key).status == 204
    assert browser.get(SESSIONS).status == 200
    with app.database.write() as tx:
        keys.revoke(tx, stored_key(tx, caller).id)
    answer = browser.get(SESSIONS)
    assert (answer.status, answer.code) == (401, "key_revoked")


def test_a_key_cannot_do_more_in_the_console_than_outside(app):
    reader = Browser(app.base_url)
    reader.sign_in(key=app.caller(scopes=("partner:read",)).key)
    assert reader.get(SESSIONS).status == 200
    assert reader.post("/v1/orgs", {"org_id": "acme"}).code == "scope_required"
    assert reader.get("/v1/me").json["role"] == "viewer"


def test_a_suspended_partner_closes_its_sessions(app, browser_of):
    partner_id = app.partner()
    browser = browser_of(app, "coach", partner_id)
    with app.database.write() as tx:
        partners.update(tx, partner_id, suspended_at=now())
    assert browser.get(SESSIONS).code == "key_revoked"


@pytest.mark.parametrize("column", ["seen_at", "expires_at"])
def test_a_session_ends_when_unused_and_at_the_latest_after_thirty_days(app, browser_of, column):
    browser = browser_of(app, "coach", app.partner())
    id = current_id(browser)
    with app.database.read() as tx:
        row = tx.run(console_session.select().where(console_session.c.id == id)).one()
    assert row.expires_at - row.created_at == timedelta(days=30)
    set_row(app, console_session, id, seen_at=now() - timedelta(hours=11, minutes=59))
    assert browser.get(SESSIONS).status == 200
    ended = {"seen_at": now() - timedelta(hours=12), "expires_at": now()}
    set_row(app, console_session, id, **{column: ended[column]})
    answer = browser.get(SESSIONS)
    assert (answer.status, answer.code) == (401, "authentication_required")


def test_use_keeps_a_session_open(app, browser_of):
    browser = browser_of(app, "coach", app.partner())
    id = current_id(browser)
    before = now() - timedelta(hours=6)
    set_row(app, console_session, id, seen_at=before)
    browser.get(SESSIONS)
    with app.database.read() as tx:
        row = tx.run(console_session.select().where(console_session.c.id == id)).one()
    assert row.seen_at > before + timedelta(hours=5)


def test_an_operators_session_lasts_eight_hours(app, browser_of):
    browser = browser_of(app, "operator", None)
    id = browser.get("/v1/console/sessions").json["data"][0]["id"]
    with app.database.read() as tx:
        row = tx.run(console_session.select().where(console_session.c.id == id)).one()
    assert row.expires_at - row.created_at == timedelta(hours=8)


def test_signing_out_and_signing_in_again(app):
    caller = app.caller()
    browser = Browser(app.base_url)
    browser.sign_in(key=caller.key)
    old = browser.cookie
    browser.sign_in(key=caller.key)
    new = browser.cookie
    assert old != new
    browser.cookie = old
    assert browser.get(SESSIONS).code == "authentication_required"
    browser.cookie = new
    answer = browser.call("DELETE", "/v1/console/session")
    assert answer.status == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert browser.get(SESSIONS).code == "authentication_required"


def test_sessions_are_listed_and_ended(app, browser_of):
    caller = app.caller()
    rep = browser_of(app, "rep", caller.partner_id, org_ids=["acme"], rep_id="rep-1", name="Jo")
    coach = browser_of(app, "coach", caller.partner_id)
    mine = rep.get("/v1/console/sessions").json["data"]
    assert [(row["name"], row["role"], row["is_current"]) for row in mine] == [("Jo", "rep", True)]
    assert len(caller.get("/v1/console/sessions").json["data"]) == 2
    assert app.caller().get("/v1/console/sessions").json["data"] == []
    foreign = coach.call("DELETE", f"/v1/console/sessions/{mine[0]['id']}")
    assert (foreign.status, foreign.code) == (404, "console_session_not_found")
    assert app.caller().delete(f"/v1/console/sessions/{mine[0]['id']}").status == 404
    assert caller.delete(f"/v1/console/sessions/{mine[0]['id']}").status == 204
    assert rep.get(SESSIONS).code == "authentication_required"
    assert coach.get(SESSIONS).status == 200


def test_an_operator_invites_by_link(app, browser_of):
    caller = app.caller()
    body = {"role": "rep", "partner_id": caller.partner_id, "org_ids": ["acme"], "rep_id": "rep-1", "name": "Jo"}
    assert caller.post("/v1/console/links", body).code == "scope_required"
    operator = browser_of(app, "operator", None)
    made = operator.post("/v1/console/links", body, headers={"Idempotency-Key": "once"})
    assert made.status == 201
    address, _, token = made.json["url"].partition("#t=")
    assert address == f"{app.services.base_url}/console/sign-in"
    again = operator.post("/v1/console/links", body, headers={"Idempotency-Key": "once"})
    assert (again.json["id"], again.json["url"]) == (made.json["id"], None)
    rep = Browser(app.base_url)
    assert rep.sign_in(token=token).status == 204
    assert rep.get("/v1/me").json["name"] == "Jo"
    for wrong in ({"role": "rep"}, {"role": "coach", "partner_id": None}, {"org_ids": [], "role": "rep"}):
        assert operator.post("/v1/console/links", {**body, **wrong, "rep_id": None}).status == 400


def test_who_am_i(app, browser_of):
    caller = app.caller()
    me = caller.get("/v1/me").json
    assert (me["partner"]["id"], me["partner"]["plan_tier"]) == (caller.partner_id, "growth")
    assert me["partner"]["name"].startswith("Acme")
    with app.database.read() as tx:
        key_row = stored_key(tx, caller)
    assert (me["role"], me["key"]["id"], me["environment"]) == ("coach", key_row.id, "production")
    assert me["limits"]["max_upload_bytes"] == app.services.max_upload_bytes
    admin = app.caller("admin").get("/v1/me").json
    assert (admin["partner"], admin["role"]) == (None, "operator")
    rep = browser_of(app, "rep", caller.partner_id, org_ids=["acme"], rep_id="rep-1", name="Jo").get("/v1/me").json
    assert (rep["key"], rep["role"], rep["name"], rep["limits"]["rep_id"]) == (None, "rep", "Jo", "rep-1")
    assert app.stranger().get("/v1/me").status == 401
