from __future__ import annotations

import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from dayline.clock import iso, now
from dayline.ids import new_id
from dayline.webhooks import events_repository as events

DETECTED, COMPLETED = "all_day_session.detected", "all_day_session.completed"
SHOWN = {
    "id", "url", "name", "enabled_events", "is_active", "disabled_reason", "disabled_at", "failing_since",
    "previous_secret_valid_until", "created_at", "updated_at",
}  # fmt: skip


def _register(client, url="https://hooks.example.com/x", *names, **more):
    answer = client.post("/v1/webhooks", json={"url": url, "enabled_events": list(names or (DETECTED,)), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def _news(server, partner, type=DETECTED, **values):
    occasion = new_id()
    with server.services.database.write() as tx:
        made = {"partner_id": partner, "environment": "production", "type": type, "body": {"n": occasion}, **values}
        events.add(tx, once=(occasion,), **made)
    return events.event_id(type, occasion)


def test_the_secret_is_shown_once(client):
    made = _register(client, name="mine")
    assert set(made) == SHOWN | {"signing_secret"}
    assert made["signing_secret"].startswith("whsec_")
    assert made["is_active"] is True
    assert client.get(f"/v1/webhooks/{made['id']}").json() == {k: made[k] for k in SHOWN}
    (listed,) = client.get("/v1/webhooks").json()["data"]
    assert set(listed) == SHOWN


def test_a_repeated_registration_makes_one_endpoint_and_shows_no_secret_again(client):
    body = {"url": "https://hooks.example.com/x", "enabled_events": [DETECTED]}
    first, second = (client.post("/v1/webhooks", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.json() == {**first.json(), "signing_secret": None}
    assert len(client.get("/v1/webhooks").json()["data"]) == 1


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"enabled_events": [DETECTED]}, "missing_field", "url"),
        ({"url": "https://x.test"}, "missing_field", "enabled_events"),
        ({"url": "https://x.test", "enabled_events": []}, "invalid_request", "enabled_events"),
        ({"url": "https://x.test", "enabled_events": ["analysis.done"]}, "invalid_enum", "enabled_events[0]"),
        ({"url": "https://x.test", "enabled_events": [DETECTED], "secret": "x"}, "invalid_request", "secret"),
        ({"url": "ftp://x.test", "enabled_events": [DETECTED]}, "invalid_url", "url"),
        ({"url": "https://10.0.0.1/x", "enabled_events": [DETECTED]}, "invalid_url", "url"),
        ({"url": "https://u:p@x.test/x", "enabled_events": [DETECTED]}, "invalid_url", "url"),
    ],
)
def test_what_cannot_be_registered_is_refused_by_name(client, body, code, field):
    error = client.post("/v1/webhooks", json=body)
    assert error.status_code == 400
    assert error.json()["error"]["code"] == code
    assert error.json()["error"]["details"]["field"] == field


def test_an_endpoint_is_changed_and_deleted(client):
    made = _register(client, name="mine")
    path = f"/v1/webhooks/{made['id']}"
    changed = client.patch(path, json={"name": None, "enabled_events": [COMPLETED, COMPLETED]}).json()
    assert (changed["name"], changed["enabled_events"], changed["url"]) == (
        "mine",
        [COMPLETED],
        made["url"],
    )  # null is absent
    assert client.patch(path, json={}).json()["enabled_events"] == [COMPLETED]
    assert client.patch(path, json={"url": None}).json()["url"] == made["url"]
    assert client.patch(path, json={"url": "http://"}).json()["error"]["code"] == "invalid_url"
    off = client.patch(path, json={"is_active": False}).json()
    assert off["disabled_reason"]
    assert client.post(f"{path}/test").json()["error"]["code"] == "invalid_state"
    on = client.patch(path, json={"is_active": True}).json()
    assert (on["disabled_reason"], on["disabled_at"]) == (None, None)
    assert client.delete(path).status_code == 204
    assert client.get(path).json()["error"]["code"] == "webhook_not_found"
    assert client.get("/v1/webhooks").json()["data"] == []


