"""The stream of everything that happens at a partner."""

from __future__ import annotations

import json
import threading
import urllib.request
from contextlib import contextmanager
from dataclasses import replace

import pytest

from dayline.auth import keys_repository as keys
from dayline.console import service as console
from dayline.domain.status import SessionStatus
from dayline.http.streams import StreamSlots
from dayline.ids import new_id
from dayline.sessions import repository as sessions
from dayline.webhooks import events_repository as events
from dayline.workflows.job_queue import JobQueue
from tests.http.conftest import serve, stored_key

BODY = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}


class Stream:
    """Reads one stream, event by event."""

    def __init__(self, answer):
        self._answer = answer

    def __next__(self):
        fields = {}
        for raw in self._answer:
            line = raw.decode().rstrip("\n")
            if not line and "event" in fields:
                return fields["event"], fields.get("id"), json.loads(fields["data"])
            if ": " in line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
        raise StopIteration

    def until(self, *names):
        """Return the next event of one of these names."""
        while True:
            event = next(self)
            if event[0] in names:
                return event


@contextmanager
def follow(base_url, key, last=None, query="", **headers):
    sent = {"Authorization": f"Bearer {key}", **headers}
    if last is not None:
        sent["Last-Event-ID"] = str(last)
    request = urllib.request.Request(f"{base_url}/v1/events{query}", headers=sent)
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield Stream(answer)


def add(app, caller, session_id, occasion, environment="production"):
    with app.database.write() as tx:
        events.add(
            tx,
            partner_id=caller.partner_id,
            environment=environment,
            type="all_day_session.detected",
            body={"occasion": occasion},
            session_id=session_id,
            once=(session_id, occasion),
        )


def test_everything_of_the_partner_comes_as_it_happens(app):
    caller, other = app.caller(), app.caller()
    theirs = other.post("/v1/all-day-sessions", BODY).json["id"]
    with follow(app.base_url, caller.key) as stream:
        assert next(stream)[0] == "ready"
        mine = caller.post("/v1/all-day-sessions", BODY).json["id"]
        name, _, progress = next(stream)
        assert (name, progress["session_id"], progress["status"]) == ("progress", mine, "queued")
        with app.database.write() as tx:
            sessions.update(tx, mine, status=SessionStatus.TRANSCRIBING, stage="ingest", percent=12.0)
        assert stream.until("progress")[2]["percent"] == 12.0
        other.post(f"/v1/all-day-sessions/{theirs}/cancel")
        caller.post(f"/v1/all-day-sessions/{mine}/cancel")
        _, number, event = stream.until("all_day_session.failed")
        assert (event["session_id"], event["data"]["error"]["code"]) == (mine, "cancelled")
        assert number is not None
        assert int(number) > 0


def test_a_broken_stream_goes_on_after_the_last_event(app):
    caller = app.caller()
    day = caller.post("/v1/all-day-sessions", BODY).json["id"]
    with follow(app.base_url, caller.key) as stream:
        _, ready, _ = next(stream)
    for number in range(120):
        add(app, caller, day, number)
    seen, last = [], None
    with follow(app.base_url, caller.key, last=ready) as stream:
        for _ in range(70):
            _, last, event = stream.until("all_day_session.detected")
            seen.append(event["data"]["occasion"])
    assert last is not None
    with follow(app.base_url, caller.key, last=last, query="?include_data=false") as stream:
        for _ in range(50):
            _, _, event = stream.until("all_day_session.detected")
            assert "data" not in event
            assert event["session_id"] == day
            seen.append(None)
    assert seen == [*range(70), *[None] * 50]
    assert caller.get("/v1/events", headers={"Last-Event-ID": "x"}).code == "invalid_request"


def test_an_event_that_is_committed_late_is_not_passed_over(postgres_app):
    """On PostgreSQL a transaction takes its number early and may end after one that came later."""
    app = postgres_app
    caller = app.caller()
    first, second = (caller.post("/v1/all-day-sessions", BODY).json["id"] for _ in range(2))
    with follow(app.base_url, caller.key) as stream:
        next(stream)
        with app.database.write() as slow:
            sessions.lock(slow, first)
            written = {"partner_id": caller.partner_id, "environment": "production", "body": {}}
            events.add(slow, **written, type="all_day_session.detected", session_id=first, once=(first, "slow"))
            add(app, caller, second, "fast")
            with app.database.read() as tx:
                shown = events.of_partner(tx, caller.partner_id, environment="production", after=0, limit=10)
            assert shown == [], "the later one waits for the earlier one"
        got = [stream.until("all_day_session.detected") for _ in range(2)]
    assert [event["session_id"] for _, _, event in got] == [first, second]
    numbers = [int(number) for _, number, _ in got if number is not None]
    assert numbers == sorted(numbers)
    assert len(numbers) == len(got)


