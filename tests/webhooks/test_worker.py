from __future__ import annotations

import threading

import pytest
from standardwebhooks import Webhook

from bench.local_server import LocalHandler, LocalServer

TYPES = [f"all_day_session.{n}" for n in ("processing_started", "detected", "completed")]
PAUSE = threading.Event()


def _until(condition) -> None:
    for _ in range(1200):
        if condition():
            return
        PAUSE.wait(0.05)
    raise AssertionError("it did not happen within a minute")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_app(request):
    return request.getfixturevalue("app" if request.param == "sqlite" else "postgres_app")


def test_a_dispatcher_delivers_retries_and_keeps_the_order(any_app, receiver, listen):
    app = any_app
    with listen() as other:
        endpoints = {url: app.endpoint(url, *TYPES) for url in (receiver.url, other.url)}
        receiver.answers = [(500, {}), (503, {})]
        dispatcher = app.dispatcher(app.deliverer(delays_seconds=(0.2, 0.2, 0.2)))
        dispatcher.start()
        session = app.session()
        for type in TYPES:
            app.news(type, session)
        _until(lambda: len(receiver.got) >= 5 and len(other.got) >= 3)
        _until(lambda: {d.status for d in app.log()} == {"succeeded"})
        dispatcher.stop()

        assert receiver.types == [TYPES[0], TYPES[0], *TYPES]
        assert other.types == TYPES
        for one in (receiver, other):
            for headers, body in one.got:
                Webhook(endpoints[one.url].secret).verify(body, headers)


def test_receivers_that_do_not_answer_hold_their_own_places_only(app, receiver):
    """Every place of the receivers without an answer is taken and held while the other one is reached."""
    held, release = [], threading.Event()

    class Handler(LocalHandler):
        def do_POST(self) -> None:
            self.read_body()
            held.append(self.headers["Host"])
            release.wait(60)
            self.send(200)

    silent = LocalServer(Handler)
    url = silent.base_url
    app.endpoint(f"{url}/one", TYPES[1])
    for number in range(60):
        app.news(TYPES[1], app.session(), callback_url=f"{url}/callback-{number}")
    dispatcher = app.dispatcher(app.deliverer(timeout_seconds=60.0), at_once=30)
    dispatcher.start()
    _until(lambda: len(held) == 4)  # two for the endpoint, two for the host of the callbacks

    app.endpoint(receiver.url, TYPES[2])
    for _ in range(3):
        app.news(TYPES[2], app.session())
    _until(lambda: len(receiver.got) == 3)
    assert len(held) == 4
    release.set()
    dispatcher.stop()
    silent.stop()


def test_one_partner_leaves_places_for_others(app, receiver):
    other = type(app)(app.database, app.jobs, app.add_partner())
    for number in range(20):
        app.endpoint(f"https://{number}.test/x", TYPES[1])
    app.news(TYPES[1], app.session())
    other.endpoint(receiver.url, TYPES[1])
    other.news(TYPES[1], other.session())
    dispatcher = app.dispatcher(app.deliverer(), per_partner=16)
    dispatcher.relay_once()
    claimed = dispatcher.claim_once()
    assert [d.partner_id for d in claimed].count(app.partner_id) == 16
    assert [d.partner_id for d in claimed].count(other.partner_id) == 1


def test_partners_with_many_slow_receivers_together_leave_places_for_others(app):
    """Nothing that is claimed here ends, as if every receiver were slow."""
    dispatcher = app.dispatcher(app.deliverer())

    def claim_of(partner, endpoints: int) -> int:
        for number in range(endpoints):
            partner.endpoint(f"https://{number}.test/x", TYPES[1])
        for _ in range(2):
            partner.news(TYPES[1], partner.session())
        while dispatcher.relay_once():
            pass
        claimed = dispatcher.claim_once()
        return [record.partner_id for record in claimed].count(partner.partner_id)

    partners = [type(app)(app.database, app.jobs, app.add_partner()) for _ in range(6)]
    held = [claim_of(partner, 20) for partner in partners]
    assert held[0] == 16
    assert held == sorted(held, reverse=True)
    assert held[-1] >= 1
    assert claim_of(app, 3) >= 1
