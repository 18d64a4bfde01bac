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


def heard(environment: Any, transcript: Transcript, **options: Any) -> str:
    """A session whose transcript is there, as the steps before detection leave it."""
    id = environment.submit("https://example.com/day.wav")
    with environment.database.write() as tx:
        session = sessions.get(tx, id)
        assert session is not None
        changed = cast(SessionOptions, {**session.options, **options})
        sessions.update(tx, id, status=SessionStatus.TRANSCRIBING, options=changed)
        documents.put_transcript(tx, id, pack_transcript(transcript))
    return id


def completed(environment: Any, transcript: Transcript) -> str:
    """A session that was detected and ended."""
    id = heard(environment, transcript)
    detect.detect(environment.parts, id, environment.session(id).run)
    finish(environment, id)
    return id


def finish(environment: Any, id: str) -> None:
    with environment.database.write() as tx:
        sessions.update(tx, id, status=SessionStatus.COMPLETED, completed_at=now())


def setting(environment: Any, **settings: Any) -> None:
    with environment.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o", settings=settings), partner_id=environment.partner_id)


def memory(environment: Any) -> DetectorMemoryShown:
    with environment.database.read() as tx:
        return detector_memory.shown(tx, "o", partner_id=environment.partner_id)


def rows(environment: Any) -> list[repository.MemoryRecord]:
    with environment.database.read() as tx:
        return repository.newest(tx, environment.partner_id, "o", limit=100)


def test_every_detected_day_adds_to_the_memory_and_the_next_one_says_so(any_environment: Any) -> None:
    environment = any_environment
    transcript, _ = days.sample("sample-day")
    first, second = completed(environment, transcript), completed(environment, transcript)
    assert memory(environment)["days"] == 2
    assert environment.session(first).usage["detector"]["memory_days"] == 0
    assert environment.session(second).usage["detector"] == {"memory_days": 1.0, "windows_read": 0, "windows_failed": 0}


def test_no_word_is_kept_as_text(environment: Any) -> None:
    transcript, _ = days.sample("sample-day")
    completed(environment, transcript)
    kept = rows(environment)[0].counts
    assert kept is not None
    keys = {k for part in (kept["visits"], kept["other"], kept["people"]) for k in part}
    assert keys
    assert all(len(k) == 12 and set(k) <= set("0123456789abcdef") for k in keys)


def test_deleting_a_session_removes_its_part_and_the_receipt_names_it(any_environment: Any) -> None:
    environment = any_environment
    transcript, _ = days.sample("sample-day")
    first, second = completed(environment, transcript), completed(environment, transcript)
    session = environment.session(first)
    outside = deletion.prepare(environment.database, environment.jobs, environment.parts.blobs, session)
    with environment.database.write() as tx:
        receipt = deletion.erase(tx, session, outside)
    assert receipt["rows"]["detector_memory"] == 1
    assert [row.session_id for row in rows(environment)] == [second]


def test_a_correction_is_counted_anew_as_confirmed(environment: Any) -> None:
    transcript, _ = days.sample("sample-day")
    id = completed(environment, transcript)
    assert rows(environment)[0].source == "own"
    with environment.database.write() as tx:
        kept = segments.list_all(tx, id)
        segments.replace_all(tx, id, kept[:1])
        sessions.update_ended(tx, id, revision=1)
        repository.mark_stale(tx, id)
    assert memory(environment)["days"] == 0
    before = len(kept)
    completed(environment, transcript)
    corrected = next(row for row in rows(environment) if row.session_id == id)
    assert corrected.source == "confirmed"
    assert corrected.counts is not None
    assert before > 1
    uncorrected = rows(environment)[0].counts
    assert uncorrected is not None
    assert sum(corrected.counts["visits"].values()) < sum(uncorrected["visits"].values())


def test_sessions_from_before_the_memory_are_counted_once(environment: Any) -> None:
    transcript, _ = days.sample("sample-day")
    old = completed(environment, transcript)
    with environment.database.write() as tx:
        tx.connection.exec_driver_sql("delete from detector_memory")
    assert memory(environment)["days"] == 0
    new = completed(environment, transcript)
    assert {row.session_id for row in rows(environment)} == {old, new}
    assert environment.session(new).usage["detector"]["memory_days"] == 1.0
    environment.compute.ran.clear()
    completed(environment, transcript)
    assert "count_in_child" not in environment.compute.ran


