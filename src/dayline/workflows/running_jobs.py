"""The jobs that threads of this process are running, by id."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager


class RunningJobs:
    """A thread-safe set of job ids, and which of them only wait for a message."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._waiting: set[str] = set()

    @contextmanager
    def entered(self, job_id: str) -> Generator[None]:
        """Count the job as running. The same job may run twice while an execution that lost it still ends."""
        with self._lock:
            self._counts[job_id] = self._counts.get(job_id, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._counts[job_id] -= 1
                if not self._counts[job_id]:
                    del self._counts[job_id]

    @contextmanager
    def waiting(self, job_id: str) -> Generator[None]:
        """Mark the job as waiting for a message."""
        with self._lock:
            self._waiting.add(job_id)
        try:
            yield
        finally:
            with self._lock:
                self._waiting.discard(job_id)

    def ids(self) -> set[str]:
        """Return the ids of all running jobs."""
        with self._lock:
            return set(self._counts)

    def waiting_ids(self) -> list[str]:
        """Return the ids of the jobs that wait for a message."""
        with self._lock:
            return sorted(self._waiting)
