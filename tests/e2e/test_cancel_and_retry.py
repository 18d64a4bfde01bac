"""Cancelling a day, and retrying one that failed."""

from __future__ import annotations

import time
from typing import Any


def _wait_for_stage(service: Any, session_id: str, stage: str) -> None:
    give_up = time.monotonic() + 400
    while service.rows("select stage from session where id = ?", session_id)[0][0] != stage:
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_cancelled_day_stops_and_leaves_no_scratch(service: Any, upload_file: Any, short_visit: bytes) -> None:
    session_id = service.submit(file_key=upload_file(service, "visit.wav", short_visit))
    _wait_for_stage(service, session_id, "transcribe")

    service.post(f"/v1/all-day-sessions/{session_id}/cancel", {})

    session = service.get(f"/v1/all-day-sessions/{session_id}")
    assert (session["status"], session["error"]["code"]) == ("failed", "cancelled")
    stopped = time.monotonic() + 200
    while service.scratch_files(session_id) or service.rows(
        "select 1 from workflow_status where status in ('PENDING', 'ENQUEUED') and workflow_uuid like ?",
        f"%:{session_id}:%",
    ):
        assert time.monotonic() < stopped
        time.sleep(0.1)
    chunks = service.rows("select status from chunk where session_id = ?", session_id)
    assert ("pending",) in chunks


def test_a_failed_day_goes_on_with_what_was_transcribed(service: Any, upload_file: Any, short_visit: bytes) -> None:
    session_id = service.submit(file_key=upload_file(service, "visit.wav", short_visit))
    give_up = time.monotonic() + 400
    while not service.rows("select 1 from chunk where session_id = ? and status = 'done'", session_id):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    service.post(f"/v1/all-day-sessions/{session_id}/cancel", {})
    done_before = service.rows("select count(*) from chunk where session_id = ? and status = 'done'", session_id)[0][0]

    service.post(f"/v1/all-day-sessions/{session_id}/retry", {})
    session = service.wait(session_id)

    assert session["status"] == "completed", session["error"]
    assert done_before >= 1
    lines = [line for line in service.log_lines() if line.get("session_id") == session_id]
    heard = [line["chunk"] for line in lines if line.get("event") == "chunk_transcribed"]
    assert heard
    assert sorted(heard) == sorted(set(heard))
    assert service.scratch_files(session_id) == []
