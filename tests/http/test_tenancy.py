"""No partner sees anything of another: every route of the document is tried with foreign ids."""

from __future__ import annotations

import re

import pytest

from dayline.clock import iso, now
from dayline.console import service as console
from dayline.domain.stored_json import Consent
from dayline.ids import derived_id, new_id
from dayline.orgs import voice_prints_repository as voice_prints
from dayline.orgs.voice_prints_repository import VoicePrintRecord
from dayline.webhooks import events_repository as events

RECORDING = "https://recordings.example.com/x.mp3"
BODIES = {
    "correct_segments": {"revision": 0, "changes": [{"op": "add", "start_seconds": 1, "end_seconds": 9}]},
    "analyze_segment": {},
    "rescore_analysis": {},
    "restore_revision": {},
    "create_note": {"at_seconds": 1.0, "text": "mine now"},
    "create_share": {},
    "name_speakers": {"REP": "mine now"},
    "replace_recording_url": {"recording_url": RECORDING},
    "change_webhook": {"name": "mine now"},
    "change_playbook": {"content": "mine now"},
    "change_prompt": {"title": "mine now"},
    "put_rep": {"rep_id": "rep-1"},
    "create_playbook": {"content": "of the other partner"},
    "create_prompt": {"title": "Of the other", "prompt_content": "Of the other partner?"},
    "create_upload": {"file_name": "x.mp3", "content_type": "audio/mpeg"},
    "enrol_voice": {
        "file_key": "uploads/none/day.mp3",
        "consent": {"given_by": "x", "given_at": "2026-01-01T00:00:00Z", "text": "x"},
    },
}
QUERIES = {
    "replay_webhook": "?since=2026-01-01T00:00:00Z",
    "get_clip": "?start=0&end=1",
    "search_conversations": "?q=xylophone",
}
SOUND = {"get_audio", "get_clip"}
"""What lies behind the recording's address; tests/web/test_audio.py listens to real ones."""
BY_NAME = {"put_rep", "create_playbook", "create_prompt"}
"""Orgs are named by the partners themselves: here the other one makes something of its own."""
ADMIN_ONLY = {"get_partner", "suspend_partner", "resume_partner", "revoke_key"}
SIGNED = {"put_file", "get_file"}
BY_TOKEN = {"read_shared", "listen_to_shared"}
"""The token of a share link is all the right; tests/http/test_shares.py shows how little it opens."""


@pytest.fixture
def owned(app):
    """One partner with one of everything, as the values of path parameters."""
    owner = app.caller(scopes=("partner:write", "uploads:write"))
    session = app.finished_day(owner)
    owner.post("/v1/all-day-sessions", {"org_id": "acme", "rep_id": "rep-1", "recording_url": RECORDING})
    playbook = owner.post("/v1/orgs/acme/playbooks", {"content": "Name the price early."}).json
    prompt = owner.post("/v1/orgs/acme/prompts", {"title": "Price", "prompt_content": "Was a price named?"}).json
    webhook = owner.post(
        "/v1/webhooks", {"url": "https://example.com/h", "name": "h", "enabled_events": ["webhook.test"]}
    )
    upload = owner.post(
        f"/v1/admin/partners/{owner.partner_id}/uploads/signed-url",
        {"file_name": "x.mp3", "content_type": "audio/mpeg"},
    )
    assert (webhook.status, upload.status) == (201, 201)
    with app.database.write() as tx:
        consent: Consent = {"given_by": "Rep One", "given_at": iso(now()), "text": "Yes."}
        record = VoicePrintRecord(owner.partner_id, "acme", "rep-1", "ge2e", 12.0, consent, now())
        voice_prints.put(tx, record, b"0000")
    return owner, {
        "session_id": session,
        "segment_id": derived_id("segment", session, 0),
        "number": "0",
        "analysis_id": derived_id("analysis", session, 0),
        "webhook_id": webhook.json["id"],
        "delivery_id": new_id(),
        "org_id": "acme",
        "rep_id": "rep-1",
        "playbook_id": playbook["id"],
        "version": "1",
        "prompt_id": prompt["id"],
        "partner_id": owner.partner_id,
        "console_session_id": console_session_of(app, owner),
        "note_id": owner.post(f"/v1/all-day-sessions/{session}/notes", {"at_seconds": 1.0, "text": "x"}).json["id"],
        "share_id": share_of(owner, session),
        "token": "none",
        "id": new_id(),
        "file_key": upload.json["file_key"],
    }


def console_session_of(app, owner):
    with app.database.write() as tx:
        link = console.make_link(tx, role="coach", partner_id=owner.partner_id)
        return console.sign_in_by_link(tx, link.token).visitor.id


