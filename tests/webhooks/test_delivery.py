from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from dayline.auth import partners_repository as partners
from dayline.clock import now
from dayline.security.api_keys import make_webhook_secret
from dayline.sessions import repository as sessions
from dayline.webhooks import repository as webhooks
from dayline.webhooks.replay import replay_one

STARTED, DETECTED, COMPLETED = (f"all_day_session.{n}" for n in ("processing_started", "detected", "completed"))


def _parlay_ok(headers, body, secret) -> bool:
    parts = [p.split("=", 1) for p in headers["X-Parlay-Signature"].split(",")]
    stamp = next(v for k, v in parts if k == "t")
    good = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(v, good) for k, v in parts if k == "v1")


def test_both_signatures_hold_and_the_body_is_the_envelope(app, receiver):
    endpoint = app.endpoint(receiver.url, DETECTED)
    event = app.news(DETECTED, app.session(), body={"id": "s", "title": "Grüße", "segments": [1]})
    app.relay().relay_once()
    app.run_all(app.deliverer())

    ((headers, body),) = receiver.got
    Webhook(endpoint.secret).verify(body, headers)
    assert _parlay_ok(headers, body, endpoint.secret)
    with pytest.raises(WebhookVerificationError):
        Webhook(make_webhook_secret()).verify(body, headers)
    sent = json.loads(body)
    assert set(sent) == {"id", "type", "created_at", "data"}
    assert (sent["id"], sent["type"], headers["webhook-id"]) == (event, DETECTED, event)
    assert sent["data"] == {"id": "s", "title": "Grüße", "segments": [1]}
    assert headers["User-Agent"].startswith("parlay-webhook/1")
    (delivery,) = app.log()
    assert (delivery.status, delivery.attempts, delivery.last_status_code) == ("succeeded", 1, 200)
    assert delivery.delivered_at is not None


def test_a_receiver_that_was_down_gets_everything_in_order(app, listen):
    with listen() as gone:
        pass
    app.endpoint(gone.url, STARTED, DETECTED, COMPLETED)
    session = app.session()
    for type in (STARTED, DETECTED, COMPLETED):
        app.news(type, session)
    app.relay().relay_once()
    deliverer = app.deliverer()
    for _ in range(3):
        app.run_heads(deliverer)
    assert [(d.attempts, d.last_error) for d in app.log()] == [(3, "no connection"), (0, None), (0, None)]

    with listen(int(gone.url.split(":")[2].split("/")[0])) as back:
        app.run_all(deliverer)
        assert back.types == [STARTED, DETECTED, COMPLETED]
    assert {d.status for d in app.log()} == {"succeeded"}


def test_retries_send_the_same_bytes_under_a_new_attempt_id(app, receiver):
    app.endpoint(receiver.url, DETECTED)
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    receiver.answers = [(500, {}), (302, {"Location": "/elsewhere"}), (404, {})]
    app.run_all(app.deliverer())

    assert len(receiver.got) == 4
    assert len({body for _, body in receiver.got}) == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({headers["X-Parlay-Delivery"] for headers, _ in receiver.got}) == 4
    (delivery,) = app.log()
    attempts = app.attempts(delivery.id)
    assert [a.id for a in attempts] == [headers["X-Parlay-Delivery"] for headers, _ in receiver.got]
    assert [a.status_code for a in attempts] == [500, 302, 404, 200]
    assert [a.error for a in attempts] == [
        "answered 500",
        "answered 302: redirects are not followed",
        "answered 404",
        None,
    ]


def test_delays_grow_and_end_after_the_last_try(app, receiver):
    app.endpoint(receiver.url, DETECTED, COMPLETED)
    session = app.session()
    app.news(DETECTED, session)
    app.news(COMPLETED, session)
    app.relay().relay_once()
    receiver.answers = [(500, {})] * 6
    deliverer = app.deliverer()
    waits = []
    for _ in range(6):
        before = now()
        app.run_heads(deliverer)
        next_at = app.log()[0].next_attempt_at
        waits.append((next_at - before).total_seconds() if next_at else None)
    for wait, delay in zip(waits, (60, 300, 1500, 7200, 28800), strict=False):
        assert 0.9 * delay <= wait <= 1.1 * delay + 5
    assert waits[5] is None
    assert [d.status for d in app.log()] == ["failed", "pending"]

    app.run_all(deliverer)
    assert [d.status for d in app.log()] == ["failed", "succeeded"]


@pytest.mark.parametrize(
    ("status", "header", "least", "most"),
    [
        (429, "700", 700, 705),
        (503, "99999999", 8 * 3600, 8 * 3600 + 5),
        (500, "700", 54, 71),
        (429, "soon", 54, 71),
        (429, "²", 54, 71),
        (503, "Wed, 21 Oct 99999999999999 07:28:00 GMT", 54, 71),
        (503, "Wed, 21 Oct 2015 07:28:00 +99999999999999", 54, 71),
    ],
)
def test_retry_after_is_honoured_within_reason(app, receiver, status, header, least, most):
    app.endpoint(receiver.url, DETECTED)
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    receiver.answers = [(status, {"Retry-After": header})]
    before = now()
    app.run_heads(app.deliverer())
    (delivery,) = app.log()
    assert (delivery.attempts, delivery.last_status_code) == (1, status)
    assert least <= (delivery.next_attempt_at - before).total_seconds() <= most


