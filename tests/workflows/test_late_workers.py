"""A worker that was frozen at a step goes on with it after another worker has done that step, and later ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from dayline.analyses import repository as analyses
from dayline.audio.chunks import Chunk
from dayline.audio.ports import IngestProgress
from dayline.db.database import Database
from dayline.domain.transcript import Transcript
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.sessions import service
from dayline.webhooks import events_repository as events
from dayline.workflows.steps import analyze, begin, detect, finish, ingest, speakers
from dayline.workflows.worker_context import WorkerContext

DAY = "mock://three-conversations"


class FrozenBeforeWriting(WorkerContext):
    """A worker that stops before its next write until everything in `meanwhile` was done."""

    meanwhile: ClassVar[list[Callable[[], None]]] = []

    def write(self, work: Any) -> Any:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().write(work)


def _frozen(parts: WorkerContext, meanwhile: Callable[[], None]) -> WorkerContext:
    FrozenBeforeWriting.meanwhile[:] = [meanwhile]
    return FrozenBeforeWriting(**{field.name: getattr(parts, field.name) for field in fields(parts)})


def test_a_detection_that_comes_late_leaves_segments_that_are_analysed(environment: Any) -> None:
    parts, database = environment.parts, environment.database
    id = environment.submit(DAY)
    for step in (begin.begin, ingest.ingest, speakers.name_the_speakers):
        step(parts, id, 1)

    class SlowCompute:
        """Hands the result out after another worker has found the conversations and completed the day."""

        def run(self, work: Any, *arguments: Any, **options: Any) -> Any:
            found = parts.compute.run(work, *arguments, **options)
            detect.detect(parts, id, 1)
            analyze.start_analyses(parts, id, 1)
            with database.read() as tx:
                rows = segments.list_all(tx, id)
            for row in rows[:-1]:
                assert row.analysis_id is not None
                analyze.analyze(parts, row.analysis_id, 1)
            return found

    detect.detect(replace(parts, compute=SlowCompute()), id, 1)
    with database.read() as tx:
        rows = segments.list_all(tx, id)
    assert [row.status for row in rows] == ["analyzed", "analyzed", "analyzing"]
    # The job of the day was lost after `start_analyses`: its new owner runs the step again.
    analyze.start_analyses(parts, id, 1)
    assert rows[-1].analysis_id is not None
    analyze.analyze(parts, rows[-1].analysis_id, 1)
    finish.complete(parts, id, 1)
    with database.read() as tx:
        assert [row.status for row in segments.list_all(tx, id)] == ["analyzed"] * 3
        assert len(analyses.children(tx, id, current_only=False)) == 3
        assert [event.type for event in events.of_session(tx, id)].count("all_day_session.detected") == 1
        found = sessions.get(tx, id)
    assert found is not None
    assert found.status == "completed"


def test_a_transcript_that_comes_late_does_not_replace_the_one_that_is_stored(
    environment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words that it was made of may have been deleted in the meantime, as redaction asks for."""
    parts, database = environment.parts, environment.database
    id = environment.submit(DAY)
    begin.begin(parts, id, 1)
    ingest.ingest(parts, id, 1)
    pack = speakers.pack_transcript

    def without_words(transcript: Transcript) -> Any:
        monkeypatch.setattr(speakers, "pack_transcript", pack)
        speakers.name_the_speakers(parts, id, 1)
        return pack(replace(transcript, utterances=()))

    monkeypatch.setattr(speakers, "pack_transcript", without_words)
    speakers.name_the_speakers(parts, id, 1)
    with database.read() as tx:
        stored = documents.get_json(tx, id, "transcript")
    assert stored["utterances"]


@pytest.mark.parametrize(
    "step", ["begin", "ingest", "name_the_speakers", "detect", "start_analyses", "complete", "fail"]
)
def test_a_step_that_comes_late_changes_nothing_of_the_next_run(environment: Any, step: str) -> None:
    parts, database, jobs = environment.parts, environment.database, environment.jobs
    steps: dict[str, Any] = {
        "begin": begin.begin,
        "ingest": ingest.ingest,
        "name_the_speakers": speakers.name_the_speakers,
        "detect": detect.detect,
        "start_analyses": analyze.start_analyses,
        "complete": finish.complete,
    }
    id = environment.submit(DAY)
    for name, before in steps.items():
        if name == step or (step == "fail" and name == "detect"):
            break
        before(parts, id, 1)
    state: list[Any] = []

    def cancel_and_retry() -> None:
        with database.write() as tx:
            service.cancel(tx, jobs, service.owned(tx, id, partner_id=environment.partner_id))
            service.retry(tx, jobs, service.owned(tx, id, partner_id=environment.partner_id))
        state.append(_state(environment, id))

    late = _frozen(parts, cancel_and_retry)
    if step == "fail":
        failure: Any = {"code": "internal_error", "message": "x", "details": {}, "kind": "bug"}
        finish.fail(late, id, 1, failure)
    else:
        steps[step](late, id, 1)
    assert state == [_state(environment, id)]


def test_a_recording_that_was_read_meanwhile_keeps_its_length_and_its_chunks(environment: Any) -> None:
    parts = environment.parts
    id = environment.submit(DAY)
    begin.begin(parts, id, 1)
    state: list[Any] = []

    def read_by_another_worker() -> None:
        ingest.ingest(parts, id, 1)
        speakers.name_the_speakers(parts, id, 1)
        state.append(_state(environment, id))

    ingest.ingest(_frozen(parts, read_by_another_worker), id, 1)
    assert state == [_state(environment, id)]
    unread = replace(environment.session(id), is_ingested=False)
    ingest._show_progress(parts, unread, IngestProgress(1.0, 0.5, 0.1))
    assert state == [_state(environment, id)]


def test_two_workers_that_read_a_recording_at_once_store_a_chunk_once(any_environment: Any, tmp_path: Path) -> None:
    """On PostgreSQL the second insert met the first one and failed the day with `internal_error`."""
    environment = any_environment
    id = environment.submit("https://example.com/visit.wav")
    begin.begin(environment.parts, id, 1)
    audio = tmp_path / "chunk"
    audio.write_bytes(b"\0" * 64)
    session = environment.session(id)
    failures: list[BaseException] = []

    def second() -> None:
        try:
            ingest._queue_chunk(environment.parts, session, Chunk(0, 0.0, 9.0, 9.0, audio, []))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=second)
    with environment.database.write() as tx:
        sessions.lock(tx, id)
        chunks.add(tx, id, 0, start_seconds=0.0, end_seconds=9.0, speech_seconds=9.0)
        thread.start()
        while tx.is_postgres and not _waits_for_lock(environment.database):
            pass
    thread.join(30)
    assert failures == []
    with environment.database.read() as tx:
        assert len(chunks.list_all(tx, id)) == 1


def _waits_for_lock(database: Database) -> bool:
    with database.read() as tx:
        return bool(tx.run(sa.text("select count(*) from pg_locks where not granted")).scalar())


def _state(environment: Any, session_id: str) -> Any:
    with environment.database.read() as tx:
        return (
            sessions.get(tx, session_id),
            segments.list_all(tx, session_id),
            documents.names(tx, session_id),
            [event.type for event in events.of_session(tx, session_id)],
        )
