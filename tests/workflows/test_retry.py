"""What follows from a failure: an outcome at once, a short wait inside the step, or another job later."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dayline.analyses import repository as analyses
from dayline.db.blobs import Blobs
from dayline.domain.analysis import AnalystInfo
from dayline.domain.errors import DatabaseUnavailable, InvalidRecording, Unavailable
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.webhooks import events_repository as events
from dayline.workflows import retention_repository
from dayline.workflows.retry import FailureKind, InARow, RetryPolicy, WorkerStopping, failure_of, kind_of
from dayline.workflows.session_workflow import Attempt, Steps, run_session
from dayline.workflows.step_runner import patient_step, session_step
from dayline.workflows.steps import analyze, begin, detect, finish, ingest, speakers, transcribe, wait
from dayline.workflows.worker_context import chunk_key

QUICK = RetryPolicy(step_waits_seconds=(0.01, 0.01, 0.01), database_waits_seconds=(0.01,))
CRASHED = Unavailable("ended", code="compute_crashed")


class BrokenAnalyst:
    """An analyst that raises."""

    def __init__(self, error: Exception) -> None:
        self.error, self.calls = error, 0

    info = AnalystInfo("fake", "broken", "1")

    def analyze(self, _transcript: Any, _task: Any) -> Any:
        self.calls += 1
        raise self.error


def test_a_refused_key_fails_within_one_attempt(environment: Any) -> None:
    analyst = BrokenAnalyst(Unavailable("The server refused the key.", retryable=False))
    environment.change(analyst=analyst, retry=QUICK)
    _, (analysis_id,) = environment.up_to_analyses("mock://single-call")

    analyze.analyze(environment.parts, analysis_id, 1)

    with environment.database.read() as tx:
        row = analyses.get(tx, analysis_id)
    assert row is not None
    assert row.error is not None
    assert (row.status, row.error["message"]) == ("failed", "The server refused the key.")
    assert analyst.calls == 1
    assert [id for id, _ in environment.jobs_named("analysis")] == [f"analysis:{analysis_id}:1"]


def test_a_provider_that_asks_for_time_gets_it(environment: Any) -> None:
    environment.change(
        analyst=BrokenAnalyst(Unavailable("Too many requests.", retry_after_seconds=4000.0)), retry=QUICK
    )
    _, (analysis_id,) = environment.up_to_analyses("mock://single-call")

    analyze.analyze(environment.parts, analysis_id, 1)

    with environment.database.read() as tx:
        row = analyses.get(tx, analysis_id)
        assert row is not None
        assert row.status == "processing"
        query = (
            f"select delay_until_epoch_ms - created_at from workflow_status where workflow_uuid like '%{analysis_id}:2'"
        )
        assert tx.connection.exec_driver_sql(query).scalar() == pytest.approx(4_000_000, abs=5_000)


@pytest.mark.parametrize(("asked", "wait"), [(None, 0.5), (0.2, 0.5), (3.0, 3.0), (5.0, 5.0), (5.1, None)])
def test_a_step_waits_as_long_as_it_is_asked_to_up_to_its_longest_wait(asked: float | None, wait: float | None) -> None:
    error = Unavailable("busy", retry_after_seconds=asked)
    assert RetryPolicy(step_waits_seconds=(0.5, 2.0, 5.0)).step_wait_seconds(error, 1) == wait


def test_a_provider_is_given_up_in_the_end_and_the_database_never() -> None:
    policy = RetryPolicy()
    provider, database = failure_of(Unavailable("x")), failure_of(DatabaseUnavailable("x"))
    waits = [policy.job_wait_seconds(provider, attempt) for attempt in range(1, 51)]
    assert waits[-1] is None
    told = [wait for wait in waits[:-1] if wait is not None]
    assert len(told) == len(waits) - 1
    assert told[:5] == sorted(set(told[:5]))
    assert policy.job_wait_seconds(database, 10_000) is not None
    assert policy.job_wait_seconds({"code": "x", "message": "of an older version", "details": {}}, 1) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidRecording("x"), FailureKind.PERMANENT),
        (Unavailable("x", retryable=False), FailureKind.PERMANENT),
        (Unavailable("x"), FailureKind.PROVIDER),
        (Unavailable("x", exit_status=-9), FailureKind.CRASH),
        (Unavailable("x", exit_status=-9, was_killed=False), FailureKind.CRASH),
        (Unavailable("x", code="engine_crashed", was_killed=True), FailureKind.KILLED),
        (Unavailable("x", code="engine_timeout"), FailureKind.TIMEOUT),
        (Unavailable("x", part="object_store"), FailureKind.OBJECT_STORE),
        (OSError(28, "No space left on device"), FailureKind.OBJECT_STORE),
        (DatabaseUnavailable("x"), FailureKind.DATABASE),
        (KeyError("x"), FailureKind.BUG),
    ],
)
def test_errors_are_classed(error: Exception, kind: FailureKind) -> None:
    assert kind_of(error) == kind


def test_blips_are_retried_inside_the_step_and_no_more_often_than_said() -> None:
    never = threading.Event()
    tries: list[int] = []

    def fails(times: int, error: Exception) -> str:
        tries.append(1)
        if len(tries) <= times:
            raise error
        return "done"

    assert QUICK.run(lambda: fails(3, CRASHED), stopping=never) == "done"
    tries.clear()
    with pytest.raises(Unavailable):
        QUICK.run(lambda: fails(4, CRASHED), stopping=never)
    tries.clear()
    assert QUICK.run(lambda: fails(30, DatabaseUnavailable("x")), stopping=never) == "done"
    for error in (InvalidRecording("x"), KeyError("x"), Unavailable("x", code="compute_timeout")):
        tries.clear()
        with pytest.raises(type(error)):
            QUICK.run(lambda error=error: fails(1, error), stopping=never)
        assert len(tries) == 1


def test_a_worker_that_stops_leaves_no_outcome(environment: Any) -> None:
    id = environment.submit("mock://single-call")

    def crash(context: Any, _id: str, _run: int) -> None:
        context.stopping.set()
        raise CRASHED

    with pytest.raises(WorkerStopping):
        session_step(crash, environment.parts)(id, 1)
    with pytest.raises(WorkerStopping):
        session_step(begin.begin, environment.parts)(id, 1)
    assert environment.session(id).status == "queued"


def test_a_locked_database_delays_a_session_and_fails_nothing(environment: Any, tmp_path: Path) -> None:
    environment.change(retry=QUICK)
    id = environment.submit("mock://single-call")
    other = sqlite3.connect(tmp_path / "d.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    failures: list[Any] = []

    def work() -> None:
        for step in (begin.begin, ingest.ingest, speakers.name_the_speakers, detect.detect, analyze.start_analyses):
            failures.append(session_step(step, environment.parts)(id, 1))

    thread = threading.Thread(target=work)
    thread.start()
    # Longer than the busy time-out of .1 s and one retry: the step has met the lock.
    thread.join(0.6)
    assert thread.is_alive()
    assert failures == []
    other.execute("ROLLBACK")
    thread.join(60)
    other.close()
    assert failures == [None] * 5
    assert environment.session(id).status == "analyzing"


def _steps(environment: Any, **replaced: Any) -> Steps:
    bound = {
        name: session_step(replaced.get(name, step), environment.parts)
        for name, step in {
            "begin": begin.begin, "ingest": ingest.ingest, "name_the_speakers": speakers.name_the_speakers,
            "detect": detect.detect, "start_analyses": analyze.start_analyses, "complete": finish.complete,
            "clean": finish.clean,
        }.items()
    }  # fmt: skip
    return Steps(
        **bound,
        chunks_left=patient_step(wait.chunks_left, environment.parts),
        analyses_left=patient_step(wait.analyses_left, environment.parts),
        postpone=patient_step(finish.postpone, environment.parts),
        fail=patient_step(finish.fail, environment.parts),
    )


def test_a_session_survives_as_many_crashes_as_a_campaign_makes(environment: Any) -> None:
    environment.change(retry=QUICK)
    id = environment.submit("mock://no-conversation")
    crashes = iter(range(5))

    def crash_five_times(context: Any, session_id: str, run: int) -> None:
        if next(crashes, None) is not None:
            raise CRASHED
        detect.detect(context, session_id, run)

    steps = _steps(environment, detect=crash_five_times)
    run_session(id, 1, Attempt(1), steps, lambda _: pytest.fail("nothing to wait for"), environment.parts.retry)
    assert environment.session(id).status == "transcribing"
    assert [job for job, _ in environment.jobs_named("day")] == [f"day:{id}:1", f"day:{id}:1:2"]
    steps.postpone(id, 1, 2, 5.0, "detect", 1)  # the step of a worker that was killed after it, run again
    assert environment.session(id).attempts == 1
    run_session(
        id,
        1,
        Attempt(2, InARow("detect", 1)),
        steps,
        lambda _: pytest.fail("nothing to wait for"),
        environment.parts.retry,
    )
    assert environment.session(id).status == "completed"


def test_a_session_that_ends_its_process_every_time_fails_in_the_end(environment: Any) -> None:
    environment.change(retry=QUICK)
    id = environment.submit("mock://no-conversation")

    def crash(_context: Any, _id: str, _run: int) -> None:
        raise CRASHED

    steps = _steps(environment, detect=crash)
    for attempt in range(1, 6):
        assert environment.session(id).status != "failed"
        run_session(
            id, 1, Attempt(attempt, InARow("detect", attempt - 1)), steps, lambda _: None, environment.parts.retry
        )
    failed = environment.session(id)
    assert (failed.status, failed.error["code"]) == ("failed", "compute_crashed")
    assert set(failed.error) == {"code", "message", "details"}


def test_a_session_that_gets_further_is_not_given_up(environment: Any) -> None:
    """Crashes of different steps do not add up: five of each in a row give a day up, four of each do not."""
    environment.change(retry=QUICK)
    id = environment.submit("mock://no-conversation")
    crashing: list[str] = []

    def crash(name: str, step: Any) -> Any:
        def run(*arguments: Any) -> None:
            if name in crashing:
                raise CRASHED
            step(*arguments)

        return run

    steps = _steps(environment, ingest=crash("ingest", ingest.ingest), detect=crash("detect", detect.detect))
    following = Attempt(1)

    def postpone(*given: Any) -> None:
        nonlocal following
        steps.postpone(*given)
        _, _, number, _, failed_step, failures = given
        following = Attempt(number, InARow(failed_step, failures))

    recording = replace(steps, postpone=postpone)
    for crashing[:] in [["ingest"]] * 4 + [["detect"]] * 4 + [[]]:
        assert environment.session(id).status not in ("completed", "failed")
        run_session(id, 1, following, recording, lambda _: None, environment.parts.retry)
    assert environment.session(id).status == "completed"
    assert [job for job, _ in environment.jobs_named("day")][-1] == f"day:{id}:1:9"


def test_kills_by_somebody_do_not_give_a_session_up_and_do_not_add_to_crashes(environment: Any) -> None:
    environment.change(retry=QUICK)
    id = environment.submit("mock://no-conversation")
    killed = Unavailable("ended", code="compute_crashed", was_killed=True)
    errors: list[Unavailable] = []

    def end(_context: Any, _id: str, _run: int) -> None:
        raise errors[0]

    following = Attempt(1)
    steps = _steps(environment, detect=end)

    def postpone(*given: Any) -> None:
        nonlocal following
        _, _, number, _, failed_step, failures = given
        following = Attempt(number, InARow(failed_step, failures))

    recording = replace(steps, postpone=postpone)
    for errors[:] in [[killed]] * 20 + [[CRASHED]] * 4 + [[killed]] * 20 + [[CRASHED]] * 5:
        assert environment.session(id).status == ("queued" if following.number == 1 else "transcribing")
        run_session(id, 1, following, recording, lambda _: None, environment.parts.retry)
    assert environment.session(id).status == "failed"
    assert following.number == 49


@pytest.fixture
def recorded(environment: Any, short_visit: bytes, tmp_path: Path) -> str:
    """A session whose recording was read; its chunks wait."""
    environment.change(retry=QUICK)
    path = tmp_path / "visit.wav"
    path.write_bytes(short_visit)
    environment.recordings[""] = path
    id = environment.submit("https://example.com/visit.wav")
    begin.begin(environment.parts, id, 1)
    ingest.ingest(environment.parts, id, 1)
    return id


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_lost_speech_audio_is_read_again_from_the_recording(environment: Any, recorded: str, damage: str) -> None:
    key = chunk_key(recorded, 0)
    whole = environment.parts.blobs.get(key)
    if damage == "cut":
        environment.parts.blobs.put(key, whole[: len(whole) // 2])
    else:
        environment.parts.blobs.delete(key)

    transcribe.transcribe_chunk(environment.parts, recorded, 1, 0, 1)

    assert environment.session(recorded).status == "transcribing"
    assert wait.chunks_left(environment.parts, recorded, 1) == wait.AUDIO_LOST
    ingest.ingest(environment.parts, recorded, 1)
    assert environment.parts.blobs.get(key) == whole
    assert wait.chunks_left(environment.parts, recorded, 1) > 0
    assert [id for id, _ in environment.jobs_named("chunk")][-1] == f"chunk:{recorded}:1:0:2"
    transcribe.transcribe_chunk(environment.parts, recorded, 1, 0, 2)
    with environment.database.read() as tx:
        chunk = chunks.get(tx, recorded, 0)
    assert chunk is not None
    assert chunk.status == "done"


def test_an_object_store_that_fails_for_long_postpones_a_chunk(environment: Any, recorded: str) -> None:
    class Failing(Blobs):
        def get(self, key: str) -> bytes:
            raise Unavailable("The object store does not work right now.", part="object_store")

    environment.change(blobs=Failing(str(environment.parts.blobs.folder)))
    for attempt in range(1, 8):
        transcribe.transcribe_chunk(environment.parts, recorded, 1, 0, attempt)
    with environment.database.read() as tx:
        chunk = chunks.get(tx, recorded, 0)
    assert chunk is not None
    assert (chunk.status, chunk.attempts) == ("pending", 7)
    assert [id for id, _ in environment.jobs_named("chunk")][-1] == f"chunk:{recorded}:1:0:8"


def test_an_analysis_whose_transcript_was_deleted_fails_instead_of_waiting_for_ever(any_environment: Any) -> None:
    environment = any_environment
    id, (analysis_id,) = environment.up_to_analyses("mock://single-call")
    with environment.database.write() as tx:
        retention_repository.delete_transcript(tx, id)

    analyze.analyze(environment.parts, analysis_id, 1)

    with environment.database.read() as tx:
        row = analyses.get(tx, analysis_id)
    assert row is not None
    assert row.error is not None
    assert (row.status, row.error["code"]) == ("failed", "invalid_state")
    assert wait.analyses_left(environment.parts, id, 1) == 0


def broken_view(_tx: Any, _id: str) -> Any:
    raise ValueError("a mistake in the code that writes the view")


def test_a_mistake_in_a_view_ends_the_analysis_and_the_day(any_environment: Any) -> None:
    environment = any_environment
    id, (analysis_id,) = environment.up_to_analyses("mock://single-call")
    environment.change(analysis_view=broken_view, session_view=broken_view, retry=QUICK)

    analyze.analyze(environment.parts, analysis_id, 1)
    run_session(
        id, 1, Attempt(1), _steps(environment), lambda _: pytest.fail("nothing to wait for"), environment.parts.retry
    )

    with environment.database.read() as tx:
        row, day = analyses.get(tx, analysis_id), sessions.get(tx, id)
        told = {event.type: event.body for event in events.of_session(tx, id)}
    assert row is not None
    assert row.error is not None
    assert day is not None
    assert day.error is not None
    assert (row.status, row.error["code"]) == ("failed", "internal_error")
    assert (day.status, day.error["code"]) == ("failed", "internal_error")
    assert told["analysis.failed"] == {"id": analysis_id, "status": "failed", "error": row.error}
    assert told["all_day_session.failed"] == {"id": id, "status": "failed", "error": day.error}