def test_another_partner_never_sees_an_endpoint(client, stranger, server, partner, hook_receiver):
    made = _register(client, hook_receiver.url)
    _news(server, partner)
    server.run_news()
    (delivery,) = client.get(f"/v1/webhooks/{made['id']}/deliveries").json()["data"]
    path = f"/v1/webhooks/{made['id']}"
    for method, where, body in (
        ("GET", path, None),
        ("PATCH", path, {"name": "x"}),
        ("DELETE", path, None),
        ("POST", f"{path}/test", None),
        ("POST", f"{path}/rotate-secret", None),
        ("GET", f"{path}/deliveries", None),
        ("POST", f"{path}/deliveries/{delivery['id']}/replay", None),
        ("POST", f"/v1/webhooks/callback/deliveries/{delivery['id']}/replay", None),
        ("POST", f"{path}/replay?since=2026-01-01T00:00:00Z", None),
    ):
        answer = stranger.request(method, where, json=body)
        assert answer.status_code == 404, where
    assert stranger.get("/v1/webhooks").json()["data"] == []
    assert client.get(path).status_code == 200


def test_a_test_event_reaches_its_endpoint_alone(client, server, hook_receiver):
    made = _register(client, hook_receiver.url, COMPLETED)
    _register(client, hook_receiver.url, "webhook.test")
    fired = client.post(f"/v1/webhooks/{made['id']}/test")
    assert fired.status_code == 202
    server.run_news()
    ((headers, body),) = hook_receiver.got
    Webhook(made["signing_secret"]).verify(body, headers)
    sent = json.loads(body)
    assert (sent["id"], sent["type"]) == (fired.json()["event_id"], "webhook.test")
    assert set(sent["data"]) == {"message", "webhook_id", "fired_at"}
    assert sent["data"]["webhook_id"] == made["id"]


def test_rotation_overlaps_for_a_day(client, server, partner, hook_receiver):
    made = _register(client, hook_receiver.url)
    rotated = client.post(f"/v1/webhooks/{made['id']}/rotate-secret").json()
    assert rotated["signing_secret"] != made["signing_secret"]
    until = rotated["previous_secret_valid_until"]
    assert iso(now() + timedelta(hours=23)) < until < iso(now() + timedelta(hours=25))
    _news(server, partner)
    server.run_news()
    ((headers, body),) = hook_receiver.got
    for secret in (made["signing_secret"], rotated["signing_secret"]):
        Webhook(secret).verify(body, headers)
    old = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 3600)}
    with pytest.raises(WebhookVerificationError):
        Webhook(rotated["signing_secret"]).verify(body, old)


def test_the_log_shows_every_attempt_and_no_query(client, server, partner, hook_receiver):
    made = _register(client, hook_receiver.url)
    hook_receiver.answers = [500, 302]
    event = _news(server, partner)
    server.run_news()
    answer = client.get(f"/v1/webhooks/{made['id']}/deliveries")
    assert "hidden" not in answer.text
    (delivery,) = answer.json()["data"]
    assert (delivery["event_id"], delivery["event_type"], delivery["status"]) == (event, DETECTED, "succeeded")
    assert [a["status_code"] for a in delivery["attempts"]] == [500, 302, 200]
    assert [a["id"] for a in delivery["attempts"]] == [h["X-Parlay-Delivery"] for h, _ in hook_receiver.got]
    assert delivery["attempt_count"] == 3


