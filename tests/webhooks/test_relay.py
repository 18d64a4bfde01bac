from __future__ import annotations

import threading

import sqlalchemy as sa

from dayline.pipeline.engine.jobs import JobQueue
from dayline.store.db import open_database
from dayline.webhooks.relay import Relay

DETECTED, COMPLETED = "all_day_session.detected", "all_day_session.completed"


def test_every_address_that_wants_an_event_gets_one_delivery(house):
    wants = house.endpoint("https://a.test/x?secret=1", DETECTED, COMPLETED)
    house.endpoint("https://b.test/x", COMPLETED)
    house.endpoint("https://c.test/x", DETECTED, is_active=False)
    session = house.session()
    event = house.news(DETECTED, session, callback_url="https://cb.test/y?token=1")

    assert house.relay().relay_once() == 1
    assert house.relay().relay_once() == 0

    found = {(d.webhook_id, d.url, d.event_id) for d in house.log()}
    assert found == {(wants.id, "https://a.test/x", event), (None, "https://cb.test/y", event)}


def test_a_test_event_goes_to_its_endpoint_only(house):
    one, other = (house.endpoint(f"https://{n}.test/x", "webhook.test", DETECTED) for n in "ab")
    house.news("webhook.test", body={"webhook_id": one.id})
    house.relay().relay_once()
    assert [d.webhook_id for d in house.log()] == [one.id]
    assert other.id


def test_only_the_head_of_a_lane_has_a_job(house):
    house.endpoint("https://a.test/x", DETECTED, COMPLETED)
    first, second = house.session(), house.session()
    for session in (first, second):
        house.news(DETECTED, session)
        house.news(COMPLETED, session)
    house.relay().relay_once()

    called_up = [d.event_type for d in house.log() if d.next_attempt_at]
    assert called_up == [DETECTED, DETECTED]
    assert _jobs(house) == 2


def test_a_lost_job_is_made_again(house):
    house.endpoint("https://a.test/x", DETECTED)
    house.news(DETECTED, house.session())
    relay = house.relay()
    relay.relay_once()
    assert _jobs(house) == 1
    house.jobs.forget("delivery:")

    assert relay.sweep_once() == 1
    assert _jobs(house) == 1


def test_two_workers_on_postgres_make_no_doubles(postgres_house):
    house = postgres_house
    for name in "abc":
        house.endpoint(f"https://{name}.test/x", DETECTED, COMPLETED)
    url = house.database.engine.url.render_as_string(hide_password=False)
    databases = [open_database(url, pool_size=5) for _ in range(3)]
    relays = [Relay(database, JobQueue(database), poll_seconds=0.005) for database in databases]
    for relay in relays:
        relay.start()

    def write() -> None:
        for _ in range(10):
            session = house.session()
            house.news(DETECTED, session)
            house.news(COMPLETED, session)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    pause = threading.Event()
    for _ in range(500):
        if len(house.log()) >= 120 and house.relay().relay_once() == 0:
            break
        pause.wait(0.02)
    for relay in relays:
        relay.stop()

    found = [(d.event_id, d.webhook_id) for d in house.log()]
    assert len(found) == len(set(found)) == 120
    assert _jobs(house) == 60  # one for each lane's head
    assert all(d.next_attempt_at is None for d in house.log() if d.event_type == COMPLETED)
    for database in databases:
        database.close()


def _jobs(house) -> int:
    table = "dbos.workflow_status" if not house.database.is_sqlite else "workflow_status"
    with house.database.read() as tx:
        return tx.run(sa.text(f"SELECT count(*) FROM {table} WHERE workflow_uuid LIKE 'delivery:%'")).scalar()
