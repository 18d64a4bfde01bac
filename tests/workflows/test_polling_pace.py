"""Queues are polled rarely while they are empty, every second with jobs, and more often while analyses begin."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from dbos import DBOS

from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.workflows.engine import Worker
from dayline.workflows.job_queue import ANALYSES, CHUNKS, DAYS, QUEUES, Queue
from dayline.workflows.polling_pace import Pace, PollingPace
from dayline.workflows.steps.wait import are_last_chunks


def test_the_interval_grows_without_jobs_and_shrinks_with_one(environment: Any) -> None:
    written: list[Pace] = []
    pace = PollingPace(environment.database, written.append, idle_after_seconds=0.0)

    pace.look_once()
    pace.look_once()
    assert written == [Pace.IDLE]

    environment.submit("mock://single-call")
    busy = PollingPace(environment.database, written.append, idle_after_seconds=3600.0)
    busy.look_once()
    assert written == [Pace.IDLE]
    pace._idle_after_seconds = 3600.0
    pace.look_once()
    assert written == [Pace.IDLE, Pace.USUAL]


def test_analyses_are_polled_for_briskly_from_the_moment_they_are_expected_until_none_begins(environment: Any) -> None:
    written: list[Pace] = []
    pace = PollingPace(environment.database, written.append, brisk_seconds=3600.0)

    pace.look_once()
    pace.job_began("analysis")  # one that somebody asked for
    pace.look_once()
    assert written == []
    pace.expect_analyses()
    pace.look_once()
    pace.job_began("analysis")
    pace.look_once()
    assert written == [Pace.BRISK]
    pace._brisk_seconds = 0.0
    pace.look_once()
    assert written == [Pace.BRISK, Pace.USUAL]


@pytest.mark.parametrize(
    ("queue", "idle", "usual", "brisk"), [(DAYS, 6.0, 1.0, 1.0), (CHUNKS, 6.0, 1.0, 1.0), (ANALYSES, 6.0, 1.0, 0.2)]
)
def test_only_analyses_have_a_brisk_interval(queue: Queue, idle: float, usual: float, brisk: float) -> None:
    assert [queue.seconds_between_polls(pace) for pace in (Pace.IDLE, Pace.USUAL, Pace.BRISK)] == [idle, usual, brisk]


def test_a_worker_sets_the_interval_on_every_database(any_environment: Any) -> None:
    parts = any_environment.parts
    worker = Worker(
        parts.database, parts.jobs, executor_id="pace-1", recognisers=1, is_single_node=True, stopping=threading.Event()
    )
    worker.start()
    try:
        assert "polling-pace" in {thread.name for thread in threading.enumerate()}
        assert _intervals() == [1.0, 1.0, 1.0]
        worker.expect_analyses()
        worker._pace.look_once()
        assert _intervals() == [1.0, 1.0, 0.2]
    finally:
        worker.stop(drain_seconds=0)


def test_the_last_chunks_are_few_of_a_recording_that_was_read_to_its_end(environment: Any) -> None:
    id = environment.submit("mock://three-conversations")

    def state(*, is_ingested: bool, pending: int) -> bool:
        with environment.database.write() as tx:
            sessions.update(tx, id, is_ingested=is_ingested)
            for number in range(pending):
                chunks.add(tx, id, number, start_seconds=number, end_seconds=number + 1.0, speech_seconds=1.0)
        return are_last_chunks(environment.parts, id)

    assert not state(is_ingested=False, pending=2)
    assert state(is_ingested=True, pending=4)
    assert not state(is_ingested=True, pending=5)
    assert not are_last_chunks(environment.parts, "gone")


def _intervals() -> list[float]:
    found = [DBOS.retrieve_queue(queue.name) for queue in QUEUES]
    return [queue.polling_interval_sec for queue in found if queue is not None]
