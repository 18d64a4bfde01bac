"""Search over HTTP, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from dayline.analyses import repository as analyses
from dayline.clock import iso
from dayline.db.tables import search_entry
from dayline.ids import derived_id
from dayline.search.indexing import index_session
from dayline.sessions import repository as sessions
from tests.http.stored_day import RESULT
from tests.search.days import count_entries, put_words

SPANS = ((100.0, 700.0), (1000.0, 2000.0))


def say(app, session_id, *lines):
    put_words(app.database, session_id, *lines)


def search(caller, q, **filters):
    query = "".join(f"&{name}={quote(str(value))}" for name, value in filters.items())
    answer = caller.get(f"/v1/search?q={quote(q)}{query}")
    assert answer.status == 200, answer.body
    return answer.json


def found(caller, q, **filters):
    return [(row["session_id"], row["start_seconds"]) for row in search(caller, q, **filters)["data"]]


@pytest.fixture
def day(app):
    caller = app.caller()
    session_id = app.finished_day(caller, *SPANS)
    say(
        app,
        session_id,
        (110.0, "REP", "We replace both springs and the garage door opener."),
        (130.0, "SPEAKER_01", "How long is the warranty?"),
        (500.0, "REP", "Five year warranty on the springs."),
        (1100.0, "REP", "The new roof comes with a warranty of ten years, Frau Müller."),
        (2600.0, "REP", "Zanzibar is not in a conversation with a customer."),
    )
    return caller, session_id


def test_conversations_are_found_by_words_with_their_places(day):
    caller, session_id = day
    assert found(caller, "warranty") == [(session_id, 1000.0), (session_id, 100.0)], "newest first"
    assert found(caller, "warranty spring") == [(session_id, 100.0)]
    assert found(caller, "WARRANTY MULLER") == [(session_id, 1000.0)]
    assert found(caller, '"warranty of ten"') == [(session_id, 1000.0)]
    assert found(caller, '"ten warranty"') == []
    assert found(caller, "warranty zebra") == []
    assert found(caller, "zanzibar") == [], "only customer conversations are in the index"
    row = search(caller, "year springs")["data"][0]
    assert row["place_count"] == 2
    assert [(place["where"], place["at_seconds"], place["speaker"]) for place in row["places"]] == [
        ("words", 111.5, "REP"),
        ("words", 500.5, "REP"),
    ]
    heard = caller.get(f"/v1/all-day-sessions/{session_id}/transcript?format=json").json["utterances"]
    lines = {"".join(part["text"] for part in p["parts"]): p["line_start_seconds"] for p in row["places"]}
    assert lines == {u["text"]: u["start"] for u in heard if u["text"] in lines}, "as the transcript has them"
    assert [(part["text"], part["is_match"]) for part in row["places"][1]["parts"]] == [
        ("Five ", False),
        ("year", True),
        (" warranty on the ", False),
        ("springs", True),
        (".", False),
    ]


def test_titles_and_people_are_found_and_follow_what_changes(app, day):
    caller, session_id = day
    (row,) = search(caller, '"visit 1"')["data"]
    assert (row["title"], row["start_seconds"]) == ("Visit 1", 1000.0)
    assert [place["where"] for place in row["places"]] == ["title"]
    assert row["places"][0]["at_seconds"] is None
    assert row["places"][0]["line_start_seconds"] is None
    analysis_id = derived_id("analysis", session_id, 1)
    assert found(caller, "okafor") == []
    with app.database.write() as tx:
        analyses.update(tx, analysis_id, result={**RESULT, "prospect_name": "Mrs Okafor"})
        index_session(tx, session_id)
    (row,) = search(caller, "okafor")["data"]
    assert (row["people"], row["analysis_id"], row["overall_score"]) == (["Mrs Okafor"], analysis_id, 70)
    path = f"/v1/all-day-sessions/{session_id}"
    assert caller.patch(f"{path}/speakers", {"SPEAKER_01": "Walter"}).status == 200
    assert found(caller, "walter") == [(session_id, 100.0)], "the voice speaks in the first conversation only"
    assert found(caller, "warranty walter") == [(session_id, 100.0)]
    assert caller.delete(f"/v1/analyses/{analysis_id}").status == 200
    assert found(caller, "okafor") == []


def test_corrections_move_what_is_found(app, day):
    caller, session_id = day
    path = f"/v1/all-day-sessions/{session_id}/segments"
    first = derived_id("segment", session_id, 0)
    assert found(caller, "springs") == [(session_id, 100.0)]
    removed = caller.patch(path, {"revision": 0, "changes": [{"op": "remove", "segment_id": first}]})
    assert removed.status == 200, removed.body
    assert found(caller, "springs") == []
    added = caller.patch(
        path, {"revision": 1, "changes": [{"op": "add", "start_seconds": 2550.0, "end_seconds": 2700.0}]}
    )
    assert added.status == 200, added.body
    assert found(caller, "zanzibar") == [(session_id, 2550.0)]
    assert caller.post(f"/v1/all-day-sessions/{session_id}/revisions/0/restore").status == 200
    assert (found(caller, "springs"), found(caller, "zanzibar")) == ([(session_id, 100.0)], [])


def test_filters_pages_and_bounds_of_time(app, day):
    caller, session_id = day
    moment = datetime(2026, 3, 1, 8, tzinfo=UTC)
    others = []
    for number in range(3):
        others.append(app.finished_day(caller, SPANS[0]))
        with app.database.write() as tx:
            sessions.set_values(tx, others[-1], recorded_at=moment + timedelta(days=number))
        say(app, others[-1], (120.0, "REP", f"The warranty again, visit {number}."))
    newest_first = [(session_id, 1000.0), (session_id, 100.0), *((id, 100.0) for id in reversed(others))]
    assert found(caller, "warranty") == newest_first
    pages, cursor = [], {}
    while True:
        page = search(caller, "warranty", limit=2, **cursor)
        pages.append([(row["session_id"], row["start_seconds"]) for row in page["data"]])
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert caller.get(f"/v1/search?q=other&cursor={cursor['cursor']}").code == "invalid_request"
    since, until = iso(moment + timedelta(days=1)), iso(moment + timedelta(days=2))
    assert found(caller, "warranty", since=since, until=until) == [(others[1], 100.0)]
    assert found(caller, "warranty", org_id="acme", rep_id="rep-1") == newest_first
    assert found(caller, "warranty", org_id="other") == found(caller, "warranty", rep_id="rep-2") == []


def test_phrases_are_followed_over_pages_of_conversations_without_them(app):
    caller = app.caller()
    wanted = app.finished_day(caller, SPANS[0])
    say(app, wanted, (120.0, "REP", "exactly this phrase"))
    for _ in range(7):
        say(app, app.finished_day(caller, SPANS[0]), (120.0, "REP", "phrase this is not exactly"))
    seen, cursor = [], {}
    for _ in range(10):
        page = search(caller, '"exactly this phrase"', limit=1, **cursor)
        seen += [row["session_id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [wanted]


def test_nobody_finds_what_another_partner_said(app, day):
    caller, session_id = day
    other = app.caller()
    theirs = app.finished_day(other, SPANS[0])
    say(app, theirs, (120.0, "REP", "A warranty of theirs."))
    assert found(other, "warranty") == [(theirs, 100.0)]
    assert {id for id, _ in found(caller, "warranty")} == {session_id}
    token = "partner" + other.partner_id.replace("-", "")
    assert found(caller, token) == found(caller, f"{token} warranty") == []
    sandbox = app.caller("sandbox", partner_id=caller.partner_id)
    assert found(sandbox, "warranty") == []


@pytest.mark.parametrize("q", ["'", "warranty OR zebra*", "a NOT b", "(", "'x':* & !y", "terms : x", "\\", "3333%_"])
def test_operators_of_the_databases_are_words_like_others(app, q):
    caller = app.caller()
    app.finished_day(caller)
    answer = caller.get(f"/v1/search?q={quote(q)}")
    assert answer.status in (200, 400)
    assert answer.status == 400 or answer.json["data"] == []


def test_a_query_without_a_word_is_refused(app):
    caller = app.caller()
    for q in ("", "%20", "%22%22", "%3F!"):
        assert caller.get(f"/v1/search?q={q}").code == "invalid_request", q
    assert caller.get("/v1/search").code == "missing_field"


def test_a_deleted_day_is_not_found(app, day):
    caller, session_id = day
    receipt = caller.delete(f"/v1/all-day-sessions/{session_id}").json
    assert receipt["rows"]["search_entry"] == 2
    assert found(caller, "warranty") == []
    assert count_entries(app.database, session_id) == 0


def test_rows_name_their_partner(app, day):
    caller, session_id = day
    with app.database.read() as tx:
        query = search_entry.select().where(search_entry.c.session_id == session_id)
        assert {row.partner_id for row in tx.run(query)} == {caller.partner_id}
