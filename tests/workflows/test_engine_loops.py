"""The engine's jobs begin, are told, and come back after a delay, without the engine polling by the clock."""

from __future__ import annotations

import importlib
import importlib.metadata
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from dayline.workflows.engine import Worker
from dayline.workflows.engine_loops import _Gate
from dayline.workflows.job_queue import CHUNKS, Queue


class _Jobs:
    """A worker whose jobs note when they ran and go on when they may."""

    def __init__(self, environment: Any, *, recognisers: int = 2) -> None:
        parts = environment.parts
        self.database, self.queue = parts.database, parts.jobs
        self.worker = Worker(
            parts.database,
            parts.jobs,
            executor_id=f"loops-{time.monotonic_ns()}",
            recognisers=recognisers,
            is_single_node=True,
            stopping=threading.Event(),
        )
        self.began: list[tuple[str, float]] = []
        self.may_end = threading.Event()
        self.received = threading.Event()
        for name in ("day", "chunk", "analysis", "call"):
            self.worker.add_job(name, self._body(name))

    def _body(self, name: str) -> Callable[..., None]:
        def run(what: str) -> None:
            self.began.append((what, time.monotonic()))
            if name == "day":
                self.worker.wait_for("news", seconds=60.0)
                self.received.set()
            elif name == "chunk":
                self.may_end.wait(30.0)

        return run

    def put(self, job: str, what: str, **options: Any) -> float:
        """Queue a job and return when."""
        with self.database.write() as tx:
            self.queue.enqueue(tx, job, what, id=f"{job}:{what}", partition=None if job == "chunk" else "p", **options)
        return time.monotonic()

    def names(self) -> list[str]:
        return [what for what, _ in self.began]

    def wait_until(self, seconds: float, is_true: Callable[[], bool]) -> bool:
        end = time.monotonic() + seconds
        while not is_true() and time.monotonic() < end:
            time.sleep(0.02)
        return is_true()


@pytest.fixture
def jobs(any_environment: Any) -> Iterator[_Jobs]:
    made = _Jobs(any_environment)
    made.worker.start()
    yield made
    made.may_end.set()
    made.worker.stop(drain_seconds=0)


def test_the_loops_are_written_for_this_version_of_the_engine() -> None:
    """A new version needs a look at `dbos._queue.queue_worker_thread` and at what `engine_loops` uses."""
    assert importlib.metadata.version("dbos") == "3.4.0"


def test_jobs_of_every_queue_begin(jobs: _Jobs) -> None:
    jobs.may_end.set()
    for job in ("chunk", "analysis", "day"):
        jobs.put(job, job)
        assert jobs.wait_until(10.0, lambda job=job: job in jobs.names())


def test_a_worker_holds_a_chunk_more_than_it_recognises_and_takes_the_next_one_when_one_ends(jobs: _Jobs) -> None:
    for number in range(4):
        jobs.put("chunk", f"c{number}")
    assert jobs.wait_until(10.0, lambda: len(jobs.began) == 3)
    time.sleep(1.5)
    assert len(jobs.began) == 3
    jobs.may_end.set()
    assert jobs.wait_until(10.0, lambda: len(jobs.began) == 4)


def test_a_message_wakes_a_waiting_job(jobs: _Jobs) -> None:
    jobs.put("day", "d")
    assert jobs.wait_until(10.0, lambda: jobs.worker.running.waiting_ids() == ["day:d"])
    time.sleep(0.5)  # it has asked for messages, and there is none
    assert not jobs.received.is_set()
    with jobs.database.write() as tx:
        jobs.queue.notify(tx, "day:d", "news", once="x")
    # The engine by itself would ask again after five seconds.
    assert jobs.received.wait(4.0)


def test_a_delayed_job_begins_when_it_is_due(jobs: _Jobs) -> None:
    jobs.may_end.set()
    at = jobs.put("chunk", "late", delay_seconds=3.0)
    assert jobs.wait_until(15.0, lambda: "late" in jobs.names())
    assert jobs.began[0][1] - at >= 2.9


def test_nothing_is_claimed_by_a_worker_that_stops(any_environment: Any) -> None:
    jobs = _Jobs(any_environment)
    jobs.worker.start()
    jobs.worker.stop(drain_seconds=0)
    jobs.put("chunk", "after")
    time.sleep(1.0)
    assert jobs.began == []
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("queue-worker-")]