def share_of(owner, session):
    assert owner.post("/v1/orgs", {"org_id": "acme", "settings": {"share_links": "on"}}).status == 200
    made = owner.post(f"/v1/all-day-sessions/{session}/segments/{derived_id('segment', session, 0)}/shares", {})
    assert made.status == 201, made.body
    return made.json["id"]


def operations(app):
    for path, item in app.stranger().get("/openapi.json").json["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def filled(path, values):
    return re.sub(r"\{([a-z_]+)\}", lambda m: values[m[1]], path)


def test_every_route_with_foreign_ids_finds_nothing(app, owned):
    owner, values = owned
    other = app.caller(scopes=("partner:write", "uploads:write"))
    snapshot = everything_of(owner, app, values)
    tried = 0
    for method, path, operation in operations(app):
        if "{" not in path:
            continue
        name = operation["operationId"]
        if "requestBody" in operation and name not in SIGNED:
            assert name in BODIES, f"give {name} a body, so that this test reaches what it protects"
        answer = other.call(method, filled(path, values) + QUERIES.get(name, ""), BODIES.get(name))
        tried += 1
        if name in ADMIN_ONLY:
            assert (answer.status, answer.code) == (403, "scope_required"), name
        elif name in SIGNED:
            assert answer.status in (403, 404), name
        elif name in BY_NAME:
            assert answer.status in (200, 201, 404), name
        else:
            assert answer.status == 404, (name, answer.status, answer.body)
    assert tried >= 40
    assert everything_of(owner, app, values) == snapshot


def everything_of(owner, app, values):
    """Return every GET of the owner: proof that the ids lead somewhere, and that nobody changed anything."""
    found = {}
    for method, path, operation in operations(app):
        name = operation["operationId"]
        if (
            method != "GET"
            or not path.startswith("/v1/")
            or path.startswith("/v1/admin/")
            or name in SIGNED | SOUND | BY_TOKEN
            or name in ("follow_session", "follow_partner")
        ):
            continue
        answer = owner.get(filled(path, values) + QUERIES.get(name, ""))
        assert answer.status == 200, (path, answer.body)
        found[path] = answer.body
    return found


def test_lists_show_own_rows_only(app, owned):
    _, values = owned
    other = app.caller()
    for path in ("/v1/all-day-sessions", "/v1/analyses", "/v1/webhooks", "/v1/orgs", "/v1/search?q=xylophone"):
        assert other.get(path).json["data"] == []
    assert other.get(f"/v1/analyses?parent_session_id={values['session_id']}").json["data"] == []


def test_foreign_ids_inside_bodies_find_nothing(app, owned):
    _, values = owned
    other = app.caller()
    mine = app.finished_day(other)
    recording = {"org_id": "acme", "rep_id": "rep-1", "recording_url": RECORDING}
    upload = {"org_id": "acme", "rep_id": "rep-1", "file_key": values["file_key"]}
    playbook = {"options": {"playbook_id": values["playbook_id"]}}
    segment = derived_id("segment", mine, 0)
    foreign = values["segment_id"]
    cases = [
        ("POST", "/v1/all-day-sessions", {**recording, **playbook}, "playbook_not_found"),
        ("POST", "/v1/analyses", {**recording, **playbook}, "playbook_not_found"),
        ("POST", "/v1/all-day-sessions", upload, "file_not_found"),
        ("POST", "/v1/analyses", upload, "file_not_found"),
        (
            "POST",
            f"/v1/all-day-sessions/{mine}/segments/{segment}/analyze",
            {"playbook_id": values["playbook_id"]},
            "playbook_not_found",
        ),
        ("POST", f"/v1/all-day-sessions/{mine}/segments/{foreign}/analyze", {}, "segment_not_found"),
        ("GET", f"/v1/all-day-sessions/{mine}/transcript?segment={foreign}", None, "segment_not_found"),
        (
            "PATCH",
            f"/v1/all-day-sessions/{mine}/segments",
            {"revision": 0, "changes": [{"op": "remove", "segment_id": foreign}]},
            "segment_not_found",
        ),
    ]
    for method, path, body, code in cases:
        answer = other.call(method, path, body)
        assert (answer.status, answer.code) == (404, code), path


def test_a_playbook_of_another_org_of_the_same_partner_does_not_apply(app, owned):
    owner, values = owned
    body = {
        "org_id": "elsewhere",
        "rep_id": "r",
        "recording_url": RECORDING,
        "options": {"playbook_id": values["playbook_id"]},
    }
    assert owner.post("/v1/all-day-sessions", body).code == "playbook_not_found"


def test_streams_of_another_partner_stay_closed(app, owned):
    _, values = owned
    with app.database.read() as tx:
        number = events.of_session(tx, values["session_id"])[0].number
    answer = app.caller().get(
        f"/v1/all-day-sessions/{values['session_id']}/events", headers={"Last-Event-ID": str(number - 1)}
    )
    assert (answer.status, answer.code) == (404, "session_not_found")
