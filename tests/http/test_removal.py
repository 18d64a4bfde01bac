"""Analyses, reps and orgs can be cancelled, archived and deleted, with a receipt."""

from __future__ import annotations

import json

import sqlalchemy as sa

from dayline.analyses import repository as analyses
from dayline.db.tables import analysis, idempotency, metadata
from dayline.domain.status import AnalysisStatus
from dayline.ids import derived_id
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.webhooks import events_repository as events
from dayline.webhooks.outbox import relay_batch
from dayline.workflows.analysis.outcome import rollup_of
from tests.http.stored_day import RESULT

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


def told(app, session_id):
    """Return what is stored of a session besides its segments that may tell of an analysis."""
    with app.database.read() as tx:
        session = sessions.get(tx, session_id)
        assert session is not None
        bodies = [e.body for e in events.of_session(tx, session_id)]
    return json.dumps([session.rollup, bodies])


def test_a_deleted_analysis_is_gone_from_the_rollup_and_from_events(app):
    caller = app.caller()
    day = app.finished_day(caller)
    path = f"/v1/all-day-sessions/{day}"
    title = {"op": "adjust", "segment_id": derived_id("segment", day, 0), "title": "First"}
    assert caller.patch(f"{path}/segments", {"revision": 0, "changes": [title]}).json["rollup"]["analyzed"] == 3
    with app.database.write() as tx:
        result = {**RESULT, "next_steps": [{"action": "Bring the zither", "when": None}]}
        analyses.update(tx, derived_id("analysis", day, 1), result=result)
        sessions.update_ended(tx, day, rollup=rollup_of(tx, day))
    assert "zither" in told(app, day)
    receipt = caller.delete(f"/v1/analyses/{derived_id('analysis', day, 1)}").json
    assert receipt["rows"]["event"] == 2, "completed and corrected carry the rollup"
    rollup = caller.get(path).json["rollup"]
    assert (rollup["conversations"], rollup["analyzed"]) == (3, 2)
    assert "zither" not in told(app, day)


def test_a_segment_is_below_the_threshold_again_without_its_analysis(app):
    caller = app.caller()
    day = app.finished_day(caller, (10.0, 400.0))
    with app.database.write() as tx:
        segments.update(tx, derived_id("segment", day, 0), confidence=0.5)
    caller.delete(f"/v1/analyses/{derived_id('analysis', day, 0)}")
    shown = caller.get(f"/v1/all-day-sessions/{day}").json
    assert (shown["segments"][0]["status"], shown["segments_below_threshold"]) == ("below_threshold", 1)


def test_a_cancelled_analysis_leaves_the_rollup(app):
    caller = app.caller()
    day = app.finished_day(caller)
    path = f"/v1/all-day-sessions/{day}"
    again = caller.post(f"{path}/segments/{derived_id('segment', day, 1)}/analyze", {}).json
    assert caller.post(f"/v1/analyses/{again['id']}/cancel").status == 200
    shown = caller.get(path).json
    assert (shown["segments"][1]["status"], shown["segments_failed"]) == ("failed", 1)
    assert (shown["rollup"]["conversations"], shown["rollup"]["analyzed"]) == (3, 2)


def test_cancelling_a_superseded_analysis_leaves_the_segment_alone(app):
    caller = app.caller()
    day = app.finished_day(caller)
    path, segment = f"/v1/all-day-sessions/{day}/segments", derived_id("segment", day, 1)
    superseded = caller.post(f"{path}/{segment}/analyze", {}).json
    moved = {"op": "adjust", "segment_id": segment, "end_seconds": 1900}
    present = caller.patch(path, {"revision": 0, "changes": [moved]}).json["segments"][1]
    assert caller.post(f"/v1/analyses/{superseded['id']}/cancel").status == 200
    assert caller.get(path).json["data"][1] == present
    assert present["status"] == "analyzing"


def test_deleting_a_superseded_analysis_leaves_the_segment_alone(app):
    caller = app.caller()
    day = app.finished_day(caller)
    path, segment = f"/v1/all-day-sessions/{day}/segments", derived_id("segment", day, 1)
    caller.post(f"{path}/{segment}/analyze", {})
    present = caller.get(path).json["data"][1]
    assert caller.delete(f"/v1/analyses/{derived_id('analysis', day, 1)}").status == 200
    assert caller.get(path).json["data"][1] == present


def kept_answers(app, partner_id):
    with app.database.read() as tx:
        return json.dumps([row.body for row in tx.run(sa.select(idempotency).where(idempotency.c.owner == partner_id))])


