from __future__ import annotations

import pytest

PARTNER = {
    "id", "name", "contact_email", "plan_tier", "healthcare", "suspended_at", "settings", "notes", "created_at",
    "updated_at",
}  # fmt: skip
KEY = {
    "id", "key", "key_id", "key_prefix", "environment", "partner_id", "scopes", "name", "description", "created_at",
    "warning",
}  # fmt: skip


def test_a_partner_has_the_public_fields_and_defaults(server):
    answer = server.admin.post("/v1/admin/partners", json={"name": "Acme", "contact_email": "a@acme.test"})
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == PARTNER
    assert (made["plan_tier"], made["healthcare"], made["settings"], made["notes"]) == ("starter", False, {}, None)
    full = {
        "name": "B", "contact_email": "b@b.test", "plan_tier": "premier", "healthcare": True, "notes": "n",
        "settings": {"a": 1},
    }  # fmt: skip
    made = server.admin.post("/v1/admin/partners", json=full).json()
    assert {k: made[k] for k in full} == full


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x"}, "missing_field"),
        ({"name": "", "contact_email": "a@b.c"}, "invalid_request"),
        ({"name": "x", "contact_email": "nobody"}, "invalid_request"),
        ({"name": "x", "contact_email": "a@b.c", "plan_tier": "gold"}, "invalid_enum"),
        ({"name": "x", "contact_email": "a@b.c", "notes": "n" * 2001}, "invalid_request"),
        ({"name": "x", "contact_email": "a@b.c", "tier": "starter"}, "invalid_request"),
    ],
)
def test_a_wrong_partner_is_refused(server, body, code):
    answer = server.admin.post("/v1/admin/partners", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_key_is_shown_once_and_works_until_it_is_revoked(server, partner):
    body = {"partner_id": partner, "environment": "production", "scopes": ["partner:read"], "name": "n"}
    headers = {"Idempotency-Key": "make-key"}
    first, second = (server.admin.post("/v1/admin/api-keys", json=body, headers=headers) for _ in range(2))
    assert first.status_code == 201
    assert set(first.json()) == KEY
    assert second.json() == {**first.json(), "key": None}
    made = first.json()
    assert made["key"].startswith("pk_live_")
    assert made["key"].startswith(made["key_prefix"])
    with server.client(made["key"]) as client:
        assert client.get("/v1/orgs").status_code == 200
        assert client.post("/v1/orgs", json={"org_id": "o"}).json()["error"]["code"] == "scope_required"
        assert server.admin.delete(f"/v1/admin/api-keys/{made['id']}").status_code == 204
        assert client.get("/v1/orgs").json()["error"]["code"] == "key_revoked"
    assert server.admin.delete(f"/v1/admin/api-keys/{made['id']}").status_code == 204
    assert server.admin.delete("/v1/admin/api-keys/nobody").status_code == 404


def test_a_suspended_partners_keys_rest(server, partner):
    with server.client(server.key(partner)) as client:
        suspended = server.admin.post(f"/v1/admin/partners/{partner}/suspend").json()
        assert suspended["suspended_at"]
        assert server.admin.post(f"/v1/admin/partners/{partner}/suspend").json() == suspended
        assert client.get("/v1/orgs").status_code == 401
        assert server.admin.post(f"/v1/admin/partners/{partner}/resume").json()["suspended_at"] is None
        assert client.get("/v1/orgs").status_code == 200
    assert server.admin.post("/v1/admin/partners/nobody/suspend").json()["error"]["code"] == "partner_not_found"


def test_keys_of_unknown_partners_are_not_made(server):
    body = {"partner_id": "00000000-0000-4000-8000-000000000000", "environment": "sandbox"}
    answer = server.admin.post("/v1/admin/api-keys", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "partner_not_found")
    answer = server.admin.post("/v1/admin/api-keys", json={**body, "environment": "admin"})
    assert answer.json()["error"]["code"] == "invalid_enum"


def test_only_admin_keys_may(server, client, partner):
    for method, path, body in (
        ("POST", "/v1/admin/partners", {"name": "x", "contact_email": "a@b.c"}),
        ("POST", f"/v1/admin/partners/{partner}/suspend", None),
        ("POST", f"/v1/admin/partners/{partner}/resume", None),
        ("POST", "/v1/admin/api-keys", {"partner_id": partner, "environment": "sandbox"}),
        ("DELETE", "/v1/admin/api-keys/x", None),
    ):
        answer = client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scope_required")
    assert server.admin.get("/v1/orgs").json()["error"]["code"] == "scope_required"
