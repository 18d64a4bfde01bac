from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from dayline.clock import now
from dayline.db.database import open_database
from dayline.db.migrate import alembic_config, migrate
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks.dispatcher import Dispatcher

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


@pytest.mark.parametrize("names", [["*"], ["analysis.completed", "*"]])
def test_a_star_means_every_event_but_tests_of_others(app, names):
    every = app.endpoint("https://a.test/x", *names)
    other = app.endpoint("https://b.test/x", "persona.assigned")
    app.news(DETECTED, app.session())
    app.news("webhook.test", body={"webhook_id": other.id})
    app.relay().relay_once()
    assert [(d.webhook_id, d.event_type) for d in app.log()] == [(every.id, DETECTED), (other.id, "webhook.test")]


def test_only_the_head_of_a_session_is_due(app):
    app.endpoint("https://a.test/x", DETECTED, COMPLETED)
    for session in (app.session(), app.session()):
        app.news(DETECTED, session)
        app.news(COMPLETED, session)
    app.relay().relay_once()

    assert [d.event_type for d in app.log() if d.next_attempt_at] == [DETECTED, DETECTED]
    assert [d.event_type for d in app.claim()] == [DETECTED, DETECTED]


def test_what_waits_and_what_is_due_is_seen_the_same_by_the_driver_alone(app):
    watch = app.database.watch_changes()
    app.endpoint("https://a.test/x", DETECTED)

    def look(seconds: float = 0.0) -> tuple[bool, bool]:
        at = now() + timedelta(seconds=seconds)
        with app.database.read() as tx:
            found = deliveries.look(tx, at=at)
        assert deliveries.look_by_driver(watch.rows, at=at) == found
        return found

    assert look() == (False, False)
    app.news(DETECTED, app.session())
    assert look() == (True, False)
    app.relay().relay_once()
    assert look(1.0) == (False, True)
    assert look(-3600.0) == (False, False)
    app.claim()
    assert look(1.0) == (False, False)


def test_three_workers_on_postgres_plan_and_claim_each_delivery_once(postgres_app):
    app = postgres_app
    for name in "abc":
        app.endpoint(f"https://{name}.test/x", DETECTED, COMPLETED)
    url = app.database.engine.url.render_as_string(hide_password=False)
    databases = [open_database(url, pool_size=5) for _ in range(3)]
    dispatchers = [
        Dispatcher(database, app.deliverer(), at_once=4000, per_endpoint=100, per_partner=1000)
        for database in databases
    ]
    claimed: list[list[str]] = [[] for _ in databases]
    done = threading.Event()

    def work(number: int) -> None:
        while not done.is_set():
            dispatchers[number].relay_once()
            claimed[number] += [d.id for d in dispatchers[number].claim_once()]

    def write() -> None:
        for _ in range(10):
            session = app.session()
            app.news(DETECTED, session)
            app.news(COMPLETED, session)

    workers = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    writers = [threading.Thread(target=write) for _ in range(2)]
    for thread in (*workers, *writers):
        thread.start()
    for writer in writers:
        writer.join()
    pause = threading.Event()
    for _ in range(3000):
        if sum(len(ids) for ids in claimed) >= 60 and len(app.log()) >= 120:
            break
        pause.wait(0.02)
    done.set()
    for worker in workers:
        worker.join()

    found = [(d.event_id, d.webhook_id) for d in app.log()]
    assert len(found) == len(set(found)) == 120
    assert all(d.next_attempt_at is None for d in app.log() if d.event_type == COMPLETED)
    ids = [id for each in claimed for id in each]
    assert len(ids) == len(set(ids)) == 60  # one for each session and endpoint
    for database in databases:
        database.close()


def test_an_event_that_cannot_be_planned_does_not_hold_up_the_others(any_app):
    app = any_app
    other = type(app)(app.database, app.jobs, app.add_partner())
    endpoint = app.endpoint("https://a.test/x", DETECTED)
    other.endpoint("https://b.test/x", DETECTED)
    set_list(app, endpoint.id, "null")  # what a person at the database may leave
    lost, kept = app.news(DETECTED, app.session()), [other.news(DETECTED, other.session()) for _ in range(2)]
    dispatcher = app.relay()
    assert [dispatcher.relay_once() for _ in range(3)] == [2, 0, 0]
    assert [d.event_id for d in app.log()] == kept

    set_list(app, endpoint.id, f'["{DETECTED}"]')
    assert app.relay().relay_once() == 1
    assert {d.event_id for d in app.log()} == {lost, *kept}


def set_list(app, webhook_id: str, json: str) -> None:
    with app.database.write() as tx:
        tx.connection.exec_driver_sql(f"update webhook set enabled_events = '{json}' where id = '{webhook_id}'")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_app(request):
    return request.getfixturevalue("app" if request.param == "sqlite" else "postgres_app")


def test_a_head_that_was_lost_is_made_due_again(app):
    app.endpoint("https://a.test/x", DETECTED, COMPLETED)
    session = app.session()
    app.news(DETECTED, session)
    app.news(COMPLETED, session)
    dispatcher = app.relay()
    dispatcher.relay_once()
    assert dispatcher.repair_once() == 0
    with app.database.write() as tx:
        tx.run(sa.text("update delivery set next_attempt_at = null"))
    assert app.claim() == []
    assert dispatcher.repair_once() == 1
    assert [d.event_type for d in app.claim()] == [DETECTED]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_deliveries_of_the_version_before_are_sent(kind, tmp_path, make_postgres):
    url = make_postgres() if kind == "postgresql" else f"sqlite:///{tmp_path}/old.db"
    database = open_database(url)
    config = alembic_config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        empty = "'x'" if kind == "postgresql" else "x'00'"
        for statement in _OLD_ROWS:
            connection.exec_driver_sql(statement.replace("{empty}", empty))
        connection.commit()
    migrate(database)
    moment = now()
    with database.write() as tx:
        claimed = deliveries.claim_due(tx, at=moment, until=moment, limit=10, per_endpoint=10)
    database.close()
    assert [(d.id, d.endpoint_key, d.attempts) for d in claimed] == [("d-1", f"w:{WEBHOOK}", 1)]


WEBHOOK = "00000000-0000-0000-0000-00000000000a"
_AT = "'2026-01-01 00:00:00'"
_OLD_ROWS = (
    "INSERT INTO partner (id, name, contact_email, plan_tier, healthcare, settings, callback_secret, created_at,"
    f" updated_at) VALUES ('p', 'p', 'x', 'growth', false, '{{}}', 'whsec_x', {_AT}, {_AT})",
    *(
        "INSERT INTO event (number, id, partner_id, environment, type, body, created_at)"
        f" VALUES ({number}, 'e-{number}', 'p', 'production', 'analysis.completed', {{empty}}, {_AT})"
        for number in (1, 2)
    ),
    *(
        "INSERT INTO delivery (id, partner_id, event_id, event_number, event_type, webhook_id, url, lane, status,"
        f" attempts, next_attempt_at, created_at) VALUES ('d-{number}', 'p', 'e-{number}', {number},"
        f" 'analysis.completed', '{WEBHOOK}', 'https://a.test/', 'w:{WEBHOOK}:s-1', 'pending', {attempts}, {due},"
        f" {_AT})"
        for number, attempts, due in ((1, 1, _AT), (2, 0, "NULL"))
    ),
)
