"""Analyses, reps and orgs can be cancelled, archived and deleted, with a receipt."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.tables import analysis, metadata
from dayline.ids import derived_id

CALL = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/call.mp3"}


def rows_of(app, partner_id, org_id="acme"):
    found = {}
    with app.database.read() as tx:
        for table in metadata.sorted_tables:
            if {"partner_id", "org_id"} <= set(table.c.keys()):
                where = (table.c.partner_id == partner_id, table.c.org_id == org_id)
                found[table.name] = tx.run(sa.select(sa.func.count()).select_from(table).where(*where)).scalar()
    return {name: count for name, count in found.items() if count}


def test_an_analysis_of_its_own_is_cancelled_and_deleted(app):
    caller = app.caller()
    made = caller.post("/v1/analyses", CALL).json
    path = f"/v1/analyses/{made['id']}"
    cancelled = caller.post(f"{path}/cancel").json
    assert (cancelled["status"], cancelled["error"]["code"]) == ("failed", "cancelled")
    assert caller.post(f"{path}/cancel").code == "invalid_state"
    receipt = caller.delete(path)
    assert receipt.status == 200
    assert receipt.json["rows"]["analysis"] == 1
    assert receipt.json["rows"]["session"] == 1
    assert receipt.json["engine_records"] >= 1
    assert caller.get(path).code == "analysis_not_found"
    assert "session" not in rows_of(app, caller.partner_id)


def test_a_queued_analysis_is_deleted_at_once(app):
    caller = app.caller()
    made = caller.post("/v1/analyses", CALL).json
    assert caller.delete(f"/v1/analyses/{made['id']}").status == 200
    assert caller.get("/v1/analyses").json["data"] == []


def test_the_analysis_of_a_conversation_goes_and_the_segment_stays(app):
    caller = app.caller()
    day = app.finished_day(caller)
    child = derived_id("analysis", day, 1)
    assert caller.delete(f"/v1/analyses/{child}").json["rows"]["analysis"] == 1
    segment = caller.get(f"/v1/all-day-sessions/{day}").json["segments"][1]
    assert (segment["analysis_id"], segment["status"]) == (None, "detected")
    assert caller.post(f"/v1/all-day-sessions/{day}/segments/{segment['id']}/analyze", {}).status == 202


def test_an_archived_analysis_is_left_out_of_lists(app):
    caller = app.caller()
    day = app.finished_day(caller, (10.0, 400.0))
    child = derived_id("analysis", day, 0)
    assert caller.post(f"/v1/analyses/{child}/archive").json["archived_at"] is not None
    assert caller.get("/v1/analyses").json["data"] == []
    assert [row["id"] for row in caller.get("/v1/analyses?archived=true").json["data"]] == [child]
    assert caller.get(f"/v1/analyses/{child}").status == 200
    assert caller.post(f"/v1/analyses/{child}/restore").json["archived_at"] is None
    assert [row["id"] for row in caller.get("/v1/analyses").json["data"]] == [child]


def test_a_conversation_is_scored_again_without_transcribing(app):
    caller = app.caller()
    day = app.finished_day(caller, (10.0, 400.0))
    child = derived_id("analysis", day, 0)
    wanted = {"prompt_overrides": [{"title": "Price", "content": "Was a price named?"}]}
    again = caller.post(f"/v1/analyses/{child}/rescore", wanted)
    assert (again.status, again.json["status"]) == (202, "queued")
    assert again.json["id"] != child
    assert caller.post(f"/v1/analyses/{child}/rescore").code == "invalid_state"
    queued = caller.post("/v1/analyses", CALL).json
    assert caller.post(f"/v1/analyses/{queued['id']}/rescore").code == "invalid_state"
    with app.database.write() as tx:
        tx.run(sa.update(analysis).where(analysis.c.id == queued["id"]).values(status="completed"))
    assert caller.post(f"/v1/analyses/{queued['id']}/rescore").code == "invalid_state", "there is no transcript"


def test_archived_orgs_and_reps_are_hidden_until_they_are_made_again(app):
    caller = app.caller()
    caller.post("/v1/orgs", {"org_id": "acme"})
    caller.post("/v1/orgs/acme/reps", {"rep_id": "rep-1"})
    assert caller.post("/v1/orgs/acme/reps/rep-1/archive").json["archived_at"] is not None
    assert caller.get("/v1/orgs/acme/reps/rep-1").code == "rep_not_found"
    assert caller.get("/v1/orgs/acme/reps").json["data"] == []
    assert len(caller.get("/v1/orgs/acme/reps?archived=true").json["data"]) == 1
    assert caller.post("/v1/orgs/acme/reps", {"rep_id": "rep-1"}).json["archived_at"] is None
    assert caller.post("/v1/orgs/acme/archive").status == 200
    assert caller.get("/v1/orgs/acme").code == "org_not_found"
    assert [row["org_id"] for row in caller.get("/v1/orgs?archived=true").json["data"]] == ["acme"]
    assert caller.post("/v1/orgs", {"org_id": "acme"}).status == 200
    assert caller.get("/v1/orgs/acme").status == 200


def test_a_rep_and_an_org_go_with_everything_of_theirs(app):
    caller, other = app.caller(), app.caller()
    app.finished_day(caller)
    theirs = app.finished_day(other)
    caller.post("/v1/analyses", CALL)
    other_rep = caller.post("/v1/all-day-sessions", {**CALL, "rep_id": "rep-2"}).json
    caller.post("/v1/orgs/acme/playbooks", {"content": "Name the price."})
    caller.post("/v1/orgs/acme/prompts", {"title": "Price", "prompt_content": "Was a price named?"})
    receipt = caller.delete("/v1/orgs/acme/reps/rep-1").json
    assert (receipt["sessions"], receipt["rows"]["segment"]) == (2, 3)
    assert caller.get("/v1/orgs/acme/reps/rep-1").code == "rep_not_found"
    assert [row["id"] for row in caller.get("/v1/all-day-sessions").json["data"]] == [other_rep["id"]]
    assert caller.get("/v1/analyses").json["data"] == []
    receipt = caller.delete("/v1/orgs/acme").json
    assert receipt["rows"]["playbook"] == receipt["rows"]["prompt"] == receipt["rows"]["org"] == 1
    assert rows_of(app, caller.partner_id) == {}
    assert caller.delete("/v1/orgs/acme").code == "org_not_found"
    assert other.get(f"/v1/all-day-sessions/{theirs}").status == 200
