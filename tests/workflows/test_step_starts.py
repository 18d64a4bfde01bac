"""A step that ends its worker every time is given up; what runs beside it, and what somebody kills, is not."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import Any

import pytest

from dayline.sessions import chunks_repository as chunks
from dayline.workflows import step_start_repository as starts
from dayline.workflows.retry import WorkerStopping
from dayline.workflows.step_runner import session_step
from dayline.workflows.step_starts import (
    GIVEN_UP_AFTER,
    SUSPECT_AFTER,
    WorkerCrashed,
    counted_start,
    delete_counts_of,
)
from dayline.workflows.steps import transcribe

_open: list[AbstractContextManager[None]] = []
"""Steps of the present worker that have begun."""


def _new_worker(environment: Any, number: int = 0) -> None:
    """Go on as a worker process that knows only what is in the database: the steps of the last one have not ended."""
    environment.parts.stopping.set()
    while _open:
        _open.pop().__exit__(None, None, None)
    environment.change(executor_id=f"machine-{number}-x", one_suspect=threading.Lock(), stopping=threading.Event())


def _begin(environment: Any, *step: Any) -> None:
    block = counted_start(environment.parts, *step)
    block.__enter__()
    _open.append(block)


def _end_workers_with(environment: Any, times: int, *step: Any) -> None:
    for number in range(times):
        _new_worker(environment, number)
        _begin(environment, *step)
    _new_worker(environment)


def test_a_step_that_ends_its_worker_every_time_is_given_up(any_environment: Any) -> None:
    environment = any_environment
    _end_workers_with(environment, SUSPECT_AFTER + GIVEN_UP_AFTER, "ingest", "a", 1)
    with pytest.raises(WorkerCrashed, match="8 times"), counted_start(environment.parts, "ingest", "a", 1):
        pytest.fail("it runs again")
    with counted_start(environment.parts, "ingest", "b", 1), counted_start(environment.parts, "ingest", "a", 2):
        pass  # another session, another run


def test_a_step_that_ends_once_counts_anew(any_environment: Any) -> None:
    environment = any_environment
    for _ in range(3):
        _end_workers_with(environment, SUSPECT_AFTER + GIVEN_UP_AFTER - 1, "ingest", "a", 1)
        with pytest.raises(KeyError), counted_start(environment.parts, "ingest", "a", 1):
            raise KeyError  # a failure is an end, too


def test_a_step_is_not_given_up_for_what_ran_beside_it(environment: Any) -> None:
    for number in range(SUSPECT_AFTER):
        _new_worker(environment, number)
        _begin(environment, "ingest", "cause", 1)
        _begin(environment, "ingest", "neighbour", 1)
    for number in range(GIVEN_UP_AFTER):
        _new_worker(environment, number)
        _begin(environment, "ingest", "cause", 1)
        waits: list[BaseException] = []

        def neighbour(waits: list[BaseException] = waits) -> None:
            try:
                _begin(environment, "ingest", "neighbour", 1)
            except WorkerStopping as stopping:
                waits.append(stopping)

        thread = threading.Thread(target=neighbour)
        thread.start()
        environment.parts.stopping.set()
        thread.join(60)
        assert len(waits) == 1
    _new_worker(environment)
    with pytest.raises(WorkerCrashed), counted_start(environment.parts, "ingest", "cause", 1):
        pass
    with counted_start(environment.parts, "ingest", "neighbour", 1):
        pass


def test_workers_that_were_stopped_or_killed_by_somebody_do_not_count(any_environment: Any) -> None:
    environment = any_environment
    for number in range(3 * (SUSPECT_AFTER + GIVEN_UP_AFTER)):
        _new_worker(environment, number)
        _begin(environment, "ingest", "a", 1)
        _begin(environment, "ingest", "b", 1)
        delete_counts_of(environment.parts, f"machine-{number}-")
    with environment.database.write() as tx:
        assert starts.begin(tx, "ingest:a:1", "z") == (0, 0)


def test_the_counts_of_other_workers_stay(any_environment: Any) -> None:
    environment = any_environment
    with environment.database.write() as tx:
        for executor in ("machine-1-x", "machine-11-x", "machine_1-x"):
            starts.begin(tx, executor, executor)
        starts.end_all_of(tx, "machine-1-")
        left = [starts.begin(tx, name, "z").starts for name in ("machine-1-x", "machine-11-x", "machine_1-x")]
    assert left == [0, 1, 1]


def test_a_day_and_a_chunk_that_are_given_up_say_so(environment: Any) -> None:
    id = environment.submit("mock://no-conversation")
    ran: list[str] = []

    def detect(_context: Any, session_id: str, _run: int) -> None:
        ran.append(session_id)

    _end_workers_with(environment, SUSPECT_AFTER + GIVEN_UP_AFTER, "detect", id, 1)
    failure = session_step(detect, environment.parts)(id, 1)
    assert failure is not None
    assert (failure["code"], failure.get("kind")) == ("worker_crashed", "permanent")
    assert ran == []

    with environment.database.write() as tx:
        chunks.add(tx, id, 0, start_seconds=0.0, end_seconds=1.0, speech_seconds=1.0)
    _end_workers_with(environment, SUSPECT_AFTER + GIVEN_UP_AFTER, "transcribe_chunk", id, 1, 0)
    transcribe.transcribe_chunk(environment.parts, id, 1, 0, 1)
    with environment.database.read() as tx:
        chunk = chunks.get(tx, id, 0)
    assert chunk is not None
    assert chunk.notes is not None
    assert (chunk.status, chunk.notes.get("code")) == ("failed", "worker_crashed")
