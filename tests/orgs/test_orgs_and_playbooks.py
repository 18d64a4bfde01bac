from __future__ import annotations

import pytest

from dayline.orgs import repository as orgs
from dayline.playbooks import repository as playbooks


@pytest.fixture
def acme(client):
    answer = client.post("/v1/orgs", json={"org_id": "acme"})
    assert answer.status_code == 200
    client.post("/v1/orgs/acme/reps", json={"rep_id": "r1"})
    return client


def _all(client, path, **query):
    found, cursor = [], None
    while True:
        page = client.get(path, params={**query, **({"cursor": cursor} if cursor else {})}).json()
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_an_org_is_made_and_changed_by_the_same_request(client):
    made = client.post("/v1/orgs", json={"org_id": "a.b:c", "name": "A", "default_environment": "in_person"}).json()
    assert (made["name"], made["default_environment"], made["settings"]) == ("A", "in_person", {})
    policy = {"retain_transcript_days": 30, "retain_analysis_days": None, "redact_fields": ["email"]}
    changed = client.post(
        "/v1/orgs", json={"org_id": "a.b:c", "default_recording_type": "demo", "pii_policy": policy, "name": None}
    ).json()
    # null means absent: the name stays
    assert (changed["name"], changed["default_environment"], changed["default_recording_type"]) == (
        "A",
        "in_person",
        "demo",
    )
    assert changed["pii_policy"] == {name: value for name, value in policy.items() if value is not None}
    assert changed["created_at"] == made["created_at"]
    assert client.get("/v1/orgs/a.b:c").json() == changed
    assert client.get("/v1/orgs/A.B:C").json()["error"]["code"] == "org_not_found"
    assert client.post("/v1/orgs", json={"org_id": "no spaces"}).status_code == 400


def test_orgs_and_reps_are_paged_newest_first(client):
    for number in range(5):
        client.post("/v1/orgs", json={"org_id": f"o{number}"})
        client.post("/v1/orgs/o0/reps", json={"rep_id": f"r{number}"})
    assert [o["org_id"] for o in _all(client, "/v1/orgs", limit=2)] == ["o4", "o3", "o2", "o1", "o0"]
    assert [r["rep_id"] for r in _all(client, "/v1/orgs/o0/reps", limit=2)] == ["r4", "r3", "r2", "r1", "r0"]
    cursor = client.get("/v1/orgs", params={"limit": 2}).json()["next_cursor"]
    wrong = client.get("/v1/orgs/o0/reps", params={"limit": 2, "cursor": cursor})
    assert wrong.json()["error"]["code"] == "invalid_request"


