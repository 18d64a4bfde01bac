"""What a page reads of a day: parts of the transcript and of the waveform, the list in short, compressed JSON."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import timedelta

import pytest

from dayline.clock import now
from dayline.db.tables import document
from dayline.db.tables import session as session_table
from dayline.domain.serialization import pack_utterances
from dayline.domain.transcript import Utterance, Word
from dayline.orgs import repository as orgs
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import documents_repository as documents

SESSIONS = "/v1/all-day-sessions"


@pytest.fixture
def day(app):
    caller = app.caller()
    return caller, app.finished_day(caller)


def test_a_part_of_the_transcript(day):
    caller, id = day
    whole = caller.get(f"{SESSIONS}/{id}/transcript").json
    part = caller.get(f"{SESSIONS}/{id}/transcript?start=161&end=1001.5").json
    assert (whole["is_partial"], whole["covered"]) == (False, [[0.0, 3600.0]])
    assert part["utterances"][0]["start"] == 161.2  # the word that lies across the border is taken by its middle
    assert [u["start"] for u in part["utterances"][1:-1]] == [220.0 + 60 * n for n in range(8)]
    assert [w["word"] for w in part["words"][-2:]] == ["hello", "xylophone"]
    without = caller.get(f"{SESSIONS}/{id}/transcript?words=false").json
    assert (without["words"], without["utterances"]) == ([], whole["utterances"])
    assert {**without, "words": whole["words"]} == whole
    vtt = caller.get(f"{SESSIONS}/{id}/transcript?format=vtt&start=2500&end=2503").body.decode()
    assert vtt.count("-->") == 1
    for query in ("start=5&end=5", "start=-1", "end=0", "start=nan", "words=perhaps"):
        assert caller.get(f"{SESSIONS}/{id}/transcript?{query}").status == 400, query


def test_a_day_of_an_earlier_version_has_its_utterances_in_the_transcript_alone(app, day):
    caller, id = day
    address = f"{SESSIONS}/{id}/transcript?words=false"
    before = caller.get(address).json
    with app.database.write() as tx:
        tx.run(document.delete().where(document.c.session_id == id, document.c.name == "utterances"))
    assert caller.get(address).json == before
    with app.database.write() as tx:
        documents.put(tx, id, "utterances", zlib.compress(b"[1, 2"))
    assert caller.get(address).json == before


def test_a_part_of_the_waveform(day):
    caller, id = day
    whole = caller.get(f"{SESSIONS}/{id}/waveform?points=5000").json
    assert (whole["start_seconds"], whole["point_seconds"], len(whole["peaks"])) == (0.0, 0.032, 5000)
    part = caller.get(f"{SESSIONS}/{id}/waveform?start=32&end=64&points=2000").json
    assert (part["start_seconds"], part["end_seconds"]) == (32.0, 64.0)
    assert part["peaks"] == whole["peaks"][1000:2000]
    coarse = caller.get(f"{SESSIONS}/{id}/waveform?start=32&end=64&points=10").json
    assert coarse["peaks"] == [max(part["peaks"][n : n + 100]) for n in range(0, 1000, 100)]
    past = caller.get(f"{SESSIONS}/{id}/waveform?start=1000&end=1001").json
    assert past["peaks"] == []
    assert caller.get(f"{SESSIONS}/{id}/waveform?start=3&end=2").status == 400


def test_the_list_in_short(day):
    caller, id = day
    row = next(r for r in caller.get(f"{SESSIONS}?view=summary").json["data"] if r["id"] == id)
    timeline = caller.get(f"{SESSIONS}/{id}/timeline").json["stretches"]
    assert row["strip"] == [[s["label"], s["end_seconds"] - s["start_seconds"]] for s in timeline]
    assert (row["segments_detected"], row["segments_analyzed"]) == (3, 3)
    assert row["customer_seconds"] == 600 + 1000 + 500
    assert "segments" not in row
    full = next(r for r in caller.get(SESSIONS).json["data"] if r["id"] == id)
    assert {name: full[name] for name in row.keys() & full.keys()} == {n: row[n] for n in row.keys() & full.keys()}
    assert caller.get(f"{SESSIONS}?view=tiny").code == "invalid_enum"


def test_a_correction_changes_the_strip(app, day):
    caller, id = day
    change = {"op": "add", "start_seconds": 3200.0, "end_seconds": 3300.0}
    assert caller.patch(f"{SESSIONS}/{id}/segments", {"revision": 0, "changes": [change]}).status == 200
    row = next(r for r in caller.get(f"{SESSIONS}?view=summary").json["data"] if r["id"] == id)
    assert ["customer", 100.0] in row["strip"]
    with app.database.read() as tx:
        assert documents.get_json(tx, id, "strip") == row["strip"]


@pytest.fixture
def running(app):
    """A day of which two of three chunks are transcribed."""
    caller = app.caller()
    body = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}
    id = caller.post(SESSIONS, body).json["id"]
    said = Utterance(
        5.0,
        8.0,
        "Write jo@example.com please",
        "0/A",
        0.9,
        tuple(Word(text, 5.0 + n, 5.9 + n, 0.9, "0/A") for n, text in enumerate(("Write", "jo@example.com", "please"))),
    )
    with app.database.write() as tx:
        for number in range(3):
            start = number * 100.0
            chunks.add(tx, id, number, start_seconds=start, end_seconds=start + 90, speech_seconds=60)
            if number < 2:
                words = pack_utterances((said,)) if number == 0 else []
                chunks.finish(tx, id, number, utterances=words, voices=None, notes={})
        running = {"status": "transcribing", "started_at": now()}
        tx.run(session_table.update().where(session_table.c.id == id).values(**running))
    return caller, id


def test_what_is_known_while_a_day_runs(app, running):
    caller, id = running
    assert caller.get(f"{SESSIONS}/{id}/transcript").status == 409
    part = caller.get(f"{SESSIONS}/{id}/transcript?partial=true").json
    assert (part["is_partial"], part["covered"]) == (True, [[0.0, 90.0], [100.0, 190.0]])
    assert [w["word"] for w in part["words"]] == ["Write", "jo@example.com", "please"]
    assert {w["speaker"] for w in part["words"]} == {None}
    with app.database.write() as tx:
        orgs.update_org(tx, caller.partner_id, "acme", pii_policy={"redact_fields": ["email"]})
    assert "example.com" not in caller.get(f"{SESSIONS}/{id}/transcript?partial=true").body.decode()


def test_progress_counts_pieces_and_tells_the_time_left_when_it_can(app, running):
    caller, id = running
    progress = caller.get(f"{SESSIONS}/{id}").json["progress"]
    assert (progress["spans_done"], progress["spans_total"], progress["eta_seconds"]) == (2, None, None)
    with app.database.write() as tx:
        values = {"is_ingested": True, "started_at": now() - timedelta(seconds=100)}
        tx.run(session_table.update().where(session_table.c.id == id).values(**values))
    progress = caller.get(f"{SESSIONS}/{id}").json["progress"]
    assert (progress["spans_done"], progress["spans_total"]) == (2, 3)
    assert 50 <= progress["eta_seconds"] < 60
    assert caller.get(f"{SESSIONS}?view=summary").json["data"][0]["strip"] is None


def test_when_a_day_was_recorded(app):
    caller = app.caller()
    body = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}
    given = caller.post(SESSIONS, {**body, "recorded_at": "2026-11-22T08:00:00+01:00"}).json["id"]
    session = caller.get(f"{SESSIONS}/{given}").json
    assert session["recorded_at"].startswith("2026-11-22T07:00:00")
    assert session["recorded_at_source"] == "request"
    left_out = caller.get(f"{SESSIONS}/{caller.post(SESSIONS, body).json['id']}").json
    assert (left_out["recorded_at"], left_out["recorded_at_source"]) == (None, None)
    assert caller.post(SESSIONS, {**body, "recorded_at": "yesterday"}).status == 400


def test_json_is_compressed_for_those_who_take_it(day):
    caller, id = day
    path = f"{SESSIONS}/{id}/transcript"
    plain = caller.get(path)
    packed = caller.get(path, headers={"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    assert "content-encoding" not in plain.headers
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) == int(packed.headers["content-length"]) < len(plain.body) / 3
    for refusing in ("identity", "gzip;q=0", "br"):
        assert "content-encoding" not in caller.get(path, headers={"Accept-Encoding": refusing}).headers
    small = caller.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert (small.headers.get("content-encoding"), json.loads(small.body)) == (None, {"status": "ok"})
    vtt = caller.get(f"{path}?format=vtt", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in vtt.headers
    failure = caller.get(f"{SESSIONS}/{'x' * 2000}", headers={"Accept-Encoding": "gzip"})
    assert (failure.status, failure.headers["content-encoding"]) == (404, "gzip")
