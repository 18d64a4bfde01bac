"""Preview and undo of corrections, labels of other time, and reasons of segments that a person set."""

from __future__ import annotations

import pytest

from dayline.analyses import repository as analyses
from dayline.db.tables import segment as segment_table
from dayline.domain.status import AnalysisStatus
from dayline.ids import derived_id

SESSIONS = "/v1/all-day-sessions"
REASONS = [
    {"about": "start", "text": "a greeting", "at_seconds": 100.0, "weight": 0.5},
    {"about": "end", "text": "a goodbye", "at_seconds": 699.0, "weight": 0.5},
    {"about": "kind", "text": "it lasts 10.0 min, as visits do", "at_seconds": 100.0, "weight": 0.9},
]


@pytest.fixture
def day(app):
    caller = app.caller()
    id = app.finished_day(caller)
    with app.database.write() as tx:
        tx.run(segment_table.update().where(segment_table.c.session_id == id).values(reasons=REASONS))
    return caller, f"{SESSIONS}/{id}", [derived_id("segment", id, n) for n in range(3)]


def correct(caller, path, revision, *changes, query=""):
    return caller.patch(f"{path}/segments{query}", {"revision": revision, "changes": list(changes)})


def state(caller, path):
    session = caller.get(path).json
    names = ("id", "start_seconds", "end_seconds", "confidence", "title", "status", "analysis_id", "reasons")
    return [{n: s[n] for n in names} for s in session["segments"]], caller.get(f"{path}/timeline").json["stretches"]


def test_a_preview_tells_what_saving_does_and_changes_nothing(day):
    caller, path, ids = day
    before = state(caller, path)
    changes = [
        {"op": "adjust", "segment_id": ids[0], "end_seconds": 650.0},
        {"op": "relabel", "segment_id": ids[1], "kind": "internal"},
        {"op": "adjust", "segment_id": ids[2], "title": "Mrs. Ortiz"},
        {"op": "add", "start_seconds": 3100.0, "end_seconds": 3200.0},
    ]
    told = correct(caller, path, 0, *changes, query="?dry_run=true")
    assert told.status == 200
    assert state(caller, path) == before
    assert caller.get(f"{path}/revisions").json["data"][0]["number"] == 0
    saved = correct(caller, path, 0, *changes).json["segments"]
    analysing = [s["id"] for s in saved if s["status"] == "analyzing"]
    assert told.json == {"reanalyze": analysing, "retire": [ids[1]]}
    assert len(analysing) == 2
    stale = correct(caller, path, 0, *changes, query="?dry_run=true")
    assert (stale.status, stale.code) == (409, "invalid_state")


def test_restoring_brings_everything_back(app, day):
    caller, path, ids = day
    before = state(caller, path)
    correct(
        caller,
        path,
        0,
        {"op": "adjust", "segment_id": ids[0], "start_seconds": 150.0},
        {"op": "merge", "segment_ids": [ids[1], ids[2]]},
    )
    assert state(caller, path) != before
    restored = caller.post(f"{path}/revisions/0/restore", {"revision": 1})
    assert (restored.status, restored.json["revision"]) == (200, 2)
    assert state(caller, path) == before
    with app.database.read() as tx:
        current = {row.id for row in analyses.children(tx, path.rsplit("/", 1)[1])}
    assert current == {s["analysis_id"] for s in before[0]}
    latest = caller.get(f"{path}/revisions").json["data"][0]
    assert (latest["number"], latest["changes"]) == (2, [{"op": "restore", "revision": 0}])
    again = caller.post(f"{path}/revisions/1/restore", {}).json
    assert [s["end_seconds"] - s["start_seconds"] for s in again["segments"]] == [550.0, 2000.0]
    row = next(r for r in caller.get(f"{SESSIONS}?view=summary").json["data"] if r["id"] == restored.json["id"])
    assert sum(seconds for label, seconds in row["strip"] if label == "customer") == 2550.0