def test_two_api_processes_tell_the_same(app):
    caller = app.caller()
    day = caller.post("/v1/all-day-sessions", BODY).json["id"]
    running = serve(replace(app.services, jobs=JobQueue(app.database)))
    second = next(running)
    try:
        with follow(app.base_url, caller.key) as here, follow(second.base_url, caller.key) as there:
            assert (next(here)[0], next(there)[0]) == ("ready", "ready")
            add(app, caller, day, "one")
            events_seen = [stream.until("all_day_session.detected")[1] for stream in (here, there)]
        assert events_seen[0] == events_seen[1]
    finally:
        running.close()


def test_a_stream_ends_when_its_key_is_revoked(app):
    caller = app.caller()
    with follow(app.base_url, caller.key) as stream:
        assert next(stream)[0] == "ready"
        with app.database.write() as tx:
            keys.revoke(tx, stored_key(tx, caller).id)
        assert stream.until("end")[2] == {"status": "key_revoked"}
        with pytest.raises(StopIteration):
            next(stream)


def test_streams_of_one_partner_are_limited_and_given_back(app_with):
    app = app_with()
    app.app.state.streams = slots = StreamSlots(per_partner=2)
    caller, other = app.caller(), app.caller()
    with follow(app.base_url, caller.key) as one, follow(app.base_url, caller.key) as two:
        assert (next(one)[0], next(two)[0]) == ("ready", "ready")
        refused = caller.get("/v1/events")
        assert (refused.status, refused.code) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) >= 1
        with follow(app.base_url, other.key) as theirs:
            assert next(theirs)[0] == "ready"
        with app.database.write() as tx:
            keys.revoke(tx, stored_key(tx, caller).id)
        assert (one.until("end")[0], two.until("end")[0]) == ("end", "end")
    done = threading.Event()
    for _ in range(200):
        if slots.count(caller.partner_id) == slots.count(other.partner_id) == 0:
            break
        done.wait(0.05)
    assert slots.count(caller.partner_id) == slots.count(other.partner_id) == 0


def test_a_person_is_told_of_own_days_without_their_content(app):
    caller = app.caller()
    mine = caller.post("/v1/all-day-sessions", BODY).json["id"]
    other = caller.post("/v1/all-day-sessions", {**BODY, "rep_id": "rep-2"}).json["id"]
    with app.database.write() as tx:
        link = console.make_link(tx, role="rep", partner_id=caller.partner_id, org_ids=["acme"], rep_id="rep-1")
        token = console.sign_in_by_link(tx, link.token).token
    headers = {"Cookie": f"dayline={token}", "Sec-Fetch-Site": "same-origin"}
    request = urllib.request.Request(f"{app.base_url}/v1/events", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        stream = Stream(answer)
        assert next(stream)[0] == "ready"
        assert next(stream)[2]["session_id"] == mine, "progress of own days only"
        add(app, caller, other, "theirs")
        add(app, caller, mine, "mine")
        _, _, event = stream.until("all_day_session.detected")
        assert event["session_id"] == mine
        assert "data" not in event


def test_events_of_the_other_environment_stay_there(app):
    caller = app.caller()
    day = caller.post("/v1/all-day-sessions", BODY).json["id"]
    with follow(app.base_url, caller.key) as stream:
        next(stream)
        add(app, caller, day, "sandbox", environment="sandbox")
        add(app, caller, day, "live")
        assert stream.until("all_day_session.detected")[2]["data"] == {"occasion": "live"}


def test_ids_are_those_of_webhooks(app):
    caller = app.caller()
    day = caller.post("/v1/all-day-sessions", BODY).json["id"]
    occasion = new_id()
    with follow(app.base_url, caller.key) as stream:
        next(stream)
        add(app, caller, day, occasion)
        event = stream.until("all_day_session.detected")[2]
    assert event["id"] == events.event_id("all_day_session.detected", day, occasion)
