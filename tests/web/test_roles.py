"""What each role may do, and that a person sees only the orgs and the rep they are limited to."""

from __future__ import annotations

import pytest

from dayline.auth.roles import scope_for
from dayline.ids import derived_id

SESSIONS = "/v1/all-day-sessions"
RECORDING = "https://recordings.example.com/x.mp3"


def operations(app):
    for path, item in app.stranger().get("/openapi.json").json["paths"].items():
        for method in item:
            yield method.upper(), path


def test_every_operation_has_a_scope(sqlite_app):
    for method, path in operations(sqlite_app):
        if path.startswith("/v1/") and not path.startswith(("/v1/files/", "/v1/shared/")):
            filled = path.replace("{", "").replace("}", "")
            assert scope_for(method, filled) is not None, f"name the scope of {method} {path} in auth/roles.py"


def test_what_no_rule_names_is_closed_to_people():
    assert scope_for("GET", "/v1/new-thing") is None
    assert scope_for("PUT", "/v1/me") is None


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/v1/orgs/acme"), ("DELETE", "/v1/orgs/acme/reps/rep-1"), ("POST", "/v1/orgs/acme/archive")],
)
def test_a_coach_takes_no_org_away(sqlite_app, browser_of, method, path):
    assert (
        browser_of(sqlite_app, "coach", sqlite_app.partner()).call(method, path, {} if method == "POST" else None).code
        == "scope_required"
    )


def test_a_rep_hides_no_conversation(sqlite_app, browser_of, day_of):
    caller = sqlite_app.caller()
    analysis = derived_id("analysis", day_of(sqlite_app, caller, "acme", "rep-1"), 0)
    rep = browser_of(sqlite_app, "rep", caller.partner_id, org_ids=["acme"], rep_id="rep-1")
    assert rep.post(f"/v1/analyses/{analysis}/archive", {}).code == "scope_required"
    assert rep.call("DELETE", f"/v1/analyses/{analysis}").code == "scope_required"


@pytest.fixture
def two_days(app, day_of):
    caller = app.caller()
    return caller, day_of(app, caller, "acme", "rep-1"), day_of(app, caller, "acme", "rep-2")


def paths_of(session_id):
    analysis = derived_id("analysis", session_id, 0)
    below = ("segments", "timeline", "transcript", "waveform", "revisions", "revisions/0", "events")
    return [f"{SESSIONS}/{session_id}", *(f"{SESSIONS}/{session_id}/{p}" for p in below), f"/v1/analyses/{analysis}"]


def test_a_rep_sees_own_days_only(app, two_days, browser_of):
    caller, mine, other = two_days
    rep = browser_of(app, "rep", caller.partner_id, org_ids=["acme"], rep_id="rep-1")
    assert [row["id"] for row in rep.get(SESSIONS).json["data"]] == [mine]
    assert {row["rep_id"] for row in rep.get("/v1/analyses").json["data"]} == {"rep-1"}
    assert rep.get(f"{SESSIONS}?rep_id=rep-2").json["data"] == []
    assert rep.get(f"/v1/analyses?parent_session_id={other}").json["data"] == []
    assert {row["session_id"] for row in rep.get("/v1/search?q=xylophone").json["data"]} == {mine}
    for path in paths_of(mine):
        assert rep.get(path).status == 200, path
    for path in paths_of(other):
        answer = rep.get(path)
        assert (answer.status, answer.code[-9:]) == (404, "not_found"), path
    correction = {"revision": 0, "changes": [{"op": "add", "start_seconds": 1, "end_seconds": 9}]}
    assert rep.call("PATCH", f"{SESSIONS}/{other}/segments", correction).code == "session_not_found"
    assert rep.call("PATCH", f"{SESSIONS}/{mine}/segments", correction).status == 200


def test_a_viewer_sees_own_orgs_and_changes_nothing(app, two_days, day_of, browser_of):
    caller, mine, other = two_days
    elsewhere = day_of(app, caller, "globex", "rep-1")
    viewer = browser_of(app, "viewer", caller.partner_id, org_ids=["acme"])
    assert {row["id"] for row in viewer.get(SESSIONS).json["data"]} == {mine, other}
    assert viewer.get(f"{SESSIONS}/{elsewhere}").code == "session_not_found"
    for method, path, body in (
        ("PATCH", f"{SESSIONS}/{mine}/segments", {"revision": 0, "changes": []}),
        ("DELETE", f"{SESSIONS}/{mine}", None),
        ("POST", SESSIONS, {"org_id": "acme", "rep_id": "rep-1", "recording_url": RECORDING}),
        ("POST", "/v1/orgs", {"org_id": "acme"}),
        ("GET", "/v1/orgs/acme/playbooks", None),
        ("GET", "/v1/webhooks", None),
        ("GET", "/v1/callback-secret", None),
        ("POST", "/v1/admin/partners", {"name": "x", "contact_email": "a@b.c"}),
    ):
        answer = viewer.call(method, path, body)
        assert (answer.status, answer.code) == (403, "scope_required"), (method, path)