def test_restoring_keeps_an_analysis_that_was_made_on_demand_meanwhile(app, day):
    caller, path, ids = day
    session_id = path.rsplit("/", 1)[1]
    correct(caller, path, 0, {"op": "adjust", "segment_id": ids[0], "title": "First"})
    newer = caller.post(f"{path}/segments/{ids[0]}/analyze", {}).json["id"]
    with app.database.write() as tx:
        analyses.update(tx, newer, status=AnalysisStatus.COMPLETED)
        tx.run(segment_table.update().where(segment_table.c.id == ids[0]).values(status="analyzed"))
    correct(caller, path, 1, {"op": "remove", "segment_id": ids[0]})
    back = caller.post(f"{path}/revisions/1/restore", {"revision": 2}).json["segments"][0]
    assert (back["analysis_id"], back["status"], back["title"]) == (newer, "analyzed", "First")
    assert newer != derived_id("analysis", session_id, 0)


def test_an_analysis_that_is_gone_is_made_again(app, day):
    caller, path, ids = day
    correct(caller, path, 0, {"op": "remove", "segment_id": ids[0]})
    with app.database.write() as tx:
        analyses.delete(tx, derived_id("analysis", path.rsplit("/", 1)[1], 0))
    segments = caller.post(f"{path}/revisions/0/restore", {}).json["segments"]
    assert [s["status"] for s in segments] == ["analyzing", "analyzed", "analyzed"]


def test_what_cannot_be_restored(app, day):
    caller, path, ids = day
    assert caller.post(f"{path}/revisions/4/restore", {}).code == "revision_not_found"
    correct(caller, path, 0, {"op": "remove", "segment_id": ids[0]})
    stale = caller.post(f"{path}/revisions/0/restore", {"revision": 0})
    assert (stale.status, stale.json["error"]["details"]["revision"]) == (409, 1)


def test_time_that_is_no_conversation_gets_a_label(day):
    caller, path, ids = day
    label = {"op": "label", "start_seconds": 2050.0, "end_seconds": 2400.0, "label": "broadcast"}
    assert correct(caller, path, 0, label).status == 200
    segments, timeline = state(caller, path)
    assert [s["id"] for s in segments] == ids
    assert {s["status"] for s in segments} == {"analyzed"}
    stretch = next(s for s in timeline if s["label"] == "broadcast")
    assert (stretch["start_seconds"], stretch["end_seconds"]) == (2050.0, 2400.0)
    assert stretch["reasons"][0]["text"] == "A person set this."
    over = correct(caller, path, 1, {**label, "end_seconds": 2600.0})
    assert (over.code, over.json["error"]["details"]["segment_ids"]) == ("invalid_request", [ids[2]])
    assert correct(caller, path, 1, {**label, "label": "customer"}).code == "invalid_enum"
    assert correct(caller, path, 1, {**label, "start_seconds": 5000.0}).code == "invalid_request"


def test_a_person_leaves_no_reason_that_was_about_something_else(day):
    caller, path, ids = day
    split = correct(caller, path, 0, {"op": "split", "segment_id": ids[0], "at_seconds": 400.0}).json["segments"]
    first, second = split[0], split[1]
    assert (first["confidence"], second["confidence"]) == (None, None)
    assert split[2]["confidence"] is not None
    told = [[(r["about"], r["text"], r["at_seconds"]) for r in part["reasons"]] for part in (first, second)]
    nothing = "A person set this conversation, so the detector gives no confidence."
    here = "A person split the conversation here."
    assert told[0] == [("start", "a greeting", 100.0), ("end", here, 400.0), ("confidence", nothing, 100.0)]
    assert told[1] == [("start", here, 400.0), ("end", "a goodbye", 699.0), ("confidence", nothing, 400.0)]


def test_changes_of_people_carry_their_name(app, day, browser_of):
    caller, path, ids = day
    coach = browser_of(app, "coach", caller.partner_id, name="Cora")
    assert coach.call("PATCH", f"{path}/segments", {"revision": 0, "changes": [{"op": "remove", "segment_id": ids[0]}]})
    assert [r["author"] for r in caller.get(f"{path}/revisions").json["data"]] == ["Cora", "detector"]
    assert caller.get(f"{path}/access-log").json["data"][0]["action"] == "corrected"
