"""Corrections over HTTP: one transaction, only touched conversations again, revisions kept."""

from __future__ import annotations

import threading

import pytest

from dayline.analyses import repository as analyses
from dayline.ids import derived_id, new_id
from dayline.webhooks import events_repository as events
from dayline.workflows import retention_repository as retention


def segment(id, number):
    return derived_id("segment", id, number)


def test_a_correction_touches_what_it_names_and_nothing_else(app):
    caller = app.caller()
    id = app.finished_day(caller)
    path = f"/v1/all-day-sessions/{id}/segments"
    changes = [
        {"op": "adjust", "segment_id": segment(id, 0), "start_seconds": 120},
        {"op": "add", "start_seconds": 3100, "end_seconds": 3200, "title": "At the door"},
        {"op": "adjust", "segment_id": segment(id, 2), "title": "The long one"},
    ]
    answer = caller.patch(path, {"revision": 0, "changes": changes})
    assert answer.status == 200, answer.body
    session = answer.json
    assert session["revision"] == 1
    assert [s["status"] for s in session["segments"]] == ["analyzing", "analyzed", "analyzed", "analyzing"]
    assert [s["revision"] for s in session["segments"]] == [1, 0, 1, 1]
    assert session["segments"][1]["analysis_id"] == derived_id("analysis", id, 1)
    assert session["segments"][2]["title"] == "The long one"
    with app.database.read() as tx:
        children = analyses.children(tx, id)
        everything = analyses.children(tx, id, current_only=False)
        news = [e.type for e in events.of_session(tx, id)]
    assert len(children) == 4
    assert len(everything) == 5
    assert news[-1] == "all_day_session.corrected"
    assert caller.get(f"/v1/analyses/{derived_id('analysis', id, 0)}").status == 200
    timeline = caller.get(f"/v1/all-day-sessions/{id}/timeline").json["stretches"]
    assert (timeline[1]["label"], timeline[1]["start_seconds"], timeline[1]["end_seconds"]) == (
        "other_speech",
        100,
        120,
    )


def test_a_stale_revision_is_refused_and_told(app):
    caller = app.caller()
    id = app.finished_day(caller)
    path = f"/v1/all-day-sessions/{id}/segments"
    body = {"revision": 0, "changes": [{"op": "remove", "segment_id": segment(id, 0)}]}
    assert caller.patch(path, body).status == 200
    stale = caller.patch(path, {"revision": 0, "changes": [{"op": "remove", "segment_id": segment(id, 1)}]})
    assert (stale.status, stale.code) == (409, "invalid_state")
    assert stale.json["error"]["details"]["revision"] == 1


def test_of_two_people_at_once_one_wins(app):
    caller = app.caller()
    id = app.finished_day(caller)
    answers = []

    def change(number):
        body = {"revision": 0, "changes": [{"op": "remove", "segment_id": segment(id, number)}]}
        answers.append(caller.patch(f"/v1/all-day-sessions/{id}/segments", body).status)

    threads = [threading.Thread(target=change, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409]
    assert caller.get(f"/v1/all-day-sessions/{id}").json["segments_detected"] == 2


def test_one_wrong_change_makes_all_of_them_undone(app):
    caller = app.caller()
    id = app.finished_day(caller)
    before = caller.get(f"/v1/all-day-sessions/{id}").json
    changes = [
        {"op": "remove", "segment_id": segment(id, 0)},
        {"op": "split", "segment_id": segment(id, 1), "at_seconds": 5},
    ]
    answer = caller.patch(f"/v1/all-day-sessions/{id}/segments", {"revision": 0, "changes": changes})
    assert answer.code == "invalid_request"
    assert answer.json["error"]["details"]["change"] == 1
    assert caller.get(f"/v1/all-day-sessions/{id}").json == before


def test_revisions_are_kept_and_readable(app):
    caller = app.caller()
    id = app.finished_day(caller)
    path = f"/v1/all-day-sessions/{id}"
    first = caller.get(f"{path}/revisions").json["data"]
    assert [r["number"] for r in first] == [0]
    caller.patch(
        f"{path}/segments",
        {"revision": 0, "changes": [{"op": "merge", "segment_ids": [segment(id, 0), segment(id, 1)]}]},
    )
    caller.patch(
        f"{path}/segments",
        {"revision": 1, "changes": [{"op": "relabel", "segment_id": segment(id, 2), "kind": "personal"}]},
    )
    found = caller.get(f"{path}/revisions").json["data"]
    assert [r["number"] for r in found] == [2, 1, 0]
    assert [len(r["segments"]) for r in found] == [1, 2, 3]
    assert found[0]["author"].startswith("key ")
    assert caller.get(f"{path}/revisions/1").json["changes"][0]["op"] == "merge"
    assert caller.get(f"{path}/revisions/0").json["timeline"][1]["label"] == "customer"
    assert caller.get(f"{path}/revisions/9").code == "revision_not_found"
    assert caller.get(f"{path}/timeline").json["stretches"][3]["label"] == "personal"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"changes": []}, "missing_field", "revision"),
        ({"revision": 0, "changes": []}, "invalid_request", "changes"),
        ({"revision": 0, "changes": [{"op": "move"}]}, "invalid_enum", "changes[0].op"),
        ({"revision": 0, "changes": [{"segment_id": "x"}]}, "missing_field", "changes[0].op"),
        (
            {"revision": 0, "changes": [{"op": "remove", "segment": "x"}]},
            "missing_field",
            "changes[0].remove.segment_id",
        ),
    ],
)
def test_shapes_are_refused_by_name(sqlite_app, body, code, field):
    caller = sqlite_app.caller()
    id = sqlite_app.finished_day(caller)
    answer = caller.patch(f"/v1/all-day-sessions/{id}/segments", body)
    assert answer.code == code
    assert answer.json["error"]["details"]["field"] == field


