"""Queues are polled rarely while they are empty, and every second as soon as there are jobs."""

from __future__ import annotations

import threading
from typing import Any

from dayline.workflows.engine import Worker
from dayline.workflows.polling_pace import IDLE_POLL_SECONDS, PollingPace


def test_the_interval_grows_without_jobs_and_shrinks_with_one(environment: Any) -> None:
    written: list[float | None] = []
    pace = PollingPace(environment.database, written.append, idle_after_seconds=0.0)

    pace.look_once()
    pace.look_once()
    assert written == [IDLE_POLL_SECONDS]

    environment.submit("mock://single-call")
    busy = PollingPace(environment.database, written.append, idle_after_seconds=3600.0)
    busy.look_once()
    assert written == [IDLE_POLL_SECONDS]
    pace._idle_after_seconds = 3600.0
    pace.look_once()
    assert written == [IDLE_POLL_SECONDS, None]


def test_a_worker_sets_the_interval_on_every_database(any_environment: Any) -> None:
    parts = any_environment.parts
    worker = Worker(
        parts.database, parts.jobs, executor_id="pace-1", recognisers=1, is_single_node=True, stopping=threading.Event()
    )
    worker.start()
    try:
        assert "polling-pace" in {thread.name for thread in threading.enumerate()}
    finally:
        worker.stop(drain_seconds=0)
