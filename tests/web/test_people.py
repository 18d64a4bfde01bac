"""Notes and who reads them, names of voices, and a new address for the same recording."""

from __future__ import annotations

import pytest

from dayline.audio.sampled_hash import sampled_hash
from dayline.db.tables import session as session_table
from dayline.ids import derived_id

from .test_audio import beeps, day_with, player  # noqa: F401 - a fixture

SESSIONS = "/v1/all-day-sessions"


@pytest.fixture
def people(app, day_of, browser_of):
    caller = app.caller()
    id = day_of(app, caller, "acme", "rep-1")
    limits = {"org_ids": ["acme"]}
    return (
        f"{SESSIONS}/{id}",
        {
            "key": caller,
            "coach": browser_of(app, "coach", caller.partner_id, name="Cora", **limits),
            "rep": browser_of(app, "rep", caller.partner_id, rep_id="rep-1", name="Jo", **limits),
            "other rep": browser_of(app, "rep", caller.partner_id, rep_id="rep-2", name="Max", **limits),
            "viewer": browser_of(app, "viewer", caller.partner_id, **limits),
        },
        id,
    )


def test_notes_are_read_by_those_they_are_for(people):
    path, who, id = people
    for visibility in ("coaches", "rep", "org"):
        body = {"at_seconds": 120.5, "text": f"for {visibility}", "visibility": visibility}
        made = who["coach"].post(f"{path}/notes", body)
        assert (made.status, made.json["author"], made.json["author_role"]) == (201, "Cora", "coach")
    own = {"at_seconds": 5, "text": "I disagree", "visibility": "coaches", "segment_id": derived_id("segment", id, 0)}
    assert who["rep"].post(f"{path}/notes", own).status == 201
    seen = {name: [n["text"] for n in who[name].get(f"{path}/notes").json["data"]] for name in ("rep", "viewer", "key")}
    assert seen == {
        "rep": ["I disagree", "for rep", "for org"],
        "viewer": ["for org"],
        "key": ["I disagree", "for coaches", "for rep", "for org"],
    }
    assert who["other rep"].get(f"{path}/notes").code == "session_not_found"
    assert who["viewer"].post(f"{path}/notes", own).code == "scope_required"


def test_notes_are_deleted_by_their_writer_or_a_coach(people):
    path, who, _ = people

    def note(name, visibility="org"):
        return who[name].post(f"{path}/notes", {"at_seconds": 1, "text": "x", "visibility": visibility}).json["id"]

    of_coach, hidden, of_rep, second = note("coach"), note("coach", "coaches"), note("rep"), note("rep")
    assert who["rep"].call("DELETE", f"{path}/notes/{of_coach}").code == "scope_required"
    assert who["rep"].call("DELETE", f"{path}/notes/{hidden}").code == "note_not_found"
    assert who["rep"].call("DELETE", f"{path}/notes/{of_rep}").status == 204
    assert who["coach"].call("DELETE", f"{path}/notes/{second}").status == 204
    assert who["coach"].call("DELETE", f"{path}/notes/{second}").code == "note_not_found"
    assert len(who["key"].get(f"{path}/notes").json["data"]) == 2


@pytest.mark.parametrize(
    "wrong", [{"at_seconds": 3601}, {"at_seconds": -1}, {"text": ""}, {"visibility": "me"}, {"text": "x" * 4001}]
)
def test_notes_that_do_not_fit(people, wrong):
    path, who, _ = people
    assert who["key"].post(f"{path}/notes", {"at_seconds": 1, "text": "x", **wrong}).status == 400


def test_a_note_of_an_unknown_segment(people):
    path, who, _ = people
    body = {"at_seconds": 1, "text": "x", "segment_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"}
    assert who["key"].post(f"{path}/notes", body).code == "segment_not_found"


def test_voices_get_names(people):
    path, who, _ = people
    named = who["coach"].call("PATCH", f"{path}/speakers", {"REP": "Jo Field"})
    assert named.json == {"speaker_names": {"REP": "Jo Field"}}
    assert who["viewer"].get(path).json["speaker_names"] == {"REP": "Jo Field"}
    unknown = who["coach"].call("PATCH", f"{path}/speakers", {"SPEAKER_09": "x"})
    assert unknown.json["error"]["details"]["allowed"] == ["REP"]
    assert who["coach"].call("PATCH", f"{path}/speakers", {"REP": None}).json == {"speaker_names": {}}
    assert who["viewer"].call("PATCH", f"{path}/speakers", {"REP": "x"}).code == "scope_required"
    assert who["coach"].call("PATCH", f"{path}/speakers", {"REP": ""}).status == 400


def test_what_people_added_goes_with_the_day(app, people):
    path, who, _ = people
    who["coach"].post(f"{path}/notes", {"at_seconds": 1, "text": "x"})
    receipt = who["key"].delete(path).json
    assert receipt["rows"]["note"] == 1
    assert who["key"].get(f"{path}/notes").code == "session_not_found"


def test_a_new_address_of_the_same_file(player, recordings):  # noqa: F811 - a fixture
    caller = player.caller()
    body = beeps("pcm_s16le", "wav")
    day = day_with(player, caller, body, url=f"{recordings.base_url}/plain/old.wav")
    assert caller.get(f"{day}/audio", headers={"Range": "bytes=0-9"}).code == "recording_gone"
    recordings.files["new.wav"], recordings.files["other.wav"] = body, body + b"!"

    def put(name, where=day):
        return caller.call("PUT", f"{where}/recording-url", {"recording_url": f"{recordings.base_url}/plain/{name}"})

    recordings.files["same-length.wav"] = bytes([*body[:-100], *(255 - byte for byte in body[-100:])])
    assert put("other.wav").code == "recording_changed"
    assert put("missing.wav").code == "recording_gone"
    moved = put("new.wav")
    assert (moved.status, moved.json["audio"]["playable"]) == (200, True)
    assert moved.json["recording_url"].endswith("/new.wav")
    assert caller.get(f"{day}/audio", headers={"Range": "bytes=0-9"}).body == body[:10]
    facts = {"sampled_hash": sampled_hash(lambda at, size: body[at : at + size], len(body))}
    hashed = day_with(player, caller, body, url=f"{recordings.base_url}/plain/old.wav", **facts)
    assert put("same-length.wav", hashed).code == "recording_changed"
    assert put("new.wav", hashed).status == 200
    upload = day_with(player, caller, body, file_key="uploads/p/u.wav")
    assert put("new.wav", upload).code == "invalid_state"
    for url in ("https://10.0.0.1/x.wav", "ftp://example.com/x", "http://example.com/x"):
        answer = caller.call("PUT", f"{day}/recording-url", {"recording_url": url})
        assert answer.status in (400, 422), url
    with player.database.read() as tx:
        row = tx.run(session_table.select().where(session_table.c.id == day.rsplit("/", 1)[1])).one()
    assert row.recording_url.endswith("/new.wav")
