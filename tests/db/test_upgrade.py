"""A data folder of the version before goes on after an upgrade: kept days read the same, running ones end.

`upgrade/0014.sql.gz` is the database of a data folder that the version with schema 0014 made from two made-up days: one
completed and corrected, one queued while no worker ran. `upgrade/0014.json` holds what its API answered, and its keys.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running_service import RunningService

KEPT = Path(__file__).parent / "upgrade"


@pytest.fixture
def known() -> Any:
    return json.loads((KEPT / "0014.json").read_text())


@pytest.fixture
def service(tmp_path: Path, known: Any) -> Iterator[RunningService]:
    folder = tmp_path / "data"
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "dayline.db")) as database:
        database.executescript(gzip.decompress((KEPT / "0014.sql.gz").read_bytes()).decode())
    (folder / "encryption.key").write_text(known["encryption_key"])
    (folder / "encryption.key").chmod(0o600)
    running = RunningService(folder, {"DAYLINE_SPEECH_ENGINE": "fake"})
    running.key = known["key"]
    yield running
    running.stop()
    shutil.rmtree(folder)


def interrupt(service: RunningService, session_id: str) -> None:
    """Leave the queued day as a worker of the old version left it that died while chunks were transcribed."""
    with contextlib.closing(sqlite3.connect(service.folder / "dayline.db")) as database, database:
        job = f"day:{session_id}:1"
        database.execute(
            "UPDATE workflow_status SET status = 'PENDING', executor_id = 'died', application_version = '1' "
            "WHERE workflow_uuid = ?",
            (job,),
        )
        columns = [row[1] for row in database.execute("PRAGMA table_info(operation_outputs)")]
        copied = ", ".join("?" if name == "workflow_uuid" else name for name in columns)
        database.execute(
            f"INSERT INTO operation_outputs ({', '.join(columns)}) SELECT {copied} FROM operation_outputs "
            "WHERE function_name IN ('begin', 'spans_left') AND workflow_uuid LIKE 'day:%'",
            (job,),
        )
        columns = [row[1] for row in database.execute("PRAGMA table_info(workflow_status)")]
        changed = {"workflow_uuid": f"span:{session_id}:1:0:1", "name": "span", "queue_name": "spans"}
        copied = ", ".join("?" if name in changed else name for name in columns)
        database.execute(
            f"INSERT INTO workflow_status ({', '.join(columns)}) SELECT {copied} FROM workflow_status "
            "WHERE workflow_uuid = ?",
            [*(changed[name] for name in columns if name in changed), job],
        )
        database.execute("UPDATE session SET status = 'transcribing', stage = 'transcribe' WHERE id = ?", (session_id,))
        database.execute(
            "INSERT INTO span (session_id, number, start_seconds, end_seconds, speech_seconds, status, attempts) "
            "VALUES (?, 0, 0, 1, 1, 'pending', 0)",
            (session_id,),
        )


def test_kept_days_read_the_same_and_a_queued_one_ends(service: RunningService, known: Any) -> None:
    service.start()
    session = known["session"]
    shown = service.get(f"/v1/all-day-sessions/{session['id']}")
    # Fields that later versions added.
    assert shown["audio"].pop("has_seek_table") is False
    assert shown == session
    assert shown["segments"][0]["title"] == "Renamed"
    assert service.rows("select status from chunk where session_id = ?", session["id"]) == [("done",)]
    for segment in shown["segments"]:
        assert service.get(f"/v1/analyses/{segment['analysis_id']}")["analysis"]["overall_score"] is not None
    queued = service.wait(known["queued_id"], seconds=60)
    assert (queued["status"], queued["segments_detected"]) == ("completed", 2)


def test_a_day_that_was_being_transcribed_starts_again_from_its_rows(service: RunningService, known: Any) -> None:
    interrupt(service, known["queued_id"])
    service.start()
    session = service.wait(known["queued_id"], seconds=60)
    assert (session["status"], session["segments_detected"]) == ("completed", 2)
    names = service.rows("select distinct name from workflow_status union select name from queues")
    assert {name for (name,) in names} & {"span", "spans"} == set()
