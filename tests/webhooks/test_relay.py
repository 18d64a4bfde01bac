from __future__ import annotations

import threading

import sqlalchemy as sa

from dayline.db.database import open_database
from dayline.webhooks.relay import Relay
from dayline.workflows.job_queue import JobQueue

DETECTED, COMPLETED = "all_day_session.detected", "all_day_session.completed"


def test_every_address_that_wants_an_event_gets_one_delivery(app):
    wants = app.endpoint("https://a.test/x?secret=1", DETECTED, COMPLETED)
    app.endpoint("https://b.test/x", COMPLETED)
    app.endpoint("https://c.test/x", DETECTED, is_active=False)
    session = app.session()
    event = app.news(DETECTED, session, callback_url="https://cb.test/y?token=1")

    assert app.relay().relay_once() == 1
    assert app.relay().relay_once() == 0

    found = {(d.webhook_id, d.url, d.event_id) for d in app.log()}
    assert found == {(wants.id, "https://a.test/x", event), (None, "https://cb.test/y", event)}


def test_a_test_event_goes_to_its_endpoint_only(app):
    one, other = (app.endpoint(f"https://{n}.test/x", "webhook.test", DETECTED) for n in "ab")
    app.news("webhook.test", body={"webhook_id": one.id})
    app.relay().relay_once()
    assert [d.webhook_id for d in app.log()] == [one.id]
    assert other.id


def test_only_the_head_of_a_lane_has_a_job(app):
    app.endpoint("https://a.test/x", DETECTED, COMPLETED)
    first, second = app.session(), app.session()
    for session in (first, second):
        app.news(DETECTED, session)
        app.news(COMPLETED, session)
    app.relay().relay_once()

    called_up = [d.event_type for d in app.log() if d.next_attempt_at]
    assert called_up == [DETECTED, DETECTED]
    assert _jobs(app) == 2


def test_a_lost_job_is_made_again(app):
    app.endpoint("https://a.test/x", DETECTED)
    app.news(DETECTED, app.session())
    relay = app.relay()
    relay.relay_once()
    assert _jobs(app) == 1
    app.jobs.forget("delivery:")

    assert relay.sweep_once() == 1
    assert _jobs(app) == 1


def test_two_workers_on_postgres_make_no_doubles(postgres_app):
    app = postgres_app
    for name in "abc":
        app.endpoint(f"https://{name}.test/x", DETECTED, COMPLETED)
    url = app.database.engine.url.render_as_string(hide_password=False)
    databases = [open_database(url, pool_size=5) for _ in range(3)]
    relays = [Relay(database, JobQueue(database), poll_seconds=0.005) for database in databases]
    for relay in relays:
        relay.start()

    def write() -> None:
        for _ in range(10):
            session = app.session()
            app.news(DETECTED, session)
            app.news(COMPLETED, session)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    pause = threading.Event()
    for _ in range(500):
        if len(app.log()) >= 120 and app.relay().relay_once() == 0:
            break
        pause.wait(0.02)
    for relay in relays:
        relay.stop()

    found = [(d.event_id, d.webhook_id) for d in app.log()]
    assert len(found) == len(set(found)) == 120
    assert _jobs(app) == 60  # one for each lane's head
    assert all(d.next_attempt_at is None for d in app.log() if d.event_type == COMPLETED)
    for database in databases:
        database.close()


def _jobs(app) -> int:
    table = "dbos.workflow_status" if not app.database.is_sqlite else "workflow_status"
    with app.database.read() as tx:
        return tx.run(sa.text(f"SELECT count(*) FROM {table} WHERE workflow_uuid LIKE 'delivery:%'")).scalar()