def test_orgs_and_reps_out_of_sight_do_not_exist(app, browser_of):
    caller = app.caller()
    for org in ("acme", "globex"):
        for rep in ("rep-1", "rep-2"):
            assert caller.post(f"/v1/orgs/{org}/reps", {"rep_id": rep}).status == 200 or caller.post(
                "/v1/orgs", {"org_id": org}
            )
            caller.post(f"/v1/orgs/{org}/reps", {"rep_id": rep})
    coach = browser_of(app, "coach", caller.partner_id, org_ids=["acme"])
    assert [row["org_id"] for row in coach.get("/v1/orgs").json["data"]] == ["acme"]
    assert coach.get("/v1/orgs/acme").status == 200
    for path in ("/v1/orgs/globex", "/v1/orgs/globex/reps", "/v1/orgs/globex/playbooks", "/v1/orgs/globe%78"):
        assert coach.get(path).code == "org_not_found", path
    assert coach.post("/v1/orgs", {"org_id": "globex"}).code == "org_not_found"
    body = {"org_id": "globex", "rep_id": "rep-1", "recording_url": RECORDING}
    assert coach.post(SESSIONS, body).code == "org_not_found"
    assert coach.post("/v1/analyses", body).code == "org_not_found"
    rep = browser_of(app, "rep", caller.partner_id, org_ids=["acme"], rep_id="rep-1")
    assert [row["rep_id"] for row in rep.get("/v1/orgs/acme/reps").json["data"]] == ["rep-1"]
    assert rep.get("/v1/orgs/acme/reps/rep-2").code == "rep_not_found"
    assert rep.call("DELETE", "/v1/orgs/acme/reps/rep-2/voice").code == "rep_not_found"
    assert rep.post(SESSIONS, {**body, "org_id": "acme", "rep_id": "rep-2"}).code == "rep_not_found"
    assert rep.post(SESSIONS, {**body, "org_id": "acme"}).status == 202


def test_an_operator_sees_no_day_without_opening_a_partner(app, two_days, browser_of):
    caller, mine, _ = two_days
    operator = browser_of(app, "operator", None)
    assert operator.get(SESSIONS).code == "scope_required"
    assert operator.get(f"{SESSIONS}/{mine}").code == "scope_required"
    created = operator.post("/v1/admin/partners", {"name": "New", "contact_email": "a@b.c"})
    assert created.status == 201
    inside = browser_of(app, "operator", caller.partner_id)
    assert inside.get(f"{SESSIONS}/{mine}").status == 200
    assert inside.get("/v1/webhooks").status == 200
    assert inside.get("/v1/me").json["partner"]["id"] == caller.partner_id
    stranger = browser_of(app, "operator", app.partner())
    assert stranger.get(f"{SESSIONS}/{mine}").code == "session_not_found"


def test_an_outcome_is_not_answered_again_to_another_person(app, two_days, browser_of):
    caller, mine, _ = two_days
    coach = browser_of(app, "coach", caller.partner_id)
    rep = browser_of(app, "rep", caller.partner_id, org_ids=["acme"], rep_id="rep-2")
    correction = {"revision": 0, "changes": [{"op": "add", "start_seconds": 1, "end_seconds": 9}]}
    once = {"Idempotency-Key": "guessed"}
    assert coach.call("PATCH", f"{SESSIONS}/{mine}/segments", correction, headers=once).status == 200
    assert rep.call("PATCH", f"{SESSIONS}/{mine}/segments", correction, headers=once).code == "idempotency_conflict"
    again = coach.call("PATCH", f"{SESSIONS}/{mine}/segments", correction, headers=once)
    assert again.headers["idempotent-replayed"] == "true"


def test_views_by_people_are_logged_once_and_shown_to_the_rep(app, two_days, browser_of):
    caller, mine, other = two_days
    analysis = derived_id("analysis", mine, 0)
    coach = browser_of(app, "coach", caller.partner_id, name="Cora")
    for _ in range(3):
        coach.get(f"{SESSIONS}/{mine}")
        coach.get(f"/v1/analyses/{analysis}")
    caller.get(f"{SESSIONS}/{mine}")
    rep = browser_of(app, "rep", caller.partner_id, org_ids=["acme"], rep_id="rep-1", name="Jo")
    lines = rep.get(f"{SESSIONS}/{mine}/access-log").json["data"]
    assert [(line["name"], line["role"], line["action"], line["subject_id"]) for line in lines] == [
        ("Cora", "coach", "conversation_viewed", analysis),
        ("Cora", "coach", "day_viewed", None),
    ]
    first = rep.get(f"{SESSIONS}/{mine}/access-log?limit=1").json
    second = rep.get(f"{SESSIONS}/{mine}/access-log?limit=1&cursor={first['next_cursor']}").json
    assert [row["action"] for row in first["data"] + second["data"]] == ["conversation_viewed", "day_viewed"]
    assert second["next_cursor"] is None
    assert rep.get(f"{SESSIONS}/{other}/access-log").code == "session_not_found"
    receipt = caller.delete(f"{SESSIONS}/{mine}").json
    assert receipt["rows"]["access_log"] == 2
