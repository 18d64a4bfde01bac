"""Input is accepted in the forms that clients commonly send, and every form that the API ever wrote."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from dayline.db.tables import partner
from dayline.ids import new_id

PATH = "/v1/all-day-sessions"
BODY = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}


def test_null_for_an_optional_field_means_absent(sqlite_app):
    caller = sqlite_app.caller()
    nulls = {"file_key": None, "metadata": None, "options": None}
    first = caller.post(PATH, {**BODY, **nulls}).json
    options = dict.fromkeys(("auto_analyze", "min_confidence", "callback_url", "language", "prompt_overrides"))
    second = caller.post(PATH, {**BODY, "options": options}).json
    for created in (first, second):
        shown = caller.get(f"{PATH}/{created['id']}").json
        assert shown["options"]["min_confidence"] == 0.8
        assert shown["metadata"] == {}
    assert caller.post(PATH, {**BODY, "metadata": {"kept": None}}).status == 202
    assert caller.post(PATH, {**BODY, "org_id": None}).status == 400


def test_null_in_a_change_changes_nothing(sqlite_app):
    caller = sqlite_app.caller()
    caller.post("/v1/orgs", {"org_id": "acme", "name": "Acme", "timezone": "Europe/Berlin"})
    book = caller.post("/v1/orgs/acme/playbooks", {"content": "Name the price.", "name": "Price"}).json
    changed = caller.patch(f"/v1/orgs/acme/playbooks/{book['id']}", {"content": None, "name": None, "is_active": None})
    assert (changed.status, changed.json["name"], changed.json["version"]) == (200, "Price", 1)
    assert caller.post("/v1/orgs", {"org_id": "acme", "name": None}).json["name"] == "Acme"


def test_every_form_of_a_time_that_was_ever_written_is_taken_back(app):
    caller = app.caller()
    created = caller.post(PATH, BODY).json["created_at"]
    assert created.endswith("Z")
    old_form = created.replace("Z", "+00:00")
    for written in (created, quote(created), old_form, quote(old_form), old_form.replace("+", "%20")):
        for name, count in (("created_after", 0), ("created_before", 0)):
            answer = caller.get(f"{PATH}?{name}={written}")
            assert answer.status == 200, (written, answer.body)
            assert len(answer.json["data"]) == count


def test_the_same_content_is_the_same_request(app):
    caller = app.caller()
    headers = {"Idempotency-Key": new_id()}
    body = {**BODY, "metadata": {"a": 1, "b": "ü"}}
    first = caller.post(PATH, body, headers=headers)
    rewritten = json.dumps(dict(reversed(body.items())), indent=3, ensure_ascii=True).replace('"a": 1', '"a": 1.0')
    again = caller.post(PATH, raw=rewritten.encode(), headers=headers)
    assert (first.status, again.status, again.json) == (202, 202, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    other = caller.post(PATH, {**body, "metadata": {"a": 2, "b": "ü"}}, headers=headers)
    assert other.code == "idempotency_conflict"


@pytest.mark.parametrize(
    ("path", "body", "field", "says"),
    [
        (PATH, {**BODY, "options": 5}, "options", "must be a JSON object"),
        (PATH, {**BODY, "metadata": []}, "metadata", "must be a JSON object"),
        (PATH, {**BODY, "file_key": "k"}, "", "Give exactly one of recording_url and file_key."),
        ("/v1/orgs", {"org_id": "a", "timezone": "Mars/X"}, "timezone", "IANA"),
        (
            "/v1/orgs",
            {"org_id": "a", "pii_policy": {"redact_fields": ["name"]}},
            "pii_policy.redact_fields[0]",
            "email",
        ),
    ],
)
def test_refusals_name_the_field_in_words_of_json(sqlite_app, path, body, field, says):
    error = sqlite_app.caller().post(path, body).json["error"]
    assert error["details"]["field"] == field
    assert says in error["message"]
    assert "``" not in error["message"]
    assert "dictionary" not in error["message"]


def test_names_of_partners_are_unique(app):
    admin = app.caller("admin")
    body = {"name": f"Roofers {new_id()}", "contact_email": "a@b.example"}
    assert admin.post("/v1/admin/partners", body).status == 201
    again = admin.post("/v1/admin/partners", body)
    assert (again.status, again.json["error"]["details"]["field"]) == (409, "name")
    with app.database.read() as tx:
        names = [row.name for row in tx.run(partner.select())]
    assert len(names) == len(set(names))


def test_operators_find_partners_keys_queues_and_workers(app):
    admin, caller = app.caller("admin"), app.caller()
    assert caller.get("/v1/admin/partners").code == "scope_required"
    caller.post(PATH, BODY)
    assert caller.partner_id in [row["id"] for row in admin.get("/v1/admin/partners?limit=100").json["data"]]
    assert admin.get(f"/v1/admin/partners/{caller.partner_id}").json["id"] == caller.partner_id
    listed = admin.get(f"/v1/admin/api-keys?partner_id={caller.partner_id}").json["data"]
    assert [row["key_id"] for row in listed] == [caller.key.split("_")[2]]
    assert listed[0]["last_used_at"] is not None
    assert caller.key.split("_")[3] not in json.dumps(listed)
    queues = {row["name"]: row for row in admin.get("/v1/admin/queue").json["queues"]}
    assert sum(row["waiting"] for row in queues.values()) >= 1
    assert admin.get("/v1/admin/workers").json == {"workers": []}


def test_a_live_key_asks_for_an_upload_link_without_its_partner(sqlite_app):
    body = {"file_name": "day.mp3", "content_type": "audio/mpeg"}
    caller = sqlite_app.caller(scopes=("partner:write", "uploads:write"))
    link = caller.post("/v1/uploads/signed-url", body)
    assert link.status == 201
    assert caller.partner_id in link.json["file_key"]
    assert sqlite_app.caller().post("/v1/uploads/signed-url", body).code == "scope_required"
    assert sqlite_app.caller("sandbox").post("/v1/uploads/signed-url", body).code == "key_environment_mismatch"
    assert sqlite_app.caller("admin").post("/v1/uploads/signed-url", body).code == "scope_required"