def test_the_log_is_paged_and_filtered(client, server, partner, hook_receiver):
    made = _register(client, hook_receiver.url)
    sent = [_news(server, partner) for _ in range(5)]
    server.run_news()
    path, found, cursor = f"/v1/webhooks/{made['id']}/deliveries", [], None
    while True:
        page = client.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [d["event_id"] for d in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        _news(server, partner)  # new rows do not disturb the pages
        server.run_news()
    assert sorted(found) == sorted(sent)
    assert client.get(path, params={"status": "failed"}).json()["data"] == []
    assert client.get(path, params={"status": "lost"}).json()["error"]["code"] == "invalid_enum"


def test_a_delivery_is_sent_again_under_the_same_event_id(client, server, partner, hook_receiver):
    made = _register(client, hook_receiver.url)
    event = _news(server, partner)
    server.run_news()
    path = f"/v1/webhooks/{made['id']}/deliveries"
    (delivery,) = client.get(path).json()["data"]
    again = client.post(f"{path}/{delivery['id']}/replay")
    assert again.status_code == 202
    assert (again.json()["status"], again.json()["event_id"]) == ("pending", event)
    waiting = client.post(f"{path}/{again.json()['id']}/replay")
    assert waiting.json()["error"]["code"] == "invalid_state"
    server.run_news()
    assert [h["webhook-id"] for h, _ in hook_receiver.got] == [event, event]
    assert hook_receiver.got[0][1] == hook_receiver.got[1][1]
    assert client.post(f"{path}/{new_id()}/replay").status_code == 404


def test_what_came_while_the_endpoint_was_disabled_is_sent_on_request(client, server, partner, hook_receiver):
    made = _register(client, hook_receiver.url)
    path = f"/v1/webhooks/{made['id']}"
    first = _news(server, partner)
    server.run_news()
    client.patch(path, json={"is_active": False})
    since = iso(now())
    missed = [_news(server, partner) for _ in range(3)]
    _news(server, partner, COMPLETED)
    server.run_news()
    assert len(hook_receiver.got) == 1

    assert client.post(f"{path}/replay", params={"since": since}).json()["error"]["code"] == "invalid_state"
    client.patch(path, json={"is_active": True})
    assert client.post(f"{path}/replay", params={"since": since}).json() == {"count": 3, "next_since": None}
    assert client.post(f"{path}/replay", params={"since": since}).json() == {"count": 0, "next_since": None}
    server.run_news()
    assert [h["webhook-id"] for h, _ in hook_receiver.got] == [first, *missed]
    assert client.post(f"{path}/replay").json()["error"]["code"] == "missing_field"
    for wrong in ("yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z"):
        assert client.post(f"{path}/replay", params={"since": wrong}).status_code == 400


def test_news_of_the_sandbox_stays_in_the_sandbox(client, server, partner, hook_receiver):
    with server.client(server.key(partner, "sandbox")) as sandbox:
        live = _register(client, hook_receiver.url)
        made_up = _register(sandbox, hook_receiver.url)
        assert [row["id"] for row in client.get("/v1/webhooks").json()["data"]] == [live["id"]]
        assert [row["id"] for row in sandbox.get("/v1/webhooks").json()["data"]] == [made_up["id"]]
        news = {
            k: _news(server, partner, environment=k, callback_url=hook_receiver.url) for k in ("sandbox", "production")
        }
        server.run_news()
        for one, endpoint, kind in ((client, live, "production"), (sandbox, made_up, "sandbox")):
            for id in (endpoint["id"], "callback"):
                (sent,) = one.get(f"/v1/webhooks/{id}/deliveries").json()["data"]
                assert sent["event_id"] == news[kind]
            since = {"since": "2026-01-01T00:00:00Z"}
            assert one.post(f"/v1/webhooks/{endpoint['id']}/replay", params=since).json()["count"] == 1
        path = f"/v1/webhooks/{made_up['id']}"
        calls = (("GET", ""), ("GET", "/deliveries"), ("POST", "/test"), ("POST", "/rotate-secret"), ("DELETE", ""))
        for method, more in calls:
            assert client.request(method, path + more).json()["error"]["code"] == "key_environment_mismatch", more
        theirs = sandbox.get("/v1/webhooks/callback/deliveries").json()["data"][0]["id"]
        assert client.post(f"/v1/webhooks/callback/deliveries/{theirs}/replay").status_code == 404


def test_callbacks_have_a_secret_and_a_log_of_their_own(client, server, partner, hook_receiver):
    secret = client.get("/v1/callback-secret").json()
    assert secret["previous_secret_valid_until"] is None
    event = _news(server, partner, callback_url=hook_receiver.url)
    server.run_news()
    rotated = client.post("/v1/callback-secret/rotate").json()
    assert rotated["signing_secret"] != secret["signing_secret"]
    assert client.get("/v1/callback-secret").json() == rotated
    (delivery,) = client.get("/v1/webhooks/callback/deliveries").json()["data"]
    assert (delivery["event_id"], delivery["webhook_id"]) == (event, None)
    assert client.post(f"/v1/webhooks/callback/deliveries/{delivery['id']}/replay").status_code == 202
    server.run_news()
    (before, body), (after, _) = hook_receiver.got
    Webhook(secret["signing_secret"]).verify(body, before)
    for one in (secret, rotated):
        Webhook(one["signing_secret"]).verify(body, after)


def test_a_reading_key_does_not_see_the_callback_secret(server, partner):
    with server.client(server.key(partner, scopes=["partner:read"])) as reader:
        assert reader.get("/v1/callback-secret").json()["error"]["code"] == "scope_required"
        assert reader.get("/v1/webhooks").status_code == 200
