"""Cancel, retry, delete, and the live stream."""

from __future__ import annotations

import urllib.request

import sqlalchemy as sa

from dayline.auth import keys_repository as keys
from dayline.db.tables import metadata
from dayline.domain.status import SessionStatus
from dayline.ids import new_id
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.webhooks import events_repository as events
from tests.http.conftest import stored_key

BODY = {"org_id": "acme", "rep_id": "r", "recording_url": "https://recordings.example.com/x.mp3"}


def test_cancel_then_retry(app):
    caller = app.caller()
    id = caller.post("/v1/all-day-sessions", BODY).json["id"]
    path = f"/v1/all-day-sessions/{id}"
    with app.database.write() as tx:
        chunks.add(tx, id, 0, start_seconds=0, end_seconds=10, speech_seconds=9)
        chunks.finish(tx, id, 0, utterances=None, voices=None, notes={}, error="engine_crashed")
    cancelled = caller.post(f"{path}/cancel")
    assert cancelled.status == 200
    assert (cancelled.json["status"], cancelled.json["error"]["code"]) == ("failed", "cancelled")
    assert caller.post(f"{path}/cancel").code == "invalid_state"
    again = caller.post(f"{path}/retry")
    assert (again.status, again.json["status"]) == (202, "queued")
    assert set(again.json) == {"id", "status", "created_at"}
    assert caller.post(f"{path}/retry").code == "invalid_state"
    session = caller.get(path).json
    assert (session["error"], session["completed_at"]) == (None, None)
    with app.database.read() as tx:
        assert [e.type for e in events.of_session(tx, id)] == ["all_day_session.failed"]
        stored, chunk = sessions.get(tx, id), chunks.get(tx, id, 0)
    assert stored is not None
    assert stored.run == 2
    assert chunk is not None
    assert chunk.status == "pending"


def everywhere(app, text):
    """Return the tables that hold `text` in any column, packed or plain."""
    found = []
    with app.database.read() as tx:
        for table in metadata.sorted_tables:
            for row in tx.run(sa.select(table)):
                if text in repr(tuple(row)):
                    found.append(table.name)
                    break
        engine = "dbos.workflow_status" if tx.is_postgres else "workflow_status"
        if any(text in repr(tuple(row)) for row in tx.run(sa.text(f"SELECT * FROM {engine}"))):
            found.append(engine)
    return found


def test_nothing_is_left_of_a_deleted_day(app):
    caller = app.caller()
    id = app.finished_day(caller)
    running = caller.post("/v1/all-day-sessions", BODY, headers={"Idempotency-Key": new_id()}).json["id"]
    caller.post(
        f"/v1/all-day-sessions/{id}/segments/{caller.get(f'/v1/all-day-sessions/{id}').json['segments'][0]['id']}/analyze"
    )
    app.services.blobs.put(f"scratch/{id}/chunk-00000.pcm", b"sound")
    receipt = caller.delete(f"/v1/all-day-sessions/{id}")
    assert receipt.status == 200, receipt.body
    shown = receipt.json
    assert shown["id"] == id
    assert shown["objects"] == [f"scratch/{id}/chunk-00000.pcm"]
    assert shown["rows"] == {"session": 1, "document": 4, "segment": 3, "event": 1, "search_entry": 3, "analysis": 4}
    assert shown["engine_records"] == 1
    assert everywhere(app, id) == []
    assert caller.get(f"/v1/all-day-sessions/{id}").code == "session_not_found"
    assert caller.delete(f"/v1/all-day-sessions/{id}").code == "session_not_found"
    receipt = caller.delete(f"/v1/all-day-sessions/{running}").json
    assert receipt["rows"] == {"session": 1, "event": 1, "idempotency": 1}
    assert everywhere(app, running) == []


def test_a_receipt_can_be_asked_for_again(app):
    caller = app.caller()
    id = app.finished_day(caller)
    headers = {"Idempotency-Key": new_id()}
    first = caller.delete(f"/v1/all-day-sessions/{id}", headers=headers)
    second = caller.delete(f"/v1/all-day-sessions/{id}", headers=headers)
    assert second.json == first.json
    assert second.headers["idempotent-replayed"] == "true"


def stream(caller, path, headers=None):
    """Read a whole event stream as (event, id, data) tuples."""
    answer = caller.get(path, headers=headers or {})
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], fields.get("id"), fields["data"]))
    return found


def test_the_stream_goes_on_where_it_ended(app):
    caller = app.caller()
    id = caller.post("/v1/all-day-sessions", BODY).json["id"]
    path = f"/v1/all-day-sessions/{id}"
    with app.database.write() as tx:
        for n in range(120):
            news = {"partner_id": caller.partner_id, "environment": "production", "type": "analysis.completed"}
            events.add(tx, **news, body={"n": n}, session_id=id, once=(id, n))
    caller.post(f"{path}/cancel")
    whole = stream(caller, f"{path}/events")
    names = [name for name, _, _ in whole]
    assert names.count("analysis.completed") == 120
    assert names[-3:] == ["all_day_session.failed", "progress", "end"]
    numbers = [int(number) for _, number, _ in whole if number]
    assert numbers == sorted(numbers)
    rest = stream(caller, f"{path}/events", {"Last-Event-ID": str(numbers[99])})
    assert [int(number) for _, number, _ in rest if number] == numbers[100:]
    assert stream(caller, f"{path}/events", {"Last-Event-ID": str(numbers[-1])})[0][0] == "progress"
    assert caller.get(f"{path}/events", headers={"Last-Event-ID": "x"}).code == "invalid_request"
    assert caller.get(f"/v1/all-day-sessions/{new_id()}/events").code == "session_not_found"


def test_the_stream_tells_what_happens_while_it_is_open(app):
    import threading

    caller = app.caller()
    id = caller.post("/v1/all-day-sessions", BODY).json["id"]
    found = []
    reader = threading.Thread(target=lambda: found.extend(stream(caller, f"/v1/all-day-sessions/{id}/events")))
    reader.start()
    with app.database.write() as tx:
        sessions.update(tx, id, status=SessionStatus.TRANSCRIBING, stage="ingest", percent=12.0)
    caller.post(f"/v1/all-day-sessions/{id}/cancel")
    reader.join(20)
    assert found[-1][0] == "end"
    assert "all_day_session.failed" in [name for name, _, _ in found]


def test_a_stream_ends_when_its_key_is_revoked(app):
    caller = app.caller()
    body = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}
    session_id = caller.post("/v1/all-day-sessions", body).json["id"]
    request = urllib.request.Request(
        f"{app.base_url}/v1/all-day-sessions/{session_id}/events", headers={"Authorization": f"Bearer {caller.key}"}
    )
    with urllib.request.urlopen(request, timeout=60) as stream:
        assert stream.readline().startswith(b"event: progress")
        with app.database.write() as tx:
            keys.revoke(tx, stored_key(tx, caller).id)
        rest = stream.read().decode()
    assert "event: end" in rest
    assert '"status":"key_revoked"' in rest.replace(" ", "")
