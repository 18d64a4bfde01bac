"""Polling interval of queues: one second while there is work, longer after minutes without any, shorter for analyses.

The interval of a queue is a row of the workflow engine, which every worker reads before each poll. All workers decide
by the same query, so that the last writer is right within seconds.

The conversations of a long day are claimed five at a time, each of which takes tenths of a second to score. So the
queue of analyses is polled more often from the last chunks of a day on, until none of them has begun for a while. That
is early because the engine comes to a shorter interval in steps of a tenth: from 1 s to .2 s in eight seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum

from dayline.clock import monotonic_seconds
from dayline.db.database import Database
from dayline.logs import get_log
from dayline.workflows import queue_repository as queues

log = get_log(__name__)

IDLE_AFTER_SECONDS = 300.0
_LOOK_SECONDS = 10.0
_BRISK_SECONDS = 20.0
"""How long analyses are polled for briskly after they were expected, or one has begun."""


class Pace(Enum):
    """How often queues are polled.

    IDLE: seldom, nothing has happened for minutes.
    USUAL: every queue at its own interval.
    BRISK: queues that have one at their short interval, the others at their own.
    """

    IDLE = "idle"
    USUAL = "usual"
    BRISK = "brisk"


class PollingPace:
    """A thread of every worker that sets the interval of the queues.

    set_pace: writes the interval of every queue.
    idle_after_seconds: how long there must have been no job before queues are polled seldom.
    brisk_seconds: how long analyses are polled for briskly after the last sign of them.
    """

    def __init__(
        self,
        database: Database,
        set_pace: Callable[[Pace], None],
        *,
        idle_after_seconds: float = IDLE_AFTER_SECONDS,
        look_seconds: float = _LOOK_SECONDS,
        brisk_seconds: float = _BRISK_SECONDS,
    ) -> None:
        self._database, self._set_pace = database, set_pace
        self._idle_after_seconds, self._look_seconds = idle_after_seconds, look_seconds
        self._brisk_seconds = brisk_seconds
        self._halt, self._wake = threading.Event(), threading.Event()
        self._worked_at_seconds = monotonic_seconds()
        self._analyses_at_seconds: float | None = None
        self._pace = Pace.USUAL

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._keep_looking, daemon=True, name="polling-pace").start()

    def stop(self) -> None:
        """Stop the thread. The interval stays; the next worker writes it when it starts."""
        self._halt.set()
        self._wake.set()

    def job_began(self, name: str) -> None:
        """Note that a job began: the interval is one second again, and stays short while analyses begin."""
        if name == "analysis" and self._analyses_at_seconds is not None:
            self._analyses_at_seconds = monotonic_seconds()
        if self._pace is Pace.IDLE:
            self._wake.set()

    def expect_analyses(self) -> None:
        """Note that analyses will be queued before long."""
        self._analyses_at_seconds = monotonic_seconds()
        if self._pace is not Pace.BRISK:
            self._wake.set()

    def look_once(self) -> None:
        """Check whether jobs wait or run, and set the interval when it has to change."""
        with self._database.read() as tx:
            has_jobs = queues.any_live_job(tx)
        now = monotonic_seconds()
        if has_jobs:
            self._worked_at_seconds = now
        pace = Pace.USUAL
        if self._analyses_at_seconds is not None and now - self._analyses_at_seconds < self._brisk_seconds:
            pace = Pace.BRISK
        else:
            self._analyses_at_seconds = None
            if now - self._worked_at_seconds >= self._idle_after_seconds:
                pace = Pace.IDLE
        if pace is not self._pace:
            self._set_pace(pace)
            self._pace = pace

    def _keep_looking(self) -> None:
        while not self._halt.is_set():
            self._wake.wait(self._look_seconds)
            self._wake.clear()
            try:
                self.look_once()
            except Exception as error:  # noqa: BLE001 - it must outlive any trouble of the database
                log.warning("polling_pace_not_set", error=type(error).__name__)
