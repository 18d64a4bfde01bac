"""kill -9 of any process at any stage: the day completes, nothing is done twice, no event is lost."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import Counter
from typing import Any

import pytest

STAGES = ("queued", "ingest", "transcribe", "detect", "analyze")


def _kill_when(service: Any, session_id: str, stage: str) -> bool:
    """Kill the whole service as soon as the session stands at `stage`; False when it had passed it unseen."""
    give_up = time.monotonic() + 400  # on a busy machine transcribing the whole visit takes minutes
    while time.monotonic() < give_up:
        (seen, status) = service.rows("select stage, status from session where id = ?", session_id)[0]
        if seen == stage:
            service.kill()
            return True
        if status in ("completed", "failed"):
            return False
        time.sleep(0.003)
    raise AssertionError(f"never reached {stage}")


def _check_nothing_twice(service: Any, session: dict[str, Any]) -> None:
    done = Counter(
        (line["session_id"], line["chunk"]) for line in service.log_lines() if line.get("event") == "chunk_transcribed"
    )
    mine = {chunk: count for (owner, chunk), count in done.items() if owner == session["id"]}
    assert mine
    assert set(mine.values()) == {1}, mine
    assert session["progress"]["transcribed_seconds"] == pytest.approx(session["usage"]["speech_seconds"], abs=0.2)
    events = Counter(row[0] for row in service.rows("select type from event where session_id = ?", session["id"]))
    assert events["all_day_session.processing_started"] == 1
    assert events["all_day_session.detected"] == 1
    assert events["all_day_session.completed"] == 1
    assert events["analysis.completed"] == session["segments_analyzed"]


@pytest.mark.parametrize("stage", STAGES)
def test_the_whole_service_is_killed_and_started_again(
    start_service: Any, upload_file: Any, short_visit: bytes, whole_visit: bytes, stage: str
) -> None:
    service = start_service()
    # There is something to analyse in the whole visit only; the other stages do with less.
    key = upload_file(service, "visit.wav", whole_visit if stage == "analyze" else short_visit)
    session_id = service.submit(file_key=key, options={"min_confidence": 0.0})
    was_killed = _kill_when(service, session_id, stage)
    assert was_killed, f"{stage} passed unseen"
    service.start()

    session = service.wait(session_id)

    assert session["status"] == "completed", session["error"]
    assert session["segments_analyzed"] >= 1 or stage != "analyze"
    _check_nothing_twice(service, session)
    assert service.scratch_files() == []


@pytest.mark.parametrize(
    "marker", ["dayline worker", "asr.transcriber_main", "audio.decoder_main", "processes.compute_main"]
)
def test_one_process_is_killed_and_the_rest_goes_on(
    start_service: Any, upload_file: Any, short_visit: bytes, marker: str
) -> None:
    service = start_service()
    key = upload_file(service, "visit.wav", short_visit)
    session_id = service.submit(file_key=key, options={"min_confidence": 0.0})
    give_up = time.monotonic() + 400
    killed = False
    while not killed and time.monotonic() < give_up:
        for process in service.children(marker):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
                killed = True
        status = service.rows("select status from session where id = ?", session_id)[0][0]
        if status in ("completed", "failed"):
            break
        time.sleep(0.01)

    session = service.wait(session_id)

    assert killed
    assert session["status"] == "completed", session["error"]
    _check_nothing_twice(service, session)
    assert service.scratch_files() == []
