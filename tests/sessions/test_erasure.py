"""After a deletion no byte of the data folder holds what was deleted."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import open_database
from dayline.domain.stored_json import StoredReason, without_quotes
from dayline.workflows.retention import carry_out_retention
from tests.running_service import RunningService

MARK = "Zaunkönig-4711-in-the-metadata"


def found_in(folder: Path, needles: Iterable[bytes]) -> set[bytes]:
    """Return which of the needles stand in a file of the folder, as they are or in packed JSON."""
    left = set(needles)
    found: set[bytes] = set()
    for path in folder.rglob("*"):
        if not path.is_file() or path.suffix == ".log":
            continue
        data = path.read_bytes()
        found |= {needle for needle in left if needle in data}
        at = data.find(b"\x78\x9c")
        while at >= 0:
            text = _unpacked(data[at:])
            found |= {needle for needle in left if needle in text}
            at = data.find(b"\x78\x9c", at + 1)
    return found


def _unpacked(data: bytes) -> bytes:
    """Unpack as much as can be: long values are cut by the pages of the database."""
    unpack, text = zlib.decompressobj(), b""
    try:
        for at in range(0, len(data), 512):
            text += unpack.decompress(data[at : at + 512])
            if unpack.eof:
                break
    except zlib.error:
        pass
    return text


def _spoken(service, session_id: str) -> set[bytes]:
    """Return what was said, in pieces that are long enough to be told from other text."""
    utterances = service.get(f"/v1/all-day-sessions/{session_id}/transcript")["utterances"]
    return {u["text"][:40].encode() for u in utterances if len(u["text"]) >= 40}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory, make_migrated_sqlite):
    """A service on SQLite, used with a sandbox key."""
    environment = {"DAYLINE_ALLOW_NETWORKS": "127.0.0.1", "DAYLINE_ALLOW_HTTP": "true"}
    service = RunningService(tmp_path_factory.mktemp("sandbox") / "data", environment)
    make_migrated_sqlite(service.folder / "dayline.db")
    service.key = service.make_key("sandbox")
    try:
        yield service.start()
    finally:
        service.stop()


def test_deleting_a_session_leaves_no_byte_of_it(sandbox, receiver):
    service = sandbox
    service.post("/v1/webhooks", {"url": receiver.url, "enabled_events": ["*"]})
    body = {"org_id": "o", "rep_id": "r", "recording_url": "mock://three-conversations", "metadata": {"note": MARK}}
    session_id = service.post("/v1/all-day-sessions", body, **{"Idempotency-Key": "one"})["id"]
    service.wait(session_id)
    receiver.wait_for("all_day_session.completed")
    needles = {b"4711-in-the-metadata", *_spoken(service, session_id)}
    assert len(needles) > 20
    before = found_in(service.folder, needles)
    assert b"4711-in-the-metadata" in before
    assert len(before) > 20, "the search must be able to find transcripts"

    with service.web as web:
        answer = web.delete(f"/v1/all-day-sessions/{session_id}")
    assert answer.status_code == 200, answer.text
    assert found_in(service.folder, needles) == set()
    assert service.key.rpartition("_")[2].encode() not in b"".join(
        p.read_bytes() for p in service.folder.glob("dayline.db*")
    )


def test_what_a_transaction_says_it_erased_is_gone_when_it_ends(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/d.db")
    vector = np.random.default_rng(7).normal(size=256).astype(np.float32).tobytes()
    with database.write() as tx:
        tx.run(sa.text("create table voice (id integer primary key, vector blob)"))
    for _ in range(40):
        with database.write() as tx:
            tx.run(sa.text("insert into voice (vector) values (:v)"), {"v": vector})
    assert found_in(tmp_path, [vector[:64]])
    with database.write() as tx:
        tx.run(sa.text("delete from voice where id > 20"))
        tx.run(sa.text("update voice set vector = zeroblob(1024)"))
    assert found_in(tmp_path, [vector[:64]]), "the log still holds it"
    with database.write() as tx:
        tx.erased()
    assert not found_in(tmp_path, [vector[:64]])
    database.close()


def test_the_log_is_emptied_beside_a_reader_that_ends(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/d.db", busy_seconds=20)
    with database.write() as tx:
        tx.run(sa.text("create table t (x)"))
        tx.run(sa.text("insert into t values ('Zaunkoenig')"))
    reading, leave = threading.Event(), threading.Event()

    def read() -> None:
        with database.read() as tx:
            tx.run(sa.text("select * from t")).all()
            reading.set()
            leave.wait(20)

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(20)
    timer = threading.Timer(0.5, leave.set)
    timer.start()
    with database.write() as tx:
        tx.run(sa.text("delete from t"))
        tx.erased()
    reader.join()
    assert not found_in(tmp_path, [b"Zaunkoenig"])
    database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_retention_deletes_what_is_older_than_its_org_allows(kind, request, start_service):
    url = ""
    if kind == "postgresql":
        url = request.getfixturevalue("make_migrated_postgres")()
        service = start_service(DAYLINE_DATABASE_URL=url)
        service.key = service.make_key("sandbox")
    else:
        service = request.getfixturevalue("sandbox")
    ids = {}
    for org_id, policy in {
        "speech": {"retain_transcript_days": 3},
        "scores": {"retain_analysis_days": 3},
        "all": {"retain_transcript_days": 30},
    }.items():
        service.post("/v1/orgs", {"org_id": org_id, "pii_policy": policy})
        ids[org_id] = service.post(
            "/v1/all-day-sessions", {"org_id": org_id, "rep_id": "r", "recording_url": "mock://single-call"}
        )["id"]
    for id in ids.values():
        first = service.wait(id)["segments"][0]["id"]
        named = {"revision": 0, "changes": [{"op": "adjust", "segment_id": first, "title": "The visit"}]}
        with service.web as web:
            assert web.patch(f"/v1/all-day-sessions/{id}/segments", json=named).status_code == 200
    before = {org: reasons_of(service, id) for org, id in ids.items()}
    assert all(any("“" in text for text in texts) for texts in before.values()), "reasons quote what was said"
    database = open_database(url or f"sqlite:///{service.folder}/dayline.db")
    assert carry_out_retention(database) == 0, "nothing is old yet"
    old = now() - timedelta(days=4)
    with database.write() as tx:
        for table in ("session", "analysis"):
            statement = sa.text(f"update {table} set completed_at = :at")
            tx.run(statement.bindparams(sa.bindparam("at", old.replace(tzinfo=None) if kind == "sqlite" else old)))
    assert carry_out_retention(database) > 0
    assert carry_out_retention(database) == 0
    database.close()

    analyses = {org: service.get(f"/v1/analyses?org_id={org}")["data"][0]["id"] for org in ids}
    shown = {org: service.get(f"/v1/analyses/{id}") for org, id in analyses.items()}
    assert {org: (a["transcript"] is None, a["analysis"] is None) for org, a in shown.items()} == {
        "speech": (True, False),
        "scores": (False, True),
        "all": (False, False),
    }
    with service.web as web:
        codes = {org: web.get(f"/v1/all-day-sessions/{id}/transcript").status_code for org, id in ids.items()}
        assert codes == {"speech": 409, "scores": 200, "all": 200}
        short = web.get(f"/v1/all-day-sessions/{ids['speech']}/transcript?words=false")
        assert short.status_code == 409, "no copy without words is left"
    assert service.get(f"/v1/all-day-sessions/{ids['scores']}")["rollup"] is None
    after = {org: reasons_of(service, id) for org, id in ids.items()}
    assert (after["scores"], after["all"]) == (before["scores"], before["all"])
    assert [t for t in after["speech"] if "“" not in t] == after["speech"], "no reason quotes a deleted transcript"
    assert len(after["speech"]) == len(before["speech"]), "but every reason stays"


def test_a_damaged_timeline_keeps_no_day_from_its_retention(sandbox):
    sandbox.post("/v1/orgs", {"org_id": "acme", "pii_policy": {"retain_transcript_days": 3}})
    ids = [sandbox.submit(org_id="acme", rep_id="r", recording_url="mock://single-call") for _ in range(2)]
    for id in ids:
        sandbox.wait(id)
    database = open_database(f"sqlite:///{sandbox.folder}/dayline.db")
    with database.write() as tx:
        damage = "update document set body = :body where session_id = :id and name = 'timeline'"
        tx.run(sa.text(damage).bindparams(body=b"no zlib", id=min(ids)))
        for table in ("session", "analysis"):
            old = (now() - timedelta(days=4)).replace(tzinfo=None)
            tx.run(sa.text(f"update {table} set completed_at = :at").bindparams(at=old))
    assert carry_out_retention(database) > 0
    database.close()
    names = "select name from document where session_id = ?"
    left = {id: {name for (name,) in sandbox.rows(names, id)} for id in ids}
    assert not any("transcript" in of_session for of_session in left.values())
    assert "timeline" not in left[min(ids)], "nobody can take quotes out of it"
    assert "timeline" in left[max(ids)]
    assert not any("“" in text for text in reasons_of(sandbox, max(ids)))


def reasons_of(service, session_id):
    """Return the texts of all reasons of a session that the API shows, revisions included."""
    path = f"/v1/all-day-sessions/{session_id}"
    day = service.get(path)
    parts = [*day["segments"], *service.get(f"{path}/timeline")["stretches"]]
    for revision in service.get(f"{path}/revisions")["data"]:
        shown = service.get(f"{path}/revisions/{revision['number']}")
        parts += [*shown["segments"], *shown["timeline"]]
    return [reason["text"] for part in parts for reason in part["reasons"]]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a greeting follows: “Hello, I'm Robert, from”", "a greeting follows"),
        ("the word heat pump is said, as in “a heat pump or not”", "the word heat pump is said"),
        (
            "a language model read this as one customer conversation, from “Hello “Mrs” Carter” on",
            "a language model read this as one customer conversation",
        ),
        ("the pause before it lasts 41 s", "the pause before it lasts 41 s"),
    ],
)
def test_a_reason_without_its_quote_is_a_sentence(text, kept):
    reason: StoredReason = {"about": "kind", "text": text, "at_seconds": 3.0, "weight": 0.5}
    assert without_quotes([reason]) == [{**reason, "text": kept}]