def test_one_segment_again_with_other_prompts(app):
    caller = app.caller()
    id = app.finished_day(caller)
    path = f"/v1/all-day-sessions/{id}/segments/{segment(id, 1)}/analyze"
    answer = caller.post(path, {"prompt_overrides": [{"title": "Price", "content": "Was a price named?"}]})
    assert answer.status == 202
    assert set(answer.json) == {"id", "status", "created_at"}
    row = caller.get(f"/v1/analyses/{answer.json['id']}").json
    assert row["options"]["prompt_overrides"] == [{"title": "Price", "content": "Was a price named?"}]
    assert caller.get(f"/v1/all-day-sessions/{id}").json["segments"][1]["status"] == "analyzing"
    assert caller.post(path).code == "invalid_state"
    assert caller.post(f"/v1/all-day-sessions/{id}/segments/{new_id()}/analyze").code == "segment_not_found"
    other = f"/v1/all-day-sessions/{id}/segments/{segment(id, 0)}/analyze"
    assert caller.post(other, {"playbook_id": new_id()}).code == "playbook_not_found"
    assert caller.post(other).status == 202


def test_the_rollup_has_the_title_that_a_person_gave(app):
    caller = app.caller()
    id = app.finished_day(caller)
    changes = [{"op": "adjust", "segment_id": segment(id, 0), "title": "With Mrs Cartwright"}]
    rollup = caller.patch(f"/v1/all-day-sessions/{id}/segments", {"revision": 0, "changes": changes}).json["rollup"]
    assert "With Mrs Cartwright" in rollup["summary"]
    assert rollup["summary"].count("A visit") == 2, "the others have the titles of their analyses"


def test_without_a_transcript_no_analysis_is_given_up_for_one_that_must_fail(app):
    caller = app.caller()
    id = app.finished_day(caller)
    path = f"/v1/all-day-sessions/{id}"
    with app.database.write() as tx:
        retention.delete_transcript(tx, id)
    moved = {"op": "adjust", "segment_id": segment(id, 0), "end_seconds": 650}
    removed = {"op": "relabel", "segment_id": segment(id, 2), "kind": "internal"}
    refused = [
        caller.post(f"{path}/segments/{segment(id, 0)}/analyze", {}),
        caller.post(f"/v1/analyses/{derived_id('analysis', id, 0)}/rescore", {}),
        caller.patch(f"{path}/segments", {"revision": 0, "changes": [moved]}),
        caller.patch(f"{path}/segments?dry_run=true", {"revision": 0, "changes": [moved]}),
        caller.get(f"{path}/transcript?partial=true"),
    ]
    assert [(answer.status, answer.code) for answer in refused] == [(409, "invalid_state")] * 5
    assert [s["status"] for s in caller.get(path).json["segments"]] == ["analyzed"] * 3
    assert caller.patch(f"{path}/segments", {"revision": 0, "changes": [removed]}).status == 200


def test_a_day_whose_results_were_deleted_is_not_called_unanalysed(app):
    caller = app.caller()
    id = app.finished_day(caller)
    with app.database.write() as tx:
        for number in range(3):
            retention.delete_part(tx, derived_id("analysis", id, number), "result")
    removed = {"op": "relabel", "segment_id": segment(id, 2), "kind": "internal"}
    answer = caller.patch(f"/v1/all-day-sessions/{id}/segments", {"revision": 0, "changes": [removed]})
    assert (answer.status, answer.json["rollup"]) == (200, None)
