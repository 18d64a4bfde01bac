"""Share links: what they show, what they do not lead to, and when they end."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dayline.auth import partners_repository as partners
from dayline.clock import now
from dayline.db.tables import access_log, share
from dayline.ids import derived_id, new_id
from dayline.logs import without_secrets
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from tests.search.days import put_words

SPANS = ((100.0, 700.0), (1000.0, 2000.0))


class Shared:
    """A day with a link to its first conversation."""

    def __init__(self, app, **request):
        self.app, self.caller = app, app.caller()
        self.session_id = app.finished_day(self.caller, *SPANS)
        self.path = f"/v1/all-day-sessions/{self.session_id}"
        self.segment_id = derived_id("segment", self.session_id, 0)
        put_words(
            app.database,
            self.session_id,
            (90.0, "REP", "Driving up to <b>the</b> house."),
            (110.0, "REP", "We replace both <i>springs</i>."),
            (650.0, "SPEAKER_01", "When can you come?"),
            (1100.0, "REP", "Another customer altogether."),
        )
        self.allow("on")
        made = self.make(**request)
        assert made.status == 201, made.body
        self.made = made.json
        self.token = self.made["url"].rpartition("/")[2]

    def allow(self, value):
        answer = self.caller.post("/v1/orgs", {"org_id": "acme", "settings": {"share_links": value}})
        assert answer.status == 200, answer.body

    def make(self, **request):
        return self.caller.post(f"{self.path}/segments/{self.segment_id}/shares", request)

    def read(self):
        return self.app.stranger().get(f"/v1/shared/{self.token}")

    def page(self):
        return self.app.stranger().get(f"/s/{self.token}")

    def sound(self, query=""):
        return self.app.stranger().get(f"/v1/shared/{self.token}/audio{query}")

    def is_closed(self):
        answers = self.read(), self.sound(), self.page()
        assert {answer.status for answer in answers[:2]} <= {200, 404, 409, 503}
        closed = [answer.status == 404 for answer in answers]
        assert len(set(closed[::2])) == 1, answers
        return all(closed)


@pytest.fixture
def shared(app):
    return Shared(app, audio=True, name="Jo, legal", expires_in_hours=48)


def test_a_link_shows_one_conversation_on_its_own_clock(shared):
    answer = shared.read()
    assert answer.status == 200, answer.body
    shown = answer.json
    assert [(line["start_seconds"], line["speaker"], line["text"]) for line in shown["lines"]] == [
        (10.0, "REP", "We replace both <i>springs</i>."),
        (550.0, "SPEAKER_01", "When can you come?"),
    ]
    assert (shown["title"], shown["duration_seconds"], shown["audio"]) == ("Visit 0", 600.0, True)
    assert shown["has_transcript"]
    assert set(shown) == {
        *("title", "recorded_at", "duration_seconds", "has_transcript", "lines", "audio", "is_demo_quality"),
        "expires_at",
    }


def test_nothing_else_of_the_partner_stands_in_what_is_shown(shared):
    with shared.app.database.write() as tx:
        sessions.set_values(tx, shared.session_id, recorded_at=now())
    hidden = [
        *(shared.session_id, shared.segment_id, shared.made["id"], derived_id("analysis", shared.session_id, 0)),
        *(shared.caller.partner_id, "acme", "rep-1", "recordings.example.com", "xylophone", "secret-word"),
        *("Another customer", "Driving up", "Jo, legal", "score"),
    ]
    for answer in (shared.read(), shared.page()):
        text = answer.body.decode()
        assert "springs" in text
        assert [word for word in hidden if word in text] == []


def test_the_page_is_plain_private_and_without_scripts(shared):
    page = shared.page()
    text = page.body.decode()
    assert page.status == 200
    assert "We replace both &lt;i&gt;springs&lt;/i&gt;." in text
    assert "<script" not in text
    assert "<link" not in text
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in page.headers["content-security-policy"]
    assert " style=" not in text
    assert f"{shared.made['expires_at'][:10]}" in text
    assert f"/v1/shared/{shared.token}/audio?start=0.000&amp;end=600.000" in text
    for answer in (page, shared.read(), shared.app.stranger().get("/s/unknown")):
        assert answer.headers["referrer-policy"] == "no-referrer" or answer.status == 404
    assert page.headers["x-robots-tag"].startswith("noindex")
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script" not in page.headers["content-security-policy"]
    closed = shared.app.stranger().get("/s/unknown")
    assert (closed.status, closed.headers["x-robots-tag"][:7]) == (404, "noindex")


def test_a_token_opens_nothing_but_its_own_addresses(shared):
    """The token as a key, as a cookie, as a link of the console, with other ids behind it: nothing."""
    other = app_session = shared.app.finished_day(shared.caller, *SPANS)
    as_key = {"Authorization": f"Bearer {shared.token}"}
    stranger = shared.app.stranger()
    document = stranger.get("/openapi.json").json["paths"]
    tried = 0
    for path, item in document.items():
        if not path.startswith("/v1/") or path.startswith(("/v1/shared/", "/v1/files/")):
            continue
        filled = path.replace("{session_id}", shared.session_id).replace("{segment_id}", shared.segment_id)
        for method in item:
            answer = stranger.call(method.upper(), filled, headers=as_key)
            assert answer.status in (400, 401, 403), (method, path, answer.status)
            tried += 1
    assert tried > 60
    cookie = {"Cookie": f"dayline={shared.token}", "Sec-Fetch-Site": "same-origin", "Host": "127.0.0.1"}
    assert stranger.get(shared.path, headers=cookie).status == 401
    for rest in ("segments", "transcript", "../all-day-sessions", f"{other}", "audio/clip", "timeline", "%2e%2e/me"):
        assert stranger.get(f"/v1/shared/{shared.token}/{rest}").status in (401, 404)
        assert stranger.get(f"/s/{shared.token}/{rest}").status == 404
    for query in (f"?segment={shared.segment_id}", f"?session_id={app_session}", "?start=0"):
        assert stranger.get(f"/v1/shared/{shared.token}{query}").code == "invalid_request"


def test_sound_stays_inside_the_conversation(shared):
    assert shared.sound("?start=600").code == "invalid_request"
    assert shared.sound("?start=-1").code == "invalid_request"
    assert shared.sound("?start=5&end=5").code == "invalid_request"
    silent = Shared(shared.app)
    assert silent.sound().code == "share_not_found"
    assert "<audio" not in silent.page().body.decode()


def test_a_link_is_listed_counted_and_revoked(shared):
    shared.read()
    shared.page()
    (row,) = shared.caller.get(f"{shared.path}/shares").json["data"]
    assert (row["opened_count"], row["is_open"], row["name"]) == (2, True, "Jo, legal")
    assert row["author"].startswith("key ")
    assert "url" not in row
    assert shared.token not in json.dumps(row)
    assert not shared.is_closed()
    assert shared.caller.delete(f"{shared.path}/shares/{row['id']}").status == 204
    assert shared.is_closed()
    (row,) = shared.caller.get(f"{shared.path}/shares").json["data"]
    assert (row["is_open"], row["revoked_at"] is None) == (False, False)
    assert shared.caller.delete(f"{shared.path}/shares/{new_id()}").code == "share_not_found"
    lines = shared.caller.get(f"{shared.path}/access-log").json["data"]
    assert {(line["action"], line["role"], line["name"]) for line in lines} == {("share_opened", "share", "Jo, legal")}


def test_only_a_hash_of_the_token_is_stored_and_none_is_logged(shared):
    with shared.app.database.read() as tx:
        for table in (share, access_log):
            assert shared.token not in repr(tx.run(sa.select(table)).all())
    for path in (f"/s/{shared.token}", f"/v1/shared/{shared.token}/audio?start=0"):
        assert shared.token not in without_secrets(path)
    again = shared.caller.post(
        f"{shared.path}/segments/{shared.segment_id}/shares", {}, headers={"Idempotency-Key": "one"}
    )
    replayed = shared.caller.post(
        f"{shared.path}/segments/{shared.segment_id}/shares", {}, headers={"Idempotency-Key": "one"}
    )
    assert again.json["url"] is not None
    assert replayed.json == {**again.json, "url": None}


def test_links_end_with_their_time_their_conversation_and_their_org(app):
    late = Shared(app)
    with app.database.write() as tx:
        tx.run(sa.update(share).where(share.c.id == late.made["id"]).values(expires_at=now() - timedelta(seconds=1)))
    assert late.is_closed()
    assert late.caller.get(f"{late.path}/shares").json["data"][0]["is_open"] is False

    removed = Shared(app, audio=True)
    change = {"revision": 0, "changes": [{"op": "remove", "segment_id": removed.segment_id}]}
    assert removed.caller.patch(f"{removed.path}/segments", change).status == 200
    assert removed.is_closed()

    forbidden = Shared(app, audio=True)
    forbidden.allow("off")
    assert forbidden.is_closed()
    assert forbidden.make().code == "invalid_state"

    suspended = Shared(app, audio=True)
    with app.database.write() as tx:
        partners.update(tx, suspended.caller.partner_id, suspended_at=now())
    assert suspended.is_closed()

    deleted = Shared(app, audio=True)
    receipt = deleted.caller.delete(deleted.path)
    assert receipt.json["rows"]["share"] == 1
    assert deleted.is_closed()


def test_a_corrected_conversation_shows_no_more_than_was_shared(shared):
    moved = {"op": "adjust", "segment_id": shared.segment_id, "start_seconds": 80.0, "end_seconds": 640.0}
    answer = shared.caller.patch(f"{shared.path}/segments", {"revision": 0, "changes": [moved]})
    assert answer.status == 200, answer.body
    shown = shared.read().json
    assert [line["text"] for line in shown["lines"]] == ["We replace both <i>springs</i>."]
    assert shown["duration_seconds"] == 540.0


@pytest.mark.parametrize(
    ("start", "end", "title"), [(80.0, 700.0, None), (120.0, 690.0, "Visit 0"), (100.0, 720.0, None)]
)
def test_the_title_of_a_conversation_that_has_grown_is_not_shown(shared, start, end, title):
    moved = {"op": "adjust", "segment_id": shared.segment_id, "start_seconds": start, "end_seconds": end}
    answer = shared.caller.patch(f"{shared.path}/segments", {"revision": 0, "changes": [moved]})
    assert answer.status == 200, answer.body
    assert shared.read().json["title"] == title


def test_what_retention_deleted_is_not_shown(shared):
    with shared.app.database.write() as tx:
        tx.run(sa.text("DELETE FROM document WHERE session_id = :id").bindparams(id=shared.session_id))
        assert documents.names(tx, shared.session_id) == []
    assert (shared.read().json["lines"], shared.read().json["has_transcript"]) == ([], False)
    assert "deleted" in shared.page().body.decode()


@pytest.mark.parametrize("hours", [0, 721, 1.5, "1"])
def test_a_link_lasts_an_hour_to_thirty_days(app, hours):
    caller = app.caller()
    day = app.finished_day(caller, *SPANS)
    path = f"/v1/all-day-sessions/{day}/segments/{derived_id('segment', day, 0)}/shares"
    assert caller.post(path, {"expires_in_hours": hours}).code == "invalid_request"


def test_no_link_without_the_org_allowing_it(app):
    caller = app.caller()
    day = app.finished_day(caller, *SPANS)
    path = f"/v1/all-day-sessions/{day}/segments/{derived_id('segment', day, 0)}/shares"
    refused = caller.post(path, {})
    assert (refused.code, refused.json["error"]["details"]["reason"]) == ("invalid_state", "share_links")
    assert caller.post(f"/v1/all-day-sessions/{day}/segments/{new_id()}/shares", {}).code == "segment_not_found"