def test_a_rep_is_made_and_changed_by_the_same_request(acme):
    made = acme.post("/v1/orgs/acme/reps", json={"rep_id": "r2", "email": "Jo@x.test", "metadata": {"a": 1}}).json()
    assert (made["email"], made["metadata"], made["has_voice"]) == ("Jo@x.test", {"a": 1}, False)
    changed = acme.post("/v1/orgs/acme/reps", json={"rep_id": "r2", "name": "Jo"}).json()
    assert (changed["name"], changed["email"]) == ("Jo", "Jo@x.test")
    taken = acme.post("/v1/orgs/acme/reps", json={"rep_id": "r3", "email": "jo@X.test"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "invalid_state")
    assert acme.get("/v1/orgs/acme/reps/r3").json()["error"]["code"] == "rep_not_found"
    assert acme.post("/v1/orgs/none/reps", json={"rep_id": "r"}).json()["error"]["code"] == "org_not_found"


def test_orgs_of_a_submission_spring_into_being(client, server, partner):
    with server.services.database.write() as tx:
        orgs.ensure(tx, partner, "new", "rep")
        orgs.ensure(tx, partner, "new", "rep")
    assert client.get("/v1/orgs/new").status_code == 200
    assert client.get("/v1/orgs/new/reps/rep").json()["name"] is None


def test_every_change_of_a_playbook_is_a_version(acme):
    path = "/v1/orgs/acme/playbooks"
    made = acme.post(path, json={"content": "Listen first.", "name": "P"}).json()
    assert (made["version"], made["is_active"], made["rep_id"], made["content_length"]) == (1, True, None, 13)
    one = f"{path}/{made['id']}"
    second = acme.patch(one, json={"content": "Listen more.", "metadata": {"v": 2}}).json()
    assert (second["version"], second["name"], second["content"]) == (2, "P", "Listen more.")
    assert acme.patch(one, json={"content": "Listen more."}).json()["version"] == 2
    assert acme.patch(one, json={"name": None, "rep_id": "r1"}).json()["version"] == 3
    assert acme.get(one).json()["rep_id"] == "r1"

    versions = _all(acme, f"{one}/versions", limit=1)
    assert [v["version"] for v in versions] == [3, 2, 1]
    assert "content" not in versions[0]
    first = acme.get(f"{one}/versions/1").json()
    assert (first["content"], first["name"], first["metadata"]) == ("Listen first.", "P", {})
    assert acme.get(f"{one}/versions/9").json()["error"]["code"] == "playbook_not_found"
    (listed,) = acme.get(path).json()["data"]
    assert "content" not in listed


def test_a_deleted_playbook_is_gone_and_its_versions_stay_for_analyses(acme, server):
    path = "/v1/orgs/acme/playbooks"
    made = acme.post(path, json={"content": "x"}).json()
    assert acme.delete(f"{path}/{made['id']}").status_code == 204
    for method, where in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/versions"), ("GET", "/versions/1")):
        answer = acme.request(method, f"{path}/{made['id']}{where}", json={"name": "y"} if method == "PATCH" else None)
        assert answer.json()["error"]["code"] == "playbook_not_found"
    assert acme.get(path).json()["data"] == []
    with server.services.database.read() as tx:
        assert playbooks.content_of(tx, made["id"], 1) == "x"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_field"),
        ({"content": ""}, "invalid_request"),
        ({"content": "x" * 500_001}, "invalid_request"),
        ({"content": "x", "name": ""}, "invalid_request"),
        ({"content": "x", "active": True}, "invalid_request"),
        ({"content": "x", "is_active": "yes"}, "invalid_request"),
        ({"content": "x", "rep_id": "ghost"}, "rep_not_found"),
    ],
)
def test_a_wrong_playbook_is_refused(acme, body, code):
    assert acme.post("/v1/orgs/acme/playbooks", json=body).json()["error"]["code"] == code


def test_the_longest_playbook_is_taken(acme):
    made = acme.post("/v1/orgs/acme/playbooks", json={"content": "ü" * 500_000})
    assert made.status_code == 200
    assert made.json()["content_length"] == 500_000


def test_which_playbook_applies(acme, server, partner):
    def add(**body):
        return acme.post("/v1/orgs/acme/playbooks", json={"content": "x", **body}).json()["id"]

    def applies(given=None, rep="r1"):
        with server.services.database.read() as tx:
            found = playbooks.resolve(tx, partner, "acme", rep, given)
        return found.id if found else None

    assert applies() is None
    old, new = add(), add()
    off = add(is_active=False)
    assert applies() == new
    mine = add(rep_id="r1")
    add()
    assert (applies(), applies(rep="r2") != mine) == (mine, True)
    assert (applies(old), applies(off)) == (old, off)
    acme.patch(f"/v1/orgs/acme/playbooks/{mine}", json={"is_active": False})
    assert applies() not in (mine, old, new, off)
    acme.delete(f"/v1/orgs/acme/playbooks/{old}")
    assert applies(old) is None


