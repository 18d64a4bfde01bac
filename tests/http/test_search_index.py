"""What the search index keeps: deletion, retention, filling after an upgrade, visibility by role."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
import sqlalchemy as sa

from dayline.clock import now
from dayline.db.tables import search_entry
from dayline.search import repository as index
from dayline.workflows.maintenance import Maintenance
from dayline.workflows.retention import carry_out_retention
from dayline.workflows.worker_context import WorkerContext
from tests.search.days import count_entries, put_words

SPANS = ((100.0, 700.0), (1000.0, 2000.0))
RARE = ("zaunkoenigwort", "quittenbaumwort")


def found(caller, q):
    answer = caller.get(f"/v1/search?q={q}")
    assert answer.status == 200, answer.body
    return [row["session_id"] for row in answer.json["data"]]


def words_on_disk(folder):
    held = b"".join(path.read_bytes() for path in folder.glob("*.db*"))
    return {word for word in RARE if word.encode() in held}


@pytest.mark.parametrize("others", [0, 3])
def test_no_byte_of_a_deleted_day_stays_in_the_index(app_with, tmp_path, others):
    app = app_with()
    caller = app.caller()
    for _ in range(others):
        put_words(app.database, app.finished_day(caller, *SPANS), (120.0, "REP", "A warranty of five years."))
    gone = app.finished_day(caller, *SPANS)
    put_words(app.database, gone, (120.0, "REP", "Zaunkoenigwort"), (1200.0, "REP", "Quittenbaumwort and so on"))
    put_words(app.database, gone, (120.0, "REP", "Zaunkoenigwort again"), (1200.0, "REP", "Quittenbaumwort"))
    assert words_on_disk(tmp_path) == set(RARE), "the test must be able to see them"
    assert caller.delete(f"/v1/all-day-sessions/{gone}").status == 200
    assert words_on_disk(tmp_path) == set()
    assert len(found(caller, "warranty")) == others


def test_retention_takes_words_and_names_out_of_the_index(app):
    caller = app.caller()
    caller.post("/v1/orgs", {"org_id": "acme", "pii_policy": {"retain_transcript_days": 3}})
    day = app.finished_day(caller, *SPANS)
    put_words(app.database, day, (120.0, "REP", "A warranty of five years."))
    assert found(caller, "warranty") == [day]
    old = now() - timedelta(days=4)
    with app.database.write() as tx:
        for table in ("session", "analysis"):
            statement = sa.text(f"update {table} set completed_at = :at where partner_id = :partner")
            at = old if tx.is_postgres else old.replace(tzinfo=None)
            tx.run(statement.bindparams(at=at, partner=caller.partner_id))
    assert carry_out_retention(app.database) > 0
    assert found(caller, "warranty") == []
    assert len(found(caller, "visit")) == 2, "titles stay with the segments"


class Parts:
    """As much of a worker as filling the index needs."""

    def __init__(self, database):
        self.database = database


def test_days_from_before_the_index_are_put_into_it(app):
    caller = app.caller()
    days = [app.finished_day(caller, *SPANS) for _ in range(3)]
    for day in days:
        put_words(app.database, day, (120.0, "REP", "A warranty of five years."))
    with app.database.write() as tx:
        tx.run(sa.delete(search_entry).where(search_entry.c.session_id.in_(days)))
    assert found(caller, "warranty") == []
    Maintenance(cast(WorkerContext, Parts(app.database)))._fill_search_index()
    assert sorted(found(caller, "warranty")) == sorted(days)
    assert caller.get("/v1/search?q=warranty").json["is_complete"] is True
    with app.database.read() as tx:
        assert index.unindexed(tx, limit=10) == []
    assert count_entries(app.database, days[0]) == len(SPANS)


def test_a_correction_writes_only_what_it_changed(app):
    caller = app.caller()
    day = app.finished_day(caller, *SPANS)
    put_words(app.database, day, (120.0, "REP", "Zaunkoenigwort"), (900.0, "REP", "Between"), (1200.0, "REP", "Other"))
    first, second = (row["id"] for row in caller.get(f"/v1/all-day-sessions/{day}").json["segments"])
    with app.database.write() as tx:
        # A mark that a rewrite of this entry would take away.
        tx.run(sa.update(search_entry).where(search_entry.c.segment_id == second).values(people=["Marked"]))
    change = {"op": "adjust", "segment_id": first, "start_seconds": 100.0, "end_seconds": 950.0}
    answer = caller.patch(f"/v1/all-day-sessions/{day}/segments", {"revision": 0, "changes": [change]})
    assert answer.status == 200, answer.body
    assert found(caller, "between") == [day]
    with app.database.read() as tx:
        entries = {entry.segment_id: entry for entry in index.of_session(tx, day)}
    assert [line[3] for line in entries[first].lines] == ["Zaunkoenigwort", "Between"]
    assert entries[second].people == ["Marked"]
    removal = {"op": "remove", "segment_id": second}
    caller.patch(f"/v1/all-day-sessions/{day}/segments", {"revision": 1, "changes": [removal]})
    assert count_entries(app.database, day) == 1
    assert found(caller, "other") == []
