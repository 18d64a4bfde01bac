"""Who is alive: every worker beats a lease row on the database's clock, and takes over from the dead.

The workflow engine has no liveness of its own: jobs of a killed worker would hang for ever. One thread
only beats; another judges, and judges nobody while its own lease is stale. Executor ids are never used
twice. In embedded mode a lock on a file proves that every other id is dead.
"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import uuid
from pathlib import Path
from typing import IO, Any

from dayline.clock import monotonic_seconds
from dayline.db.database import Database
from dayline.domain.errors import Unavailable
from dayline.logs import get_log
from dayline.workflows.lease_repository import beat, dead_executors, release

log = get_log(__name__)

LEASE_SECONDS = 45.0


def new_executor_id() -> str:
    """Return an id that no worker had before and none will have again."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def take_single_node_lock(path: Path, *, wait_seconds: float = 15.0) -> IO[str]:
    """Lock the data folder for one worker; the kernel frees it however the worker ends. Raises Unavailable."""
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
                    f"Another worker uses {path.parent}. Stop it, or give this one its own DAYLINE_DATA_FOLDER."
                ) from error
            pause.wait(0.2)


class Lease:
    """Keeps this worker's lease fresh and hands the jobs of dead workers to the living."""

    def __init__(
        self,
        database: Database,
        executor_id: str,
        *,
        recover: Any,
        is_single_node: bool,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._database, self._executor_id, self._recover = database, executor_id, recover
        self._lease_seconds = lease_seconds
        self._is_single_node = is_single_node
        self._halt = threading.Event()
        self._last_beat_seconds = 0.0
        self._tick_seconds = min(10.0, lease_seconds / 4)
        self.beat()

    def beat(self) -> None:
        """Write the lease row. Called before the engine is launched: no work is owned without a lease."""
        began = monotonic_seconds()
        with self._database.write() as tx:
            beat(tx, self._executor_id)
        self._last_beat_seconds = began

    def start(self) -> None:
        """Start beating and judging."""
        for target in (self._keep_beating, self._keep_judging):
            threading.Thread(target=target, daemon=True, name=target.__name__).start()

    def stop(self) -> None:
        """Last act of a graceful stop: delete the lease, so that others take over at once."""
        self._halt.set()
        with self._database.write() as tx:
            release(tx, self._executor_id)

    def _keep_beating(self) -> None:
        while not self._halt.wait(self._tick_seconds / 2):
            try:
                self.beat()
            except Unavailable as error:
                log.warning("lease_not_renewed", error=type(error).__name__)

    def _keep_judging(self) -> None:
        while True:
            if monotonic_seconds() - self._last_beat_seconds < self._lease_seconds / 2:
                self._judge_once()
            if self._halt.wait(self._tick_seconds):
                return

    def _judge_once(self) -> None:
        try:
            with self._database.read() as tx:
                dead = dead_executors(tx, self._executor_id, self._lease_seconds, all_others=self._is_single_node)
            if dead:
                count = len(self._recover(dead))
                log.info("jobs_taken_over", jobs=count, from_executors=dead)
        except Exception as error:  # noqa: BLE001 - the judge must outlive any trouble of the database
            log.warning("takeover_failed", error=f"{type(error).__name__}: {error}")