def test_prompts_are_added_changed_and_hidden(acme, server, partner):
    path = "/v1/orgs/acme/prompts"
    made = acme.post(path, json={"title": "Budget", "prompt_content": "Was the budget asked for?"}).json()
    assert (made["prompt_type"], made["order_index"], made["is_active"], made["description"]) == (
        "other",
        0,
        True,
        None,
    )
    first = acme.post(
        path,
        json={
            "title": "Rule", "prompt_content": "No discounts.", "prompt_type": "disqualifier", "order_index": 0,
            "description": "d",
        },
    ).json()  # fmt: skip
    acme.patch(f"{path}/{made['id']}", json={"order_index": 5, "prompt_content": "Was money talked about?"})
    changed = acme.patch(f"{path}/{first['id']}", json={"description": None}).json()
    assert (changed["description"], changed["title"]) == ("d", "Rule"), "null means absent: nothing changes"
    from dayline.prompts import repository as prompts

    with server.services.database.read() as tx:
        assert [p.title for p in prompts.active(tx, partner, "acme")] == ["Rule", "Budget"]
    acme.patch(f"{path}/{first['id']}", json={"is_active": False})
    assert acme.delete(f"{path}/{made['id']}").status_code == 204
    assert acme.patch(f"{path}/{made['id']}", json={}).json()["error"]["code"] == "prompt_not_found"
    with server.services.database.read() as tx:
        assert prompts.active(tx, partner, "acme") == []
    assert [p["id"] for p in _all(acme, path)] == [first["id"]]
    wrong = acme.post(path, json={"title": "x", "prompt_content": "y", "prompt_type": "rule"}).json()["error"]
    assert (wrong["code"], wrong["details"]["allowed"][0]) == ("invalid_enum", "scoring_criterion")


def test_another_partner_sees_nothing_of_an_org(acme, stranger):
    playbook = acme.post("/v1/orgs/acme/playbooks", json={"content": "x"}).json()["id"]
    prompt = acme.post("/v1/orgs/acme/prompts", json={"title": "t", "prompt_content": "x"}).json()["id"]
    stranger.post("/v1/orgs", json={"org_id": "theirs"})
    for org in ("acme", "theirs"):
        for method, where, body in (
            ("GET", f"/v1/orgs/{org}/playbooks/{playbook}", None),
            ("PATCH", f"/v1/orgs/{org}/playbooks/{playbook}", {"name": "x"}),
            ("DELETE", f"/v1/orgs/{org}/playbooks/{playbook}", None),
            ("GET", f"/v1/orgs/{org}/playbooks/{playbook}/versions", None),
            ("GET", f"/v1/orgs/{org}/playbooks/{playbook}/versions/1", None),
            ("PATCH", f"/v1/orgs/{org}/prompts/{prompt}", {"title": "x"}),
            ("DELETE", f"/v1/orgs/{org}/prompts/{prompt}", None),
            ("GET", f"/v1/orgs/{org}/reps/r1", None),
        ):
            assert stranger.request(method, where, json=body).status_code == 404, where
    for where in ("", "/reps", "/playbooks", "/prompts"):
        assert stranger.get(f"/v1/orgs/acme{where}").status_code == 404
    cursor = acme.get("/v1/orgs/acme/reps", params={"limit": 1}).json()["next_cursor"]
    assert cursor is None


def test_a_cursor_of_another_partner_never_works(client, stranger):
    for one in (client, stranger):
        for number in range(3):
            one.post("/v1/orgs", json={"org_id": f"o{number}"})
    cursor = client.get("/v1/orgs", params={"limit": 1}).json()["next_cursor"]
    assert client.get("/v1/orgs", params={"cursor": cursor}).status_code == 200
    assert stranger.get("/v1/orgs", params={"cursor": cursor}).json()["error"]["code"] == "invalid_request"


def test_the_same_key_makes_one_playbook(acme):
    body = {"content": "x"}
    headers = {"Idempotency-Key": "pb"}
    first, second = (acme.post("/v1/orgs/acme/playbooks", json=body, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    other = acme.post("/v1/orgs/acme/playbooks", json={"content": "y"}, headers=headers)
    assert other.json()["error"]["code"] == "idempotency_conflict"


def test_one_setting_does_not_undo_another(client):
    forbidden = {"voice_features": "off", "language_model": "off", "colour": "green"}
    client.post("/v1/orgs", json={"org_id": "o-settings", "settings": forbidden})
    changed = client.post(
        "/v1/orgs", json={"org_id": "o-settings", "settings": {"share_links": "on", "colour": None}}
    ).json()
    assert changed["settings"] == {"voice_features": "off", "language_model": "off", "share_links": "on"}
    again = client.post("/v1/orgs", json={"org_id": "o-settings", "settings": {"voice_features": None}}).json()
    assert again["settings"] == {"language_model": "off", "share_links": "on"}