def test_retry_after_may_be_a_date(app, receiver):
    app.endpoint(receiver.url, DETECTED)
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    moment = now() + timedelta(seconds=900)
    receiver.answers = [(503, {"Retry-After": moment.strftime("%a, %d %b %Y %H:%M:%S GMT")})]
    app.run_heads(app.deliverer())
    assert abs((app.log()[0].next_attempt_at - moment).total_seconds()) < 5


def test_an_event_that_cannot_be_signed_fails_like_one_that_is_refused(app, receiver, listen):
    """Its attempts are counted, so that it ends and what waits behind it is tried as well."""
    with listen() as other:
        broken, sound = (app.endpoint(one.url, DETECTED, COMPLETED) for one in (receiver, other))
        with app.database.write() as tx:
            webhooks.update(tx, broken.id, secret="whsec_no base64 at all")
        session = app.session()
        app.news(DETECTED, session)
        app.news(COMPLETED, session)
        app.relay().relay_once()
        app.run_all(app.deliverer())
        assert (receiver.got, other.types) == ([], [DETECTED, COMPLETED])
    found = {(d.webhook_id, d.event_type): d for d in app.log()}
    assert [found[sound.id, type].status for type in (DETECTED, COMPLETED)] == ["succeeded", "succeeded"]
    for type in (DETECTED, COMPLETED):
        delivery = found[broken.id, type]
        assert (delivery.status, delivery.attempts) == ("failed", 6)
        assert delivery.last_error == "the event could not be sent (Error)"


def test_410_disables_the_endpoint_with_a_reason(app, receiver, listen):
    with listen() as other:
        gone, stays = (
            app.endpoint(receiver.url, DETECTED, COMPLETED),
            app.endpoint(other.url, DETECTED, COMPLETED),
        )
        session = app.session()
        app.news(DETECTED, session)
        app.news(COMPLETED, session)
        app.relay().relay_once()
        receiver.answers = [(410, {})]
        app.run_all(app.deliverer())

        record = app.webhook(gone.id)
        assert record is not None
        assert not record.is_active
        assert "410" in (record.disabled_reason or "")
        assert record.disabled_at is not None
        mine = [d.status for d in app.log() if d.webhook_id == gone.id]
        assert mine == ["failed", "cancelled"]
        assert other.types == [DETECTED, COMPLETED]
        app.news(DETECTED, app.session())
        app.relay().relay_once()
        assert len([d for d in app.log() if d.webhook_id == gone.id]) == 2
        assert stays.id


def test_five_days_of_failures_disable_the_endpoint(app, receiver):
    endpoint = app.endpoint(receiver.url, DETECTED, failing_since=now() - timedelta(days=5, minutes=1))
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    receiver.answers = [(500, {})]
    app.run_all(app.deliverer())
    record = app.webhook(endpoint.id)
    assert record is not None
    assert not record.is_active
    assert "without one success" in (record.disabled_reason or "")


def test_one_success_ends_the_count_of_days(app, receiver):
    endpoint = app.endpoint(receiver.url, DETECTED, failing_since=now() - timedelta(days=4))
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    app.run_all(app.deliverer())
    record = app.webhook(endpoint.id)
    assert record is not None
    assert record.failing_since is None


def test_both_secrets_sign_while_one_takes_over_from_the_other(app, receiver):
    endpoint = app.endpoint(receiver.url, DETECTED)
    new = make_webhook_secret()
    with app.database.write() as tx:
        webhooks.update(
            tx,
            endpoint.id,
            secret=new,
            secret_previous=endpoint.secret,
            previous_until=now() + timedelta(hours=24),
        )
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    app.run_all(app.deliverer())
    with app.database.write() as tx:
        webhooks.update(tx, endpoint.id, previous_until=now() - timedelta(seconds=1))
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    app.run_all(app.deliverer())

    (during, body), (after, body_after) = receiver.got
    for secret in (endpoint.secret, new):
        Webhook(secret).verify(body, during)
        assert _parlay_ok(during, body, secret)
    Webhook(new).verify(body_after, after)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(body_after, after)


def test_callbacks_are_signed_with_the_partners_own_secret(app, receiver):
    app.news(DETECTED, app.session(), callback_url=receiver.url)
    app.relay().relay_once()
    app.run_all(app.deliverer())
    with app.database.read() as tx:
        partner = partners.get(tx, app.partner_id)
    assert partner is not None
    ((headers, body),) = receiver.got
    Webhook(partner.callback_secret).verify(body, headers)


