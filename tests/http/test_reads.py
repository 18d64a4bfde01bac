"""Reading a day: segments, timeline, transcript, waveform, lists."""

from __future__ import annotations

import itertools

from dayline.ids import derived_id, new_id


def test_the_parts_of_a_day(app):
    caller = app.caller()
    id = app.finished_day(caller)
    session = caller.get(f"/v1/all-day-sessions/{id}").json
    assert session["segments_detected"] == 3
    assert session["segments_analyzed"] == 3
    assert [s["index"] for s in session["segments"]] == [0, 1, 2]
    assert set(session["segments"][0]) == {
        "id",
        "index",
        "start_seconds",
        "end_seconds",
        "confidence",
        "title",
        "kind",
        "status",
        "analysis_id",
        "reasons",
        "revision",
    }
    page = caller.get(f"/v1/all-day-sessions/{id}/segments").json
    assert page["data"] == session["segments"]
    timeline = caller.get(f"/v1/all-day-sessions/{id}/timeline").json
    assert timeline["stretches"][0]["start_seconds"] == 0
    assert timeline["stretches"][-1]["end_seconds"] == timeline["duration_seconds"]
    for left, right in itertools.pairwise(timeline["stretches"]):
        assert left["end_seconds"] == right["start_seconds"]


def test_transcripts_of_the_day_and_of_one_segment(app):
    caller = app.caller()
    id = app.finished_day(caller)
    path = f"/v1/all-day-sessions/{id}/transcript"
    whole = caller.get(path)
    names = {"text", "utterances", "words", "word_count", "duration_seconds", "is_partial", "covered"}
    assert set(whole.json) == names
    part = caller.get(f"{path}?segment={derived_id('segment', id, 1)}").json
    assert {1000 <= u["start"] < 2000 for u in part["utterances"]} == {True}
    assert 0 < part["word_count"] < whole.json["word_count"]
    for name, start, kind in (
        ("vtt", "WEBVTT", "text/vtt"),
        ("srt", "1\n", "application/x-subrip"),
        ("txt", "[00:01:40]", "text/plain"),
    ):
        answer = caller.get(f"{path}?format={name}")
        assert answer.headers["content-type"].startswith(kind)
        assert answer.body.decode().startswith(start)
    assert caller.get(f"{path}?format=doc").code == "invalid_enum"
    assert caller.get(f"{path}?segment={new_id()}").code == "segment_not_found"


def test_waveform(app):
    caller = app.caller()
    id = app.finished_day(caller)
    shown = caller.get(f"/v1/all-day-sessions/{id}/waveform?points=100").json
    assert len(shown["peaks"]) == 100
    assert caller.get(f"/v1/all-day-sessions/{id}/waveform?points=20001").status == 400


def test_what_is_not_there_yet_is_a_state_and_no_error_of_ours(app):
    caller = app.caller()
    body = {"org_id": "a", "rep_id": "b", "recording_url": "https://recordings.example.com/x.mp3"}
    id = caller.post("/v1/all-day-sessions", body).json["id"]
    for part in ("timeline", "transcript", "waveform"):
        answer = caller.get(f"/v1/all-day-sessions/{id}/{part}")
        assert (answer.status, answer.code) == (409, "invalid_state")
    assert caller.get(f"/v1/all-day-sessions/{id}/segments").json["data"] == []


def test_lists_are_stable_while_rows_are_added(app):
    caller = app.caller()
    body = {"org_id": "acme", "rep_id": "r", "recording_url": "https://recordings.example.com/x.mp3"}
    ids = [caller.post("/v1/all-day-sessions", body).json["id"] for _ in range(7)]
    path = "/v1/all-day-sessions?limit=3"
    seen, cursor = [], None
    while True:
        page = caller.get(path + (f"&cursor={cursor}" if cursor else "")).json
        seen += [s["id"] for s in page["data"]]
        caller.post("/v1/all-day-sessions", body)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]


def test_filters(app):
    caller, moment = app.caller(), ""
    for org, rep in (("a", "1"), ("a", "2"), ("b", "1")):
        body = {"org_id": org, "rep_id": rep, "recording_url": "https://recordings.example.com/x.mp3"}
        middle = caller.post("/v1/all-day-sessions", body).json["created_at"]
        if (org, rep) == ("a", "2"):
            moment = middle
    assert moment
    path = "/v1/all-day-sessions"
    assert len(caller.get(f"{path}?org_id=a").json["data"]) == 2
    assert len(caller.get(f"{path}?org_id=a&rep_id=2").json["data"]) == 1
    assert len(caller.get(f"{path}?status=completed").json["data"]) == 0
    moment = moment.replace("+", "%2B")
    assert len(caller.get(f"{path}?created_after={moment}").json["data"]) == 1
    assert len(caller.get(f"{path}?created_before={moment}").json["data"]) == 1
    assert caller.get(f"{path}?status=done").code == "invalid_enum"
    assert caller.get(f"{path}?created_after=yesterday").code == "invalid_request"
    assert caller.get(f"{path}?organisation=a").json["error"]["details"]["field"] == "organisation"
    assert caller.get(f"{path}?limit=0").status == 400


def test_a_cursor_belongs_to_its_list_its_filters_and_its_partner(app):
    caller = app.caller()
    body = {"org_id": "acme", "rep_id": "r", "recording_url": "https://recordings.example.com/x.mp3"}
    for _ in range(3):
        caller.post("/v1/all-day-sessions", body)
        caller.post("/v1/analyses", body)
    cursor = caller.get("/v1/all-day-sessions?limit=1").json["next_cursor"]
    assert caller.get(f"/v1/all-day-sessions?limit=1&cursor={cursor}").status == 200
    for path in (
        f"/v1/all-day-sessions?org_id=acme&cursor={cursor}",
        f"/v1/analyses?cursor={cursor}",
        f"/v1/all-day-sessions?cursor={cursor[:-2]}",
        "/v1/all-day-sessions?cursor=%C3%BC",
    ):
        assert caller.get(path).code == "invalid_request"
    assert app.caller().get(f"/v1/all-day-sessions?cursor={cursor}").code == "invalid_request"


def test_analyses_are_children_with_their_parents_clock(app):
    caller = app.caller()
    id = app.finished_day(caller)
    children = caller.get(f"/v1/analyses?parent_session_id={id}").json["data"]
    assert len(children) == 3
    assert "transcript" not in children[0]
    row = caller.get(f"/v1/analyses/{derived_id('analysis', id, 1)}").json
    assert row["parent_session_id"] == id
    assert (row["start_seconds"], row["end_seconds"]) == (1000.0, 2000.0)
    assert row["analysis"]["overall_score"] == 70
    assert len(caller.get(f"/v1/analyses?parent_session_id={id}&min_score=71").json["data"]) == 0
    assert len(caller.get(f"/v1/analyses?parent_session_id={id}&min_score=70").json["data"]) == 3


def test_keys_of_the_other_environment_see_nothing(app):
    live = app.caller()
    sandbox = app.caller("sandbox", partner_id=live.partner_id)
    id = app.finished_day(live)
    assert sandbox.get(f"/v1/all-day-sessions/{id}").code == "key_environment_mismatch"
    assert sandbox.get("/v1/all-day-sessions").json["data"] == []
    assert sandbox.get("/v1/analyses").json["data"] == []
