"""Liveness of workers: a heartbeat renews this worker's lease, a reaper takes over the jobs of dead workers.

The workflow engine does not detect dead workers: their jobs would hang for ever. One thread only renews the
lease row, on the database's clock; another recovers the jobs of expired executors, and none while its own lease is
stale. Executor ids are never used twice. In embedded mode a lock on a file proves that every other executor is dead.
"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import uuid
from pathlib import Path
from typing import IO

from dayline.clock import monotonic_seconds
from dayline.db.database import Database
from dayline.domain.errors import DatabaseUnavailable, Unavailable
from dayline.logs import get_log
from dayline.workflows import counters
from dayline.workflows.job_queue import JobQueue
from dayline.workflows.lease_repository import beat, dead_executors, release, try_reaper_lock

log = get_log(__name__)

LEASE_SECONDS = 45.0


def new_executor_id() -> str:
    """Return an id of this process that is never reused."""
    return f"{executor_prefix(os.getpid())}{uuid.uuid4().hex[:8]}"


def executor_prefix(pid: int) -> str:
    """Return how the ids of a process of this machine begin."""
    return f"{socket.gethostname()}-{pid}-"


def take_single_node_lock(path: Path, *, holder: str = "worker", wait_seconds: float = 15.0) -> IO[str]:
    """Lock the data folder for one process of a kind, until that process ends. Raises Unavailable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("w")
    give_up = monotonic_seconds() + wait_seconds
    pause = threading.Event()
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except OSError as error:
            if monotonic_seconds() > give_up:
                file.close()
                raise Unavailable(
                    f"Another {holder} uses {path.parent}. Stop it, or give this one its own DAYLINE_DATA_FOLDER."
                ) from error
            pause.wait(0.2)


class Heartbeat:
    """Keeps this worker's lease fresh and hands the jobs of dead workers to living ones.

    lease_seconds: how long a worker may be silent before its jobs are taken over.
    is_single_node: True when no other worker can be alive.
    """

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        executor_id: str,
        *,
        is_single_node: bool,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._database, self._jobs, self._executor_id = database, jobs, executor_id
        self._lease_seconds = lease_seconds
        self._is_single_node = is_single_node
        self._halt = threading.Event()
        self._last_beat_seconds: float | None = None
        self._tick_seconds = min(10.0, lease_seconds / 4)

    def beat(self) -> None:
        """Write the lease row. Called before the engine is launched: no job is held without a lease."""
        began = monotonic_seconds()
        with self._database.write() as tx:
            beat(tx, self._executor_id)
        self._last_beat_seconds = began

    def start(self) -> None:
        """Start both threads."""
        for target in (self._keep_beating, self._keep_reaping):
            threading.Thread(target=target, daemon=True, name=target.__name__).start()

    def stop(self) -> None:
        """Delete the lease, so that others take over at once. Last step of a graceful stop."""
        self._halt.set()
        try:
            with self._database.write() as tx:
                release(tx, self._executor_id)
        except DatabaseUnavailable as error:
            log.warning("lease_not_deleted", error=error.message)

    def reap_once(self) -> int:
        """Queue the jobs of dead executors again. Returns how many."""
        dead = self._dead()
        if self._database.is_sqlite or not dead:
            return self._take_over(dead)
        with self._database.write() as tx:
            # One reaper at a time: of two, the second could queue a job again that a living worker has just taken.
            return self._take_over(self._dead()) if try_reaper_lock(tx) else 0

    def _dead(self) -> list[str]:
        with self._database.read() as tx:
            return dead_executors(tx, self._executor_id, self._lease_seconds, all_others=self._is_single_node)

    def _take_over(self, dead: list[str]) -> int:
        count = self._jobs.queue_again_from(dead) if dead else 0
        if dead:
            counters.count(counters.TAKEN_OVER, count)
            log.info("jobs_taken_over", jobs=count, from_executors=dead)
        return count

    def _keep_beating(self) -> None:
        while not self._halt.wait(self._tick_seconds / 2):
            try:
                self.beat()
            except Exception as error:  # noqa: BLE001 - without a lease this worker's jobs are taken from it
                log.warning("lease_not_renewed", error=type(error).__name__)

    def _keep_reaping(self) -> None:
        while True:
            last = self._last_beat_seconds
            if last is not None and monotonic_seconds() - last < self._lease_seconds / 2:
                try:
                    self.reap_once()
                except Exception as error:  # noqa: BLE001 - the reaper must outlive any trouble of the database
                    log.warning("takeover_failed", error=f"{type(error).__name__}: {error}")
            if self._halt.wait(self._tick_seconds):
                return
