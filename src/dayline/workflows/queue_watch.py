"""What waits for a worker, looked at seldom: only when the database can have changed.

SQLite counts its commits, so a worker looks at the count five times a second, more often while a day's conversations
are being analysed, and at the queues when it has changed. On PostgreSQL the queues themselves are looked at, by one
query: once a second, more often while a day's conversations are being analysed, and seldom after minutes without any
job.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from enum import Enum

from dayline.clock import monotonic_seconds
from dayline.db.database import Database
from dayline.workflows import queue_repository as queues
from dayline.workflows.queue_repository import NO_WORK

IDLE_AFTER_SECONDS = 300.0
_BRISK_SECONDS = 20.0
"""How long analyses are looked for briskly after they were expected, or one has begun."""
_AT_LEAST_EVERY_SECONDS = 5.0
"""How often the queues are looked at although the count of commits stands still: a safety net."""


class Pace(Enum):
    """How often work is looked for. The value is the time between two queries of a server, in seconds.

    IDLE: nothing has happened for minutes.
    BRISK: analyses are expected: many jobs of tenths of a second each.
    """

    IDLE = 6.0
    USUAL = 1.0
    BRISK = 0.2


_TICK_SECONDS = {Pace.IDLE: 1.0, Pace.USUAL: 0.2, Pace.BRISK: 0.05}
"""How often the count of commits is looked at. Analyses take tenths of a second, and five of a day run at once: looked
for five times a second, they leave the cores idle in between."""


class QueueWatch:
    """Knows which queues have jobs for a worker.

    idle_after_seconds: how long there must have been no job before work is looked for seldom.
    brisk_seconds: how long analyses are looked for briskly after the last sign of them.
    """

    def __init__(
        self,
        database: Database,
        *,
        idle_after_seconds: float = IDLE_AFTER_SECONDS,
        brisk_seconds: float = _BRISK_SECONDS,
    ) -> None:
        self._database, self._changes = database, database.watch_changes()
        self._idle_after_seconds, self._brisk_seconds = idle_after_seconds, brisk_seconds
        self._wake = threading.Event()
        self._worked_at_seconds = monotonic_seconds()
        self._analyses_at_seconds: float | None = None
        self._is_stale = True
        self._query_at_seconds = 0.0
        self.work = NO_WORK
        """What was found at the last look."""
        self.pace = Pace.USUAL

    def job_began(self, name: str) -> None:
        """Note that a job began, which ends idleness; analyses are looked for briskly while they begin."""
        if name == "analysis" and self._analyses_at_seconds is not None:
            self._analyses_at_seconds = monotonic_seconds()
        if self.pace is Pace.IDLE:
            self.wake()

    def expect_analyses(self) -> None:
        """Note that analyses will be queued before long."""
        self._analyses_at_seconds = monotonic_seconds()
        if self.pace is not Pace.BRISK:
            self.wake()

    def wake(self) -> None:
        """Look at once."""
        self._is_stale = True
        self._wake.set()

    def pause(self) -> None:
        """Wait until the next look."""
        self._wake.wait(_TICK_SECONDS[self.pace])
        self._wake.clear()

    def look(self, listening: Sequence[str] = ()) -> bool:
        """Query what waits, if that can have changed or it is time. Return whether it was queried.

        listening: ids of jobs that wait for a message.
        """
        now = monotonic_seconds()
        if self._changes.counts and self._changes.has_changed():
            self._is_stale = True
        if not self._is_stale and now < self._query_at_seconds:
            return False
        if self._changes.counts:
            self.work = queues.work_by_driver(self._changes.rows, listening)
        else:
            with self._database.read() as tx:
                self.work = queues.work(tx, listening)
        self._is_stale = False
        self.pace = self._pace_at(now)
        self._query_at_seconds = now + (_AT_LEAST_EVERY_SECONDS if self._changes.counts else self.pace.value)
        return True

    def _pace_at(self, now: float) -> Pace:
        if self.work.has_jobs:
            self._worked_at_seconds = now
        if self._analyses_at_seconds is not None and now - self._analyses_at_seconds < self._brisk_seconds:
            return Pace.BRISK
        self._analyses_at_seconds = None
        return Pace.IDLE if now - self._worked_at_seconds >= self._idle_after_seconds else Pace.USUAL
