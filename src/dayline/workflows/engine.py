"""The adapter to the workflow engine (DBOS Transact): the only module that knows it runs our jobs.

Rules that measurements forced: the application version is pinned, every job and step has an explicit
name, checkpoints hold ids and small facts as portable JSON, steps return trouble instead of raising it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from dbos import error as dbos_error

from dayline.db.database import Database
from dayline.logs import get_log
from dayline.workflows.heartbeat import LEASE_SECONDS, Lease, new_executor_id
from dayline.workflows.job_queue import APPLICATION, JOBS, QUEUES
from dayline.workflows.queue_poller import QueuePoller

log = get_log(__name__)

_TURN_SECONDS = 0.01
"""How long a queue's thread waits once its turn has come."""

Trouble = dict[str, Any] | None
"""What a step returns: None when it went well, else an error as the contract writes it."""


class Worker:
    """Runs jobs of this database in threads of this process until it is stopped."""

    def __init__(
        self,
        database: Database,
        *,
        recognisers: int,
        is_single_node: bool,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._database, self._recognisers, self._is_single_node = database, recognisers, is_single_node
        self._lease_seconds = lease_seconds
        self.executor_id = new_executor_id()
        self._lease: Lease | None = None
        DBOS.destroy(destroy_registry=True)
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": "1",
            "executor_id": self.executor_id,
            "system_database_engine": database.engine,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": 0.25,
        }  # pyright: ignore[reportAssignmentType]
        self._engine = DBOS(config=config)
        self._pace = QueuePoller(database, [queue.name for queue in QUEUES])

    def add_job(self, name: str, body: Callable[..., None]) -> None:
        """Make `body` the job of that name. Call before `start`."""
        if name not in JOBS:
            raise ValueError(f"unknown job {name!r}")
        DBOS.workflow(name=name)(body)

    def step(self, name: str, body: Callable[..., Any]) -> Callable[..., Any]:
        """Return `body` as a step: its result is kept, so that a recovered job does not run it again."""
        return DBOS.step(name=name)(body)

    @staticmethod
    def wait_for(topic: str, *, seconds: float) -> None:
        """Inside a job: sleep until somebody tells `topic`, or `seconds` are over."""
        DBOS.recv(topic, timeout_seconds=seconds)

    def start(self) -> None:
        """Take the lease, launch the engine, open the queues, begin to watch over the other workers."""
        self._lease = Lease(
            self._database,
            self.executor_id,
            recover=DBOS._recover_pending_workflows,  # pyright: ignore[reportPrivateUsage]
            is_single_node=self._is_single_node,
            lease_seconds=self._lease_seconds,
        )
        DBOS.launch()
        # The engine offers no way to wake a queue; this is the first thing that its thread does at every turn.
        rows: Any = self._engine._sys_db  # pyright: ignore[reportPrivateUsage]
        rows.get_queue = self._pace.paced(rows.get_queue)
        self._pace.start()
        for queue in QUEUES:
            DBOS.register_queue(
                queue.name,
                worker_concurrency=queue.per_worker or self._recognisers,
                partition_concurrency=queue.per_partition,
                polling_interval_sec=_TURN_SECONDS,
            )
        self._lease.start()
        log.info("worker_ready", executor_id=self.executor_id, recognisers=self._recognisers)

    def run_until(self, halt: threading.Event, *, drain_seconds: int = 10) -> None:
        """Work until `halt` is set, then finish what ends within `drain_seconds` and hand over the rest."""
        halt.wait()
        self.stop(drain_seconds=drain_seconds)

    def stop(self, *, drain_seconds: int = 10) -> None:
        """Stop taking jobs, wait for the running ones, give the lease back."""
        self._pace.stop()
        try:
            DBOS.destroy(workflow_completion_timeout_sec=drain_seconds)
        except dbos_error.DBOSException as error:
            log.warning("drain_incomplete", error=str(error))
        if self._lease is not None:
            self._lease.stop()
