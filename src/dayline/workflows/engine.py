"""Adapter to the workflow engine (DBOS Transact): registers jobs and steps, runs them, stops them.

Rules from measurements: the application version is pinned, every job and step has an explicit name, checkpoints
hold ids and small facts as portable JSON, steps return failures instead of raising them.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from dbos import error as dbos_error

from dayline.clock import monotonic_seconds
from dayline.db.database import Database
from dayline.domain.errors import DatabaseUnavailable
from dayline.logs import get_log
from dayline.workflows.engine_loops import EngineLoops
from dayline.workflows.heartbeat import LEASE_SECONDS, Heartbeat
from dayline.workflows.job_queue import APPLICATION, JOBS, QUEUES, JobQueue
from dayline.workflows.queue_watch import QueueWatch
from dayline.workflows.retry import WorkerStopping
from dayline.workflows.running_jobs import RunningJobs

log = get_log(__name__)

_NOTIFICATION_SECONDS = 5.0
"""How often the engine asks SQLite for messages to waiting jobs, should `EngineLoops` have missed one."""
_CHUNKS_AHEAD = 1
"""Chunks that a worker holds beyond those it recognises, so that a recogniser goes on at once while the voices of its
last chunk are measured and its words stored."""
_LET_GO_SECONDS = 3.0
"""How long a stop waits, after the drain, for steps to notice that they have to end."""


class Worker:
    """Runs jobs of this database in threads of this process until it is stopped.

    executor_id: under which id it holds jobs, never used before.
    stopping: set when running steps have to end without an outcome.
    """

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        *,
        executor_id: str,
        recognisers: int,
        is_single_node: bool,
        lease_seconds: float = LEASE_SECONDS,
        stopping: threading.Event,
    ) -> None:
        self._database, self._recognisers = database, recognisers
        self._at_once = {queue: queue.per_worker or recognisers + _CHUNKS_AHEAD for queue in QUEUES}
        self._stopping, self._draining = stopping, threading.Event()
        self.executor_id = executor_id
        self.running = RunningJobs()
        self._heartbeat = Heartbeat(
            database, jobs, self.executor_id, is_single_node=is_single_node, lease_seconds=lease_seconds
        )
        self._watch = QueueWatch(database)
        self._loops = EngineLoops(
            self._watch,
            self._at_once,
            # PostgreSQL tells the engine of messages by itself.
            self.running.waiting_ids if database.is_sqlite else list,
        )
        DBOS.destroy(destroy_registry=True)
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": "1",
            "executor_id": self.executor_id,
            "system_database_engine": database.engine,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": _NOTIFICATION_SECONDS,
        }
        DBOS(config=config)

    def add_job(self, name: str, body: Callable[..., None]) -> None:
        """Make `body` the job of that name. Call before `start`."""
        if name not in JOBS:
            raise ValueError(f"unknown job {name!r}")

        @functools.wraps(body)
        def job(*arguments: Any) -> None:
            with self.running.entered(str(DBOS.workflow_id)):
                self._watch.job_began(name)
                self._leave_when_draining()
                body(*arguments)

        DBOS.workflow(name=name)(job)

    def step(self, name: str, body: Callable[..., Any]) -> Callable[..., Any]:
        """Return `body` as a step: its result is recorded, so that a recovered job does not run it again."""

        @functools.wraps(body)
        def step(*arguments: Any) -> Any:
            self._leave_when_draining()
            return body(*arguments)

        return DBOS.step(name=name)(step)

    def wait_for(self, topic: str, *, seconds: float) -> None:
        """Inside a job: sleep until a message for `topic` comes, or `seconds` are over."""
        with self.running.waiting(str(DBOS.workflow_id)):
            DBOS.recv(topic, timeout_seconds=seconds)
        self._leave_when_draining()

    def expect_analyses(self) -> None:
        """Look for analyses more often than usual, because some will be queued before long."""
        self._watch.expect_analyses()

    def start(self) -> None:
        """Take the lease, launch the engine, open the queues, begin to take over from dead workers."""
        self._heartbeat.beat()
        self._loops.install()
        DBOS.launch()
        self._loops.remove()
        for queue in QUEUES:
            DBOS.register_queue(
                queue.name,
                worker_concurrency=self._at_once[queue],
                partition_concurrency=queue.per_partition,
                polling_interval_sec=queue.poll_seconds,
            )
        self._loops.open_queues()
        self._heartbeat.start()
        log.info("worker_ready", executor_id=self.executor_id, recognisers=self._recognisers)

    def stop(self, *, drain_seconds: float = 10.0) -> None:
        """Stop taking jobs, let running steps end within `drain_seconds`, give the lease back.

        A job that is not finished by then ends without an outcome and is taken over by another worker, or by the next
        start.
        """
        began = monotonic_seconds()
        self._loops.halt()
        self._draining.set()
        waiting = self.running.waiting_ids()
        for job_id in waiting:
            self._wake(job_id)
        if waiting and self._database.is_sqlite:
            self._loops.tell(waiting)
        timer = threading.Timer(drain_seconds, self._stopping.set)
        timer.daemon = True
        timer.start()
        try:
            is_idle = self._loops.wait_until_idle(drain_seconds + _LET_GO_SECONDS)
            if self._database.is_sqlite:
                self._loops.leave_listener()
            DBOS.destroy(workflow_completion_timeout_sec=0 if is_idle else 1)
        except dbos_error.DBOSException as error:
            log.warning("drain_incomplete", error=str(error))
        timer.cancel()
        self._stopping.set()
        self._heartbeat.stop()
        log.info("worker_stopped", seconds=round(monotonic_seconds() - began, 1), unfinished=sorted(self.running.ids()))

    def _leave_when_draining(self) -> None:
        if self._draining.is_set():
            raise WorkerStopping

    def _wake(self, job_id: str) -> None:
        try:
            DBOS.send(job_id, "worker stopping", "news")
        except (dbos_error.DBOSException, DatabaseUnavailable) as error:
            log.warning("waiting_job_not_woken", job_id=job_id, error=type(error).__name__)