def test_kept_answers_about_a_session_go_with_it(app):
    caller = app.caller()
    day, other = app.finished_day(caller), app.finished_day(caller)
    for number, id in enumerate((day, other)):
        note = {"at_seconds": 120, "text": f"quagga {number}"}
        headers = {"Idempotency-Key": f"note {number}"}
        assert caller.post(f"/v1/all-day-sessions/{id}/notes", note, headers=headers).status == 201
        named = caller.patch(
            f"/v1/all-day-sessions/{id}/speakers",
            {"REP": f"Zebulon {number}"},
            headers={"Idempotency-Key": f"name {number}"},
        )
        assert named.status == 200
    assert caller.delete(f"/v1/all-day-sessions/{day}").json["rows"]["idempotency"] == 2
    kept = kept_answers(app, caller.partner_id)
    assert ("quagga 0" in kept, "Zebulon 0" in kept) == (False, False)
    assert ("quagga 1" in kept, "Zebulon 1" in kept) == (True, True)


def test_a_deleted_org_leaves_no_upload_of_a_call_and_no_kept_answer(app):
    caller = app.caller(scopes=("partner:read", "partner:write", "uploads:write"))

    def keyed(path, body):
        answer = caller.post(path, body, headers={"Idempotency-Key": f"{path} {json.dumps(body)}"})
        assert answer.status in (200, 201, 202), answer.body
        return answer.json

    keyed("/v1/orgs", {"org_id": "acme", "name": "Quagga Doors"})
    keyed("/v1/orgs", {"org_id": "acme2", "name": "Kept Doors"})
    for rep in ("rep-1", "rep-2"):
        keyed("/v1/orgs/acme/reps", {"rep_id": rep, "email": f"zebulon@{rep}.example"})
    keyed("/v1/orgs/acme/playbooks", {"content": "Say okapi."})
    keys = []
    for rep in ("rep-1", "rep-2"):
        link = keyed("/v1/uploads/signed-url", {"file_name": f"{rep}.mp3", "content_type": "audio/mpeg"})
        app.services.blobs.put(link["file_key"], b"sound")
        call = {"org_id": "acme", "rep_id": rep, "file_key": link["file_key"]}
        made = keyed("/v1/analyses", call)
        with app.database.write() as tx:  # as after the end of the call
            analyses.update(tx, made["id"], status=AnalysisStatus.FAILED)
            sessions.delete(tx, made["id"])
        keys.append(link["file_key"])
    receipt = caller.delete("/v1/orgs/acme/reps/rep-1").json
    assert (receipt["objects"], receipt["rows"]["upload"], receipt["analyses"]) == ([keys[0]], 1, 1)
    kept = kept_answers(app, caller.partner_id)
    assert ("zebulon@rep-1" in kept, "zebulon@rep-2" in kept, "okapi" in kept) == (False, True, True)
    receipt = caller.delete("/v1/orgs/acme").json
    assert (receipt["objects"], receipt["rows"]["upload"]) == ([keys[1]], 1)
    assert receipt["engine_records"] >= 1
    kept = kept_answers(app, caller.partner_id)
    for text in ("Quagga", "zebulon", "okapi"):
        assert text not in kept
    assert "Kept Doors" in kept
    assert list(app.services.blobs.list_keys(f"uploads/{caller.partner_id}")) == []


def test_deliveries_behind_those_of_a_deleted_analysis_are_due(app):
    caller = app.caller()
    day = app.finished_day(caller)
    hook = {"url": "https://hooks.example.com/dayline", "enabled_events": ["*"]}
    made = caller.post("/v1/webhooks", hook).json
    removed = {"op": "remove", "segment_id": derived_id("segment", day, 0)}
    with app.database.write() as tx:
        gone, stays = derived_id("analysis", day, 1), derived_id("analysis", day, 2)
        for id in (gone, stays):
            owner = {"partner_id": caller.partner_id, "environment": "production", "session_id": day}
            events.add(tx, **owner, type="analysis.completed", body={"id": id}, analysis_id=id, once=(id,))
        while relay_batch(tx):
            pass
    assert caller.patch(f"/v1/all-day-sessions/{day}/segments", {"revision": 0, "changes": [removed]}).status == 200
    caller.delete(f"/v1/analyses/{gone}")
    rows = caller.get(f"/v1/webhooks/{made['id']}/deliveries").json["data"]
    assert [(row["event_type"], row["next_attempt_at"] is not None) for row in rows] == [("analysis.completed", True)]
