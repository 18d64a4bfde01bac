"""The detector's memory in the workflow: what is kept, what removes it, and what an org may forbid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from dayline.clock import now
from dayline.domain.reading import Page, PageAnswer
from dayline.domain.serialization import pack_transcript
from dayline.domain.status import SessionStatus
from dayline.domain.stored_json import SessionOptions
from dayline.domain.transcript import Transcript
from dayline.llm.fake import FakeReader
from dayline.orgs import detector_memory
from dayline.orgs import detector_memory_repository as repository
from dayline.orgs.schemas import DetectorMemoryShown, OrgRequest
from dayline.orgs.service import put_org
from dayline.sessions import deletion
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.workflows.steps import detect
from tests.detection import days


def heard(lab: Any, transcript: Transcript, **options: Any) -> str:
    """A session whose transcript is there, as the steps before detection leave it."""
    id = lab.submit("https://example.com/day.wav")
    with lab.database.write() as tx:
        session = sessions.get(tx, id)
        assert session is not None
        changed = cast(SessionOptions, {**session.options, **options})
        sessions.update(tx, id, status=SessionStatus.TRANSCRIBING, options=changed)
        documents.put_transcript(tx, id, pack_transcript(transcript))
    return id


def completed(lab: Any, transcript: Transcript) -> str:
    """A session that was detected and ended."""
    id = heard(lab, transcript)
    detect.detect(lab.parts, id, lab.session(id).run)
    finish(lab, id)
    return id


def finish(lab: Any, id: str) -> None:
    with lab.database.write() as tx:
        sessions.update(tx, id, status=SessionStatus.COMPLETED, completed_at=now())


def setting(lab: Any, **settings: Any) -> None:
    with lab.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o", settings=settings), partner_id=lab.partner_id)


def memory(lab: Any) -> DetectorMemoryShown:
    with lab.database.read() as tx:
        return detector_memory.shown(tx, "o", partner_id=lab.partner_id)


def rows(lab: Any) -> list[repository.MemoryRecord]:
    with lab.database.read() as tx:
        return repository.newest(tx, lab.partner_id, "o", limit=100)


def test_every_detected_day_adds_to_the_memory_and_the_next_one_says_so(any_lab: Any) -> None:
    lab = any_lab
    transcript, _ = days.sample("sample-day")
    first, second = completed(lab, transcript), completed(lab, transcript)
    assert memory(lab)["days"] == 2
    assert lab.session(first).usage["detector"]["memory_days"] == 0
    assert lab.session(second).usage["detector"] == {"memory_days": 1.0, "windows_read": 0, "windows_failed": 0}


def test_no_word_is_kept_as_text(lab: Any) -> None:
    transcript, _ = days.sample("sample-day")
    completed(lab, transcript)
    kept = rows(lab)[0].counts
    assert kept is not None
    keys = {k for part in (kept["visits"], kept["other"], kept["people"]) for k in part}
    assert keys
    assert all(len(k) == 12 and set(k) <= set("0123456789abcdef") for k in keys)


def test_deleting_a_session_removes_its_part_and_the_receipt_names_it(any_lab: Any) -> None:
    lab = any_lab
    transcript, _ = days.sample("sample-day")
    first, second = completed(lab, transcript), completed(lab, transcript)
    session = lab.session(first)
    outside = deletion.prepare(lab.database, lab.jobs, lab.parts.blobs, session)
    with lab.database.write() as tx:
        receipt = deletion.erase(tx, session, outside)
    assert receipt["rows"]["detector_memory"] == 1
    assert [row.session_id for row in rows(lab)] == [second]


def test_a_correction_is_counted_anew_as_confirmed(lab: Any) -> None:
    transcript, _ = days.sample("sample-day")
    id = completed(lab, transcript)
    assert rows(lab)[0].source == "own"
    with lab.database.write() as tx:
        kept = segments.list_all(tx, id)
        segments.replace_all(tx, id, kept[:1])
        sessions.update_ended(tx, id, revision=1)
        repository.mark_stale(tx, id)
    assert memory(lab)["days"] == 0
    before = len(kept)
    completed(lab, transcript)
    corrected = next(row for row in rows(lab) if row.session_id == id)
    assert corrected.source == "confirmed"
    assert corrected.counts is not None
    assert before > 1
    uncorrected = rows(lab)[0].counts
    assert uncorrected is not None
    assert sum(corrected.counts["visits"].values()) < sum(uncorrected["visits"].values())


def test_sessions_from_before_the_memory_are_counted_once(lab: Any) -> None:
    transcript, _ = days.sample("sample-day")
    old = completed(lab, transcript)
    with lab.database.write() as tx:
        tx.connection.exec_driver_sql("delete from detector_memory")
    assert memory(lab)["days"] == 0
    new = completed(lab, transcript)
    assert {row.session_id for row in rows(lab)} == {old, new}
    assert lab.session(new).usage["detector"]["memory_days"] == 1.0
    lab.compute.ran.clear()
    completed(lab, transcript)
    assert "count_in_child" not in lab.compute.ran


def test_a_deleted_memory_does_not_come_back(lab: Any) -> None:
    transcript, _ = days.sample("sample-day")
    ids = [completed(lab, transcript), completed(lab, transcript)]
    with lab.database.write() as tx:
        receipt = detector_memory.delete_memory(tx, "o", partner_id=lab.partner_id)
    assert sorted(receipt["session_ids"]) == sorted(ids)
    assert receipt["days"] == 2
    assert memory(lab) == {"days": 0, "stems": 0, "updated_at": memory(lab)["updated_at"]}
    after = completed(lab, transcript)
    assert [row.session_id for row in rows(lab)] == [after]
    assert lab.session(after).usage["detector"]["memory_days"] == 0


def test_an_org_may_switch_the_memory_off(lab: Any) -> None:
    setting(lab, detector_memory="off")
    transcript, _ = days.sample("sample-day")
    completed(lab, transcript)
    assert rows(lab) == []


def test_two_orgs_share_no_memory(lab: Any) -> None:
    transcript, _ = days.sample("sample-day")
    completed(lab, transcript)
    other = lab.add_partner()
    with lab.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o"), partner_id=other)
        assert detector_memory.shown(tx, "o", partner_id=other)["days"] == 0


def _reader(lab: Any) -> list[Page]:
    """Configure a reader that answers nothing, and return the pages it is shown."""
    shown: list[Page] = []

    def read(pages: Sequence[Page]) -> list[PageAnswer | None]:
        shown.extend(pages)
        return [None] * len(pages)

    lab.change(reader=lambda: read)
    return shown


@pytest.mark.parametrize(("allowed", "is_shown"), [("off", False), ("customers_only", True), ("whole_day", True)])
def test_the_org_decides_what_a_reader_sees(lab: Any, allowed: str, is_shown: bool) -> None:
    shown = _reader(lab)
    setting(lab, language_model=allowed)
    transcript, _ = days.sample("sample-day")
    id = completed(lab, transcript)
    assert bool(shown) == is_shown
    if is_shown:
        assert lab.session(id).usage["detector"]["windows_failed"] == len(shown)
    if allowed == "whole_day":
        assert sum(len(p.rows) for p in shown) >= len(transcript.utterances) - 5


def test_a_read_day_counts_more_than_an_own_one(lab: Any) -> None:
    transcript, truth = days.sample("sample-day")
    lines = [
        (min(inside), max(inside) + 1, "customer")
        for a, b in truth
        if (inside := [i for i, u in enumerate(transcript.utterances) if a <= u.start_seconds < b])
    ]
    lab.change(reader=lambda: FakeReader(lines))
    setting(lab, language_model="whole_day")
    id = completed(lab, transcript)
    assert lab.session(id).usage["detector"]["windows_read"] >= 1
    assert rows(lab)[0].source == "read"


def test_appointments_reach_the_detector(lab: Any) -> None:
    transcript, truth = days.sample("sample-day")
    a, b = truth[0]
    plain = completed(lab, transcript)
    hinted = heard(lab, transcript, appointments=[{"start_seconds": a, "end_seconds": b, "label": "Mrs Day"}])
    detect.detect(lab.parts, hinted, lab.session(hinted).run)
    with lab.database.read() as tx:
        before, after = segments.list_all(tx, plain)[0], segments.list_all(tx, hinted)[0]
    assert before.confidence is not None
    assert after.confidence is not None
    assert after.confidence > before.confidence
    assert any("appointment" in r["text"] for r in after.reasons)
