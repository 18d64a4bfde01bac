"""Polling interval of queues: one second while there is work, longer after minutes without any.

The interval of a queue is a row of the workflow engine, which every worker reads before each poll. All workers decide
by the same query, so that the last writer is right within seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from dayline.clock import monotonic_seconds
from dayline.db.database import Database
from dayline.logs import get_log
from dayline.workflows import queue_repository as queues

log = get_log(__name__)

IDLE_AFTER_SECONDS = 300.0
IDLE_POLL_SECONDS = 6.0
_LOOK_SECONDS = 10.0


class PollingPace:
    """A thread of every worker that sets the interval of the queues.

    set_interval: writes the interval of every queue in seconds, None for each queue's own.
    idle_after_seconds: how long there must have been no job before queues are polled seldom.
    """

    def __init__(
        self,
        database: Database,
        set_interval: Callable[[float | None], None],
        *,
        idle_after_seconds: float = IDLE_AFTER_SECONDS,
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        self._database, self._set_interval = database, set_interval
        self._idle_after_seconds, self._look_seconds = idle_after_seconds, look_seconds
        self._halt, self._wake = threading.Event(), threading.Event()
        self._worked_at_seconds = monotonic_seconds()
        self._is_idle = False

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._keep_looking, daemon=True, name="polling-pace").start()

    def stop(self) -> None:
        """Stop the thread. The interval stays; the next worker writes it when it starts."""
        self._halt.set()
        self._wake.set()

    def job_began(self) -> None:
        """Note that a job began: the interval is one second again."""
        if self._is_idle:
            self._wake.set()

    def look_once(self) -> None:
        """Check whether jobs wait or run, and set the interval when it has to change."""
        with self._database.read() as tx:
            has_jobs = queues.any_live_job(tx)
        if has_jobs:
            self._worked_at_seconds = monotonic_seconds()
        is_idle = monotonic_seconds() - self._worked_at_seconds >= self._idle_after_seconds
        if is_idle != self._is_idle:
            self._set_interval(IDLE_POLL_SECONDS if is_idle else None)
            self._is_idle = is_idle

    def _keep_looking(self) -> None:
        while not self._halt.is_set():
            self._wake.wait(self._look_seconds)
            self._wake.clear()
            try:
                self.look_once()
            except Exception as error:  # noqa: BLE001 - it must outlive any trouble of the database
                log.warning("polling_pace_not_set", error=type(error).__name__)
