"""Work is looked for when the database has changed, and by the clock on a server: seldom while there is none."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.workflows import queue_repository as queues
from dayline.workflows.queue_watch import Pace, QueueWatch
from dayline.workflows.steps.wait import last_chunks_left


def _as_on_a_server(watch: QueueWatch) -> QueueWatch:
    watch._changes._engine = None
    return watch


def _set_status(environment: Any, status: str, **values: Any) -> None:
    changes = ", ".join(f"{name} = :{name}" for name in ("status", *values))
    table = "workflow_status" if environment.database.is_sqlite else "dbos.workflow_status"
    with environment.database.write() as tx:
        tx.run(sa.text(f"update {table} set {changes}"), {"status": status, **values})


def test_queues_with_jobs_that_may_begin_are_found_on_every_database(any_environment: Any) -> None:
    watch = QueueWatch(any_environment.database)
    assert watch.look()
    assert watch.work.waiting == frozenset()
    assert not watch.work.has_jobs

    any_environment.submit("mock://single-call")
    watch.wake()
    assert watch.look()
    assert watch.work.waiting == {"days"}
    assert watch.work.has_jobs
    assert watch.work.delayed_until_ms is None

    _set_status(any_environment, "PENDING")
    watch.wake()
    watch.look()
    assert watch.work.waiting == frozenset()
    assert watch.work.has_jobs  # it runs

    _set_status(any_environment, "DELAYED", delay_until_epoch_ms=12_345)
    watch.wake()
    watch.look()
    assert watch.work.waiting == frozenset()
    assert not watch.work.has_jobs
    assert watch.work.delayed_until_ms == 12_345


def test_messages_are_found_until_they_are_received(any_environment: Any) -> None:
    id = any_environment.submit("mock://single-call")
    job_id = f"day:{id}:1"
    watch = QueueWatch(any_environment.database)
    watch.look([job_id])
    assert watch.work.called == frozenset()
    with any_environment.database.write() as tx:
        any_environment.jobs.notify(tx, job_id, "news", once="x")
    watch.wake()
    watch.look([job_id, "day:other:1"])
    assert watch.work.called == {job_id}
    watch.wake()
    watch.look()
    assert watch.work.called == frozenset()  # nobody asked
    with any_environment.database.write() as tx:
        schema = "dbos." if tx.is_postgres else ""
        tx.run(sa.text(f"update {schema}notifications set consumed = true"))
    watch.wake()
    watch.look([job_id])
    assert watch.work.called == frozenset()


def test_the_driver_alone_finds_the_same(environment: Any) -> None:
    """Every state of a job, and messages: once by the driver, once through SQLAlchemy."""
    watch = QueueWatch(environment.database)
    watch.look()
    id = environment.submit("mock://single-call")
    ids = [f"day:{id}:1", "day:other:1"]
    with environment.database.write() as tx:
        environment.jobs.notify(tx, ids[0], "news", once="x")
    for status in ("ENQUEUED", "PENDING", "DELAYED", "SUCCESS"):
        _set_status(environment, status, delay_until_epoch_ms=12_345)
        with environment.database.read() as tx:
            expected = queues.work(tx, ids)
        assert queues.work_by_driver(watch._changes.rows, ids) == expected
        assert expected.called == {ids[0]}
        assert (expected.has_jobs, expected.delayed_until_ms is None) == (
            status in ("ENQUEUED", "PENDING"),
            status != "DELAYED",
        )


def test_sqlite_is_queried_after_changes_only(environment: Any) -> None:
    watch = QueueWatch(environment.database)
    assert watch.look()
    assert not watch.look()
    environment.submit("mock://single-call")
    assert watch.look()
    assert not watch.look()
    watch._query_at_seconds = 0.0  # as after five seconds
    assert watch.look()


def test_a_look_that_failed_is_made_again(environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = QueueWatch(environment.database)
    with monkeypatch.context() as broken:
        broken.setattr("dayline.workflows.queue_repository.work_by_driver", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            watch.look()
    assert watch.look()


def test_a_server_is_queried_by_the_clock(environment: Any) -> None:
    watch = _as_on_a_server(QueueWatch(environment.database))
    assert watch.look()
    environment.submit("mock://single-call")
    assert not watch.look()
    watch.wake()
    assert watch.look()


def test_the_pace_slows_without_jobs_and_rises_with_one(environment: Any) -> None:
    watch = QueueWatch(environment.database, idle_after_seconds=0.0)
    watch.look()
    assert watch.pace is Pace.IDLE
    environment.submit("mock://single-call")
    watch._idle_after_seconds = 3600.0
    watch.look()
    assert watch.pace is Pace.USUAL


def test_analyses_are_looked_for_briskly_from_the_moment_they_are_expected_until_none_begins(environment: Any) -> None:
    watch = QueueWatch(environment.database, brisk_seconds=3600.0)

    def pace() -> Pace:
        watch.wake()
        watch.look()
        return watch.pace

    assert pace() is Pace.USUAL
    watch.job_began("analysis")  # one that somebody asked for
    assert pace() is Pace.USUAL
    watch.expect_analyses()
    assert pace() is Pace.BRISK
    watch.job_began("analysis")
    assert pace() is Pace.BRISK
    watch._brisk_seconds = 0.0
    assert pace() is Pace.USUAL


def test_the_last_chunks_are_few_of_a_recording_that_was_read_to_its_end(environment: Any) -> None:
    id = environment.submit("mock://three-conversations")

    def left(*, is_ingested: bool, pending: int) -> int | None:
        with environment.database.write() as tx:
            sessions.update(tx, id, is_ingested=is_ingested)
            for number in range(pending):
                chunks.add(tx, id, number, start_seconds=number, end_seconds=number + 1.0, speech_seconds=1.0)
        return last_chunks_left(environment.parts, id)

    assert left(is_ingested=False, pending=2) is None
    assert left(is_ingested=True, pending=4) == 4
    assert left(is_ingested=True, pending=5) is None
    assert last_chunks_left(environment.parts, "gone") is None
