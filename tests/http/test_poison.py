"""No accepted input makes a later read fail, and large bodies do not delay other requests."""

from __future__ import annotations

import json
import threading
import zlib

import pytest
import sqlalchemy as sa

from dayline.db.tables import analysis, session
from dayline.ids import derived_id

PATH = "/v1/all-day-sessions"
BODY = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}


def raw(metadata: bytes) -> bytes:
    return json.dumps(BODY).encode()[:-1] + b', "metadata": ' + metadata + b"}"


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        (b'{"a": NaN}', "not valid JSON"),
        (b'{"a": Infinity}', "not valid JSON"),
        (b'{"a": 1e999}', "not finite"),
        (b'{"a": "\\ud800"}', "not valid JSON"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'{"a": ' + b"[" * 60 + b"]" * 60 + b"}", "deeper than"),
        (b'{"a": [' + b"[]," * 30_000 + b"[]]}", "more than"),
    ],
)
def test_poison_in_a_body_is_refused(sqlite_app, metadata, says):
    caller = sqlite_app.caller()
    answer = caller.post(PATH, raw=raw(metadata))
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert says in answer.json["error"]["message"]
    assert caller.get(PATH).json["data"] == []


def test_twenty_bodies_of_four_megabytes_do_not_hold_up_others(sqlite_app):
    caller = sqlite_app.caller()
    bodies = [raw(b'{"a": [' + b"[]," * 1_300_000 + b"[]]}"), raw(b'{"a": "' + b"," * 4_000_000 + b'"}')]
    answers = []
    senders = [
        threading.Thread(target=lambda n=n: answers.append(caller.post(PATH, raw=bodies[n % 2]))) for n in range(20)
    ]
    for sender in senders:
        sender.start()
    alive = 0
    while any(sender.is_alive() for sender in senders):
        assert caller.get("/healthz").status == 200
        alive += 1
    for sender in senders:
        sender.join()
    assert {answer.status for answer in answers} == {400}
    assert alive > 1, "the service answered others meanwhile"


def test_a_damaged_row_is_shown_and_lists_go_on(app):
    caller = app.caller()
    days = [app.finished_day(caller, (10.0, 500.0)) for _ in range(2)]
    damaged = derived_id("analysis", days[0], 0)
    broken = zlib.compress(b'{"overall_score": ')
    with app.database.write() as tx:
        for column in ("result", "transcript"):
            bind = sa.type_coerce(broken, sa.LargeBinary)
            tx.run(sa.update(analysis).where(analysis.c.id == damaged).values({column: bind}))
        if app.database.is_sqlite:
            tx.run(sa.text("update session set metadata = '{half' where id = :id"), {"id": days[0]})
    shown = caller.get(f"/v1/analyses/{damaged}")
    assert shown.status == 200
    assert (shown.json["analysis"], shown.json["transcript"]) == (None, None)
    assert shown.json["error"]["code"] == "data_damaged"
    listed = {row["id"] for row in caller.get("/v1/analyses").json["data"]}
    assert listed == {derived_id("analysis", day, 0) for day in days}
    assert {row["id"] for row in caller.get(PATH).json["data"]} == set(days)
    assert caller.get(f"{PATH}/{days[0]}").status == 200


def test_numbers_that_are_not_finite_in_the_store_are_shown_as_null(sqlite_app):
    caller = sqlite_app.caller()
    day = sqlite_app.finished_day(caller)
    with sqlite_app.database.write() as tx:
        tx.run(sa.update(session).where(session.c.id == day).values(percent=float("inf")))
    assert caller.get(f"{PATH}/{day}").json["progress"]["percent"] is None
    assert len(caller.get(PATH).json["data"]) == 1


def test_a_signature_that_is_not_ascii_is_refused(sqlite_app):
    for method in ("GET", "PUT"):
        answer = sqlite_app.stranger().call(method, "/v1/files/x?expires=1&signature=%C3%A9")
        assert (answer.status, answer.code) == (403, "invalid_link")
