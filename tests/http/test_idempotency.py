"""A request with a key happens once, whatever the network, the clients or a crash do."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dayline.clock import now
from dayline.db.tables import idempotency, session
from dayline.idempotency import repository as keys
from dayline.ids import new_id
from dayline.sessions import service

BODY = {"org_id": "acme", "rep_id": "r", "recording_url": "https://recordings.example.com/x.mp3"}
PATH = "/v1/all-day-sessions"


def with_key(key=None):
    return {"headers": {"Idempotency-Key": key or new_id()}}


def sessions_of(app, caller):
    with app.database.read() as tx:
        count = sa.select(sa.func.count()).select_from(session).where(session.c.partner_id == caller.partner_id)
        return tx.run(count).scalar()


def test_the_first_outcome_is_answered_again(app):
    caller = app.caller()
    key = with_key()
    first, second = caller.post(PATH, BODY, **key), caller.post(PATH, BODY, **key)
    assert (first.status, second.status) == (202, 202)
    assert first.json == second.json
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert sessions_of(app, caller) == 1


def test_another_body_path_or_query_is_a_conflict(app):
    caller = app.caller()
    key = with_key()
    id = caller.post(PATH, BODY, **key).json["id"]
    for answer in (
        caller.post(PATH, {**BODY, "rep_id": "s"}, **key),
        caller.post("/v1/analyses", BODY, **key),
        caller.post(f"{PATH}/{id}/cancel", **key),
    ):
        assert (answer.status, answer.code) == (409, "idempotency_conflict")


def test_keys_belong_to_a_partner_and_not_to_one_of_its_keys(app):
    first = app.caller()
    same = app.caller(partner_id=first.partner_id)
    other = app.caller()
    key = with_key()
    created = first.post(PATH, BODY, **key).json
    assert same.post(PATH, BODY, **key).json == created
    assert other.post(PATH, BODY, **key).json["id"] != created["id"]


def test_errors_are_kept_once_execution_began(app):
    caller = app.caller()
    key = with_key()
    body = {**BODY, "options": {"playbook_id": new_id()}}
    first, second = caller.post(PATH, body, **key), caller.post(PATH, body, **key)
    assert (first.status, second.status) == (404, 404)
    assert second.headers["idempotent-replayed"] == "true"
    assert second.json == first.json


def test_what_is_refused_before_is_not_kept(app):
    caller = app.caller()
    key = with_key()
    assert caller.post(PATH, {**BODY, "org_id": ""}, **key).status == 400
    assert caller.post(PATH, {**BODY, "recording_url": "ftp://x"}, **key).status == 400
    assert caller.post(PATH, BODY, **key).status == 202


def test_of_many_twins_at_once_one_is_carried_out(app):
    caller = app.caller()
    key = with_key()
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(caller.post(PATH, BODY, **key))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sessions_of(app, caller) == 1
    assert {a.status for a in answers} <= {202, 409}
    assert {a.code for a in answers if a.status == 409} <= {"idempotency_in_progress"}
    assert len({a.json["id"] for a in answers if a.status == 202}) == 1


@pytest.fixture
def held_back(monkeypatch):
    """Hold submissions back inside their transaction until the test lets them go on."""
    submit, begun, go_on = service.submit, threading.Event(), threading.Event()

    def slow(*arguments, **options):
        made = submit(*arguments, **options)
        begun.set()
        assert go_on.wait(60)
        return made

    monkeypatch.setattr(service, "submit", slow)
    yield begun, go_on
    go_on.set()


def test_a_twin_is_refused_while_the_first_is_under_way_and_then_gets_its_outcome(app, held_back):
    caller, key = app.caller(), with_key()
    begun, go_on = held_back
    firsts = []
    thread = threading.Thread(target=lambda: firsts.append(caller.post(PATH, BODY, **key)))
    thread.start()
    assert begun.wait(60)
    twin = caller.post(PATH, BODY, **key)
    assert (twin.status, twin.code) == (409, "idempotency_in_progress")
    assert caller.post(PATH, {**BODY, "rep_id": "s"}, **key).code == "idempotency_conflict"
    go_on.set()
    thread.join()
    again = caller.post(PATH, BODY, **key)
    assert (firsts[0].status, again.status, again.headers["idempotent-replayed"]) == (202, 202, "true")
    assert again.json == firsts[0].json
    assert sessions_of(app, caller) == 1


def test_a_twin_in_another_process_is_refused_too(postgres_app):
    """What another process holds is a lock in the database: here a transaction of the test's own."""
    caller, key = postgres_app.caller(), new_id()
    with postgres_app.database.write() as tx:
        assert keys.try_lock(tx, caller.partner_id, key)
        twin = caller.post(PATH, BODY, **with_key(key))
        assert (twin.status, twin.code) == (409, "idempotency_in_progress")
        assert caller.post(PATH, BODY, **with_key()).status == 202
    assert caller.post(PATH, BODY, **with_key(key)).status == 202


def claimed(app, caller, key, *, locked_until):
    """Leave the row that a process leaves which died in the middle of this very request."""
    first = caller.post(PATH, BODY, headers={"Idempotency-Key": key})
    with app.database.write() as tx:
        tx.run(
            sa.update(idempotency)
            .where(idempotency.c.key == key)
            .values(status_code=None, body=None, locked_until=locked_until)
        )
        tx.run(sa.delete(session).where(session.c.id == first.json["id"]))


def test_a_key_in_work_is_in_progress_and_a_dead_one_is_freed(app):
    caller = app.caller()
    key = new_id()
    claimed(app, caller, key, locked_until=now() + timedelta(seconds=60))
    busy = caller.post(PATH, BODY, headers={"Idempotency-Key": key})
    assert (busy.status, busy.code) == (409, "idempotency_in_progress")
    with app.database.write() as tx:
        tx.run(sa.update(idempotency).where(idempotency.c.key == key).values(locked_until=now() - timedelta(seconds=1)))
    assert caller.post(PATH, BODY, headers={"Idempotency-Key": key}).status == 202
    assert sessions_of(app, caller) == 1


def test_a_key_is_forgotten_after_its_day(app):
    caller = app.caller()
    key = with_key()
    first = caller.post(PATH, BODY, **key).json
    with app.database.write() as tx:
        tx.run(sa.update(idempotency).values(expires_at=now() - timedelta(seconds=1)))
    assert caller.post(PATH, BODY, **key).json["id"] != first["id"]


def test_keys_have_a_length(sqlite_app):
    caller = sqlite_app.caller()
    assert caller.post(PATH, BODY, **with_key("k" * 256)).code == "invalid_request"
    assert caller.post(PATH, BODY, **with_key("k" * 255)).status == 202
    assert caller.call("DELETE", "/v1/console/session", **with_key("k" * 256)).code == "invalid_request"
    assert caller.post(PATH, BODY, **with_key("\u00e4")).code == "invalid_request"


def test_an_unforeseen_failure_is_kept_and_tells_nothing(app, monkeypatch):
    from dayline.sessions import service

    caller = app.caller()
    key = with_key()

    def broken(*_args, **_options):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(service.orgs, "ensure", broken)
    first = caller.post(PATH, BODY, **key)
    monkeypatch.undo()
    assert (first.status, first.code) == (500, "internal_error")
    assert b"secret detail" not in first.body
    assert b"Traceback" not in first.body
    second = caller.post(PATH, BODY, **key)
    assert (second.status, second.headers["idempotent-replayed"]) == (500, "true")
    assert sessions_of(app, caller) == 0