def test_deliveries_of_a_deleted_session_vanish(app, receiver):
    app.endpoint(receiver.url, DETECTED)
    session = app.session()
    app.news(DETECTED, session)
    app.relay().relay_once()
    (head,) = app.heads()
    with app.database.write() as tx:
        sessions.delete(tx, session)
    app.deliverer().attempt(head)
    assert receiver.got == []
    assert app.log() == []


def test_a_session_deleted_while_its_news_is_under_way_leaves_no_trace(app, receiver):
    app.endpoint(receiver.url, DETECTED)
    session = app.session()
    app.news(DETECTED, session)
    app.relay().relay_once()
    (head,) = app.heads()
    deliverer = app.deliverer()
    send = deliverer._post

    def send_and_delete(*arguments):
        outcome = send(*arguments)
        with app.database.write() as tx:
            sessions.delete(tx, session)
        return outcome

    deliverer._post = send_and_delete
    deliverer.attempt(head)
    assert len(receiver.got) == 1
    assert app.log() == []


def test_an_attempt_is_made_once_and_in_turn(app, receiver):
    app.endpoint(receiver.url, DETECTED, COMPLETED)
    session = app.session()
    app.news(DETECTED, session)
    app.news(COMPLETED, session)
    app.relay().relay_once()
    first, second = app.log()
    deliverer = app.deliverer()
    (claimed,) = app.claim()
    assert claimed.id == first.id
    assert app.claim() == []  # the claim holds, and the second is not due
    deliverer.attempt(first)
    deliverer.attempt(first)  # as a worker would whose claim had ended meanwhile
    assert receiver.types == [DETECTED, DETECTED]
    assert len(app.attempts(first.id)) == 1
    assert [d.id for d in app.claim()] == [second.id]


def test_the_claim_of_a_dead_worker_ends(app, receiver):
    app.endpoint(receiver.url, DETECTED)
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    moment = now()
    (held,) = app.claim(at=moment, until=moment + timedelta(seconds=60))
    assert app.claim(at=moment + timedelta(seconds=59), until=moment + timedelta(seconds=99)) == []
    (again,) = app.claim(at=moment + timedelta(seconds=60), until=moment + timedelta(seconds=99))
    assert again.id == held.id


def test_private_addresses_are_not_called(app, receiver):
    app.endpoint(receiver.url, DETECTED)
    app.endpoint("https://[::ffff:10.0.0.1]/x", DETECTED)
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    app.run_heads(app.deliverer(allow_networks=()))
    assert receiver.got == []
    assert {d.last_error for d in app.log()} == {"the address is not public"}


def test_a_receiver_that_talks_slowly_is_cut_off(app):
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def dribble() -> None:
        connection, _ = listener.accept()
        connection.recv(65536)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not stop.wait(0.05):
                connection.sendall(b"X-Pad: y\r\n")
        except OSError:
            pass
        connection.close()

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    app.endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}/?q=hidden", DETECTED)
    app.news(DETECTED, app.session())
    app.relay().relay_once()
    app.run_heads(app.deliverer(timeout_seconds=0.5))
    stop.set()
    thread.join(timeout=5)
    listener.close()
    (delivery,) = app.log()
    assert (delivery.status, delivery.last_error) == ("pending", "no answer within 0.5 s")
    assert "hidden" not in repr(delivery)


def test_an_older_event_that_is_sent_again_goes_before_one_that_waits_for_its_retry(app, receiver):
    endpoint = app.endpoint(receiver.url, DETECTED, COMPLETED)
    session = app.session()
    app.news(DETECTED, session)
    app.relay().relay_once()
    deliverer = app.deliverer()
    app.run_all(deliverer)
    app.news(COMPLETED, session)
    app.relay().relay_once()
    first, waiting = app.log()
    with app.database.write() as tx:
        again = replay_one(tx, endpoint.id, first.id, partner_id=app.partner_id, environment="production")

    assert [d.id for d in app.claim()] == [again["id"]]  # the other is due and not its turn any more
    deliverer.attempt(next(d for d in app.log() if d.id == again["id"]))
    assert receiver.types == [DETECTED, DETECTED]
    assert [d.id for d in app.claim()] == [waiting.id]
    app.run_all(deliverer)
    assert receiver.types == [DETECTED, DETECTED, COMPLETED]


def test_nothing_is_sent_beside_an_attempt_in_progress_of_the_same_session(app, receiver):
    endpoint = app.endpoint(receiver.url, DETECTED, COMPLETED)
    session = app.session()
    app.news(DETECTED, session)
    app.relay().relay_once()
    app.run_all(app.deliverer())
    app.news(COMPLETED, session)
    app.relay().relay_once()
    first, _waiting = app.log()
    (in_progress,) = app.claim(until=now() + timedelta(days=10))
    with app.database.write() as tx:
        replay_one(tx, endpoint.id, first.id, partner_id=app.partner_id, environment="production")
    assert app.claim() == []
    app.deliverer().attempt(in_progress)
    assert [d.event_type for d in app.claim()] == [DETECTED]