def test_a_deleted_memory_does_not_come_back(environment: Any) -> None:
    transcript, _ = days.sample("sample-day")
    ids = [completed(environment, transcript), completed(environment, transcript)]
    with environment.database.write() as tx:
        receipt = detector_memory.delete_memory(tx, "o", partner_id=environment.partner_id)
    assert sorted(receipt["session_ids"]) == sorted(ids)
    assert receipt["days"] == 2
    assert memory(environment) == {"days": 0, "stems": 0, "updated_at": memory(environment)["updated_at"]}
    after = completed(environment, transcript)
    assert [row.session_id for row in rows(environment)] == [after]
    assert environment.session(after).usage["detector"]["memory_days"] == 0


def test_an_org_may_switch_the_memory_off(environment: Any) -> None:
    setting(environment, detector_memory="off")
    transcript, _ = days.sample("sample-day")
    completed(environment, transcript)
    assert rows(environment) == []


def test_two_orgs_share_no_memory(environment: Any) -> None:
    transcript, _ = days.sample("sample-day")
    completed(environment, transcript)
    other = environment.add_partner()
    with environment.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o"), partner_id=other)
        assert detector_memory.shown(tx, "o", partner_id=other)["days"] == 0


def _reader(environment: Any) -> list[Page]:
    """Configure a reader that answers nothing, and return the pages it is shown."""
    shown: list[Page] = []

    def read(pages: Sequence[Page]) -> list[PageAnswer | None]:
        shown.extend(pages)
        return [None] * len(pages)

    environment.change(reader=lambda: read)
    return shown


@pytest.mark.parametrize(("allowed", "is_shown"), [("off", False), ("customers_only", True), ("whole_day", True)])
def test_the_org_decides_what_a_reader_sees(environment: Any, allowed: str, is_shown: bool) -> None:
    shown = _reader(environment)
    setting(environment, language_model=allowed)
    transcript, _ = days.sample("sample-day")
    id = completed(environment, transcript)
    assert bool(shown) == is_shown
    if is_shown:
        assert environment.session(id).usage["detector"]["windows_failed"] == len(shown)
    if allowed == "whole_day":
        assert sum(len(p.rows) for p in shown) >= len(transcript.utterances) - 5


def test_a_read_day_counts_more_than_an_own_one(environment: Any) -> None:
    transcript, truth = days.sample("sample-day")
    lines = [
        (min(inside), max(inside) + 1, "customer")
        for a, b in truth
        if (inside := [i for i, u in enumerate(transcript.utterances) if a <= u.start_seconds < b])
    ]
    environment.change(reader=lambda: FakeReader(lines))
    setting(environment, language_model="whole_day")
    id = completed(environment, transcript)
    assert environment.session(id).usage["detector"]["windows_read"] >= 1
    assert rows(environment)[0].source == "read"


def test_appointments_reach_the_detector(environment: Any) -> None:
    transcript, truth = days.sample("sample-day")
    completed(environment, transcript)  # The confidence depends on whether an earlier day is known: one is for both.
    plain = completed(environment, transcript)
    with environment.database.read() as tx:
        sure = [segment.confidence or 0.0 for segment in segments.list_all(tx, plain)]
    at = sure.index(min(sure))  # The others are as sure as can be already.
    a, b = truth[at]
    hinted = heard(environment, transcript, appointments=[{"start_seconds": a, "end_seconds": b, "label": "Mrs Day"}])
    detect.detect(environment.parts, hinted, environment.session(hinted).run)
    with environment.database.read() as tx:
        before, after = segments.list_all(tx, plain)[at], segments.list_all(tx, hinted)[at]
    assert before.confidence is not None
    assert after.confidence is not None
    assert after.confidence > before.confidence
    assert any("appointment" in r["text"] for r in after.reasons)
