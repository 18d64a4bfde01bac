"""Streams send what the OpenAPI document says they send."""

from __future__ import annotations

import json

import jsonschema
import pytest

from dayline.sessions.view import session_view
from dayline.webhooks import events_repository as events
from tests.http.test_lifecycle import stream
from tests.http.test_partner_events import follow

BODY = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}
PATHS = ("/v1/all-day-sessions/{session_id}/events", "/v1/events")


@pytest.fixture
def check(sqlite_app):
    """Return a function that checks (path, event, id, data) against the document and returns the event's title."""
    document = sqlite_app.stranger().get("/openapi.json").json

    def check(path, event, id, data):
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["text/event-stream"]["schema"]
        (kind,) = [one for one in schema["oneOf"] if event in one["properties"]["event"]["enum"]]
        shown = {"event": event, "data": json.dumps(data)} | ({"id": id} if id is not None else {})
        jsonschema.Draft202012Validator(kind).validate(shown)
        # Validators take `contentSchema` as a remark.
        content = kind["properties"]["data"]["contentSchema"]
        jsonschema.Draft202012Validator({**content, "components": document["components"]}).validate(data)
        assert ("id" in kind["properties"]) == (id is not None)
        return kind["title"]

    return check


def test_events_of_a_session_are_as_documented(sqlite_app, check):
    caller = sqlite_app.caller()
    session_id = sqlite_app.finished_day(caller)
    add(sqlite_app, caller, session_id)
    sent = stream(caller, f"/v1/all-day-sessions/{session_id}/events")
    titles = [check(PATHS[0], event, id, json.loads(data)) for event, id, data in sent]
    assert titles[-3:] == ["Event of the session", "Progress", "End"]


def test_events_of_a_partner_are_as_documented(sqlite_app, check):
    caller = sqlite_app.caller()
    session_id = sqlite_app.finished_day(caller)
    with follow(sqlite_app.base_url, caller.key) as sent:
        titles = [check(PATHS[1], *next(sent))]
        caller.post("/v1/all-day-sessions", BODY)
        titles.append(check(PATHS[1], *sent.until("progress")))
        add(sqlite_app, caller, session_id)
        titles.append(check(PATHS[1], *sent.until("all_day_session.completed")))
    assert titles == ["Ready", "Progress", "Event"]


def test_an_event_of_another_form_is_noticed(check):
    for wrong in ({"status": "asleep"}, {}):
        with pytest.raises(jsonschema.ValidationError):
            check(PATHS[0], "end", None, wrong)


def add(app, caller, session_id):
    with app.database.write() as tx:
        events.add(
            tx,
            partner_id=caller.partner_id,
            environment="production",
            type="all_day_session.completed",
            body=session_view(tx, session_id),
            session_id=session_id,
            once=(session_id, "for the stream"),
        )