def test_the_engine_gets_its_own_loops_back(environment: Any) -> None:
    engine = importlib.import_module("dbos._dbos")
    before = engine.queue_thread, engine.background_jobs_thread
    jobs = _Jobs(environment)
    jobs.worker.start()
    jobs.worker.stop(drain_seconds=0)
    assert (engine.queue_thread, engine.background_jobs_thread) == before


def _gate(queue: Queue) -> tuple[Any, threading.Event, threading.Event]:
    stop, passed = threading.Event(), threading.Event()
    return _Gate(stop, queue), stop, passed


def test_a_queue_is_asked_when_its_gate_opens_and_later_after_contention() -> None:
    """The engine waits longer than its interval when another worker has taken what it wanted to take."""
    gate, _, passed = _gate(replace(CHUNKS, poll_seconds=0.1, again_seconds=0.0))
    began = time.monotonic()
    gate.open()
    assert not gate.wait(0.1)
    assert time.monotonic() - began < 0.1
    threading.Thread(target=lambda: (gate.wait(0.1), passed.set()), daemon=True).start()
    assert not passed.wait(0.5)  # its interval is over, and there is nothing to take
    gate.open()
    assert passed.wait(5.0)
    gate.open()
    began = time.monotonic()
    gate.wait(0.4)
    assert time.monotonic() - began >= 0.4


def test_what_could_not_begin_is_asked_for_again_after_a_while_only() -> None:
    gate, _, passed = _gate(replace(CHUNKS, again_seconds=0.4))
    gate.open()
    gate.wait(1.0)
    threading.Thread(target=lambda: (gate.wait(1.0), passed.set()), daemon=True).start()
    gate.open()
    assert not passed.wait(0.1)
    time.sleep(0.4)
    gate.open()
    assert passed.wait(5.0)


def test_after_a_change_jobs_are_asked_for_again_sooner() -> None:
    gate, _, passed = _gate(replace(CHUNKS, again_seconds=30.0, after_change_seconds=0.2))
    gate.open()
    gate.wait(1.0)
    threading.Thread(target=lambda: (gate.wait(1.0), passed.set()), daemon=True).start()
    gate.open(has_changed=True)  # too early, and not forgotten
    assert not passed.wait(0.1)
    time.sleep(0.2)
    gate.open()
    assert passed.wait(5.0)
    threading.Thread(target=lambda: (gate.wait(1.0), passed.set()), daemon=True).start()
    passed.clear()
    time.sleep(0.3)
    gate.open()
    assert not passed.wait(0.1)
    gate.end()


def test_a_worker_without_jobs_stops_at_once(any_environment: Any) -> None:
    """The engine itself looks after a second whether jobs still run."""
    jobs = _Jobs(any_environment)
    jobs.worker.start()
    jobs.put("analysis", "short")
    assert jobs.wait_until(10.0, lambda: jobs.names() == ["short"])
    began = time.monotonic()
    jobs.worker.stop(drain_seconds=10)
    assert time.monotonic() - began < 0.9
    assert any_environment.jobs_named("analysis") == [("analysis:short", "SUCCESS")]


def test_a_job_that_waits_for_a_message_does_not_hold_up_a_stop(any_environment: Any) -> None:
    jobs = _Jobs(any_environment)
    jobs.worker.start()
    jobs.put("day", "waits")
    assert jobs.wait_until(10.0, lambda: bool(jobs.worker.running.waiting_ids()))
    time.sleep(0.5)  # it has begun to listen
    began = time.monotonic()
    jobs.worker.stop(drain_seconds=10)
    assert time.monotonic() - began < 2.5
    assert not jobs.received.is_set()
    assert any_environment.jobs_named("day") == [("day:waits", "PENDING")]  # another worker goes on with it


def test_a_stop_waits_for_the_jobs_that_run(any_environment: Any) -> None:
    jobs = _Jobs(any_environment)
    jobs.worker.start()
    jobs.put("chunk", "long")
    assert jobs.wait_until(10.0, lambda: jobs.names() == ["long"])
    threading.Timer(1.0, jobs.may_end.set).start()
    jobs.worker.stop(drain_seconds=20)
    assert jobs.may_end.is_set()
    assert not jobs.worker.running.ids()


def test_the_loop_of_a_queue_ends_at_once() -> None:
    gate, stop, _ = _gate(CHUNKS)
    stop.set()
    gate.end()
    assert gate.wait(1.0)
    assert gate.is_set()
