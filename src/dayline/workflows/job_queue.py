"""The workflow engine's queues: names, limits, and `enqueue`, which refuses jobs that would never run.

The engine itself accepts an unknown queue, an unknown name or a missing partition key without an error and then never
runs the job; so all three are checked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus

from dayline.db.database import Database, Transaction
from dayline.db.failures import translated
from dayline.workflows import queue_repository as queues

APPLICATION = "dayline"


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue.

    per_worker: jobs that one worker holds at once; None means one more than it has recognisers.
    per_partition: jobs of one partition that all workers run at once; None for a queue without partitions.
    again_seconds: how long after its jobs were asked for they are asked for again when none of them could begin.
    after_change_seconds: the same when the database has changed, as when a job of the partition has ended.
    poll_seconds: how often workers of earlier versions ask for work.
    """

    name: str
    per_worker: int | None
    per_partition: int | None = None
    again_seconds: float = 0.2
    after_change_seconds: float = 0.2
    poll_seconds: float = 1.0


DAYS = Queue("days", per_worker=16, per_partition=4, again_seconds=1.0, after_change_seconds=1.0)
CHUNKS = Queue("chunks", per_worker=None)
ANALYSES = Queue("analyses", per_worker=8, per_partition=5, after_change_seconds=0.05)
QUEUES = (DAYS, CHUNKS, ANALYSES)

JOBS: dict[str, Queue] = {
    "day": DAYS,
    "call": DAYS,
    "chunk": CHUNKS,
    "analysis": ANALYSES,
}
"""Every job by name, and the queue it waits in."""


_QUEUE_BEFORE_RENAME = "spans"
_JOB_BEFORE_RENAME = "span"


def prepare_engine(database: Database) -> None:
    """Bring the workflow engine's own tables, and the jobs in them, to this version. Raises DatabaseUnavailable."""
    with translated():
        DBOS.migrate(database.engine.url.render_as_string(hide_password=False))
        client = _client(database)
        try:
            _drop_renamed_jobs(client)
        finally:
            client.destroy()


def _client(database: Database) -> DBOSClient:
    return DBOSClient(
        system_database_engine=database.engine,
        application_name=APPLICATION,
        serializer=DBOSPortableJSONSerializer(),
        retry_connection_errors=False,
    )


def _drop_renamed_jobs(client: DBOSClient) -> None:
    """Delete the jobs that a worker queued when chunks had another name in the engine's records.

    Their names and checkpoints are unknown to this version. The rows of their sessions remain, so the sweep of the
    next worker queues them again. The old queue's record shows whether such a worker ever ran.
    """
    if client.retrieve_queue(_QUEUE_BEFORE_RENAME) is None:
        return
    renamed = client.list_workflows(name=_JOB_BEFORE_RENAME, load_input=False, load_output=False)
    days = client.list_workflows(
        name="day", status=["PENDING", "ENQUEUED", "DELAYED"], load_input=False, load_output=False
    )
    ids = [workflow.workflow_id for workflow in (*renamed, *days)]
    if ids:
        client.delete_workflows(ids)
    client.delete_queue(_QUEUE_BEFORE_RENAME)


class JobQueue:
    """Puts jobs into queues, in the caller's transaction, and manages queued jobs. Runs nothing."""

    def __init__(self, database: Database) -> None:
        self._client = _client(database)

    def enqueue(
        self,
        tx: Transaction,
        job: str,
        *arguments: Any,
        id: str,
        partition: str | None = None,
        priority: int | None = None,
        delay_seconds: float | None = None,
    ) -> None:
        """Queue a job; lower priorities run first. The same `id` twice is one job.

        Raises ValueError for a job that would never run.
        """
        queue = JOBS.get(job)
        if queue is None:
            raise ValueError(f"unknown job {job!r}; known are {sorted(JOBS)}")
        if (queue.per_partition is None) != (partition is None):
            raise ValueError(f"job {job!r} {'takes no' if partition else 'needs a'} partition")
        options: EnqueueOptions = {"workflow_name": job, "queue_name": queue.name, "workflow_id": id}
        if partition is not None:
            options["queue_partition_key"] = partition
        if priority is not None:
            options["priority"] = priority
        if delay_seconds:
            options["delay_seconds"] = delay_seconds
        connection = tx.connection if tx.inserts is None else tx.inserts.on(tx.connection)
        self._client.enqueue_in_transaction(connection, options, *arguments)

    def notify(self, tx: Transaction, job_id: str, topic: str, *, once: str) -> None:
        """Send a waiting job the message `topic`. Does nothing when the engine has no record of the job.

        On the transaction's own connection alone: it holds locks that other threads wait for, and when those threads
        have taken every other connection, one that waited for a second would stand still until a wait timed out.
        """
        if queues.has_job(tx, job_id):
            self._client.send_in_transaction(tx.connection, job_id, "news", topic, idempotency_key=once)

    def purge(self, prefix: str) -> int:
        """Delete the engine's own records of every job whose id starts with `prefix`. Returns how many."""
        found = self._client.list_workflows(workflow_id_prefix=prefix, load_input=False, load_output=False)
        ids = [w.workflow_id for w in found]
        if ids:
            self._client.delete_workflows(ids)
        return len(ids)

    def count_running(self, prefix: str) -> int:
        """Count jobs with this prefix that a worker holds right now."""
        return len(
            self._client.list_workflows(
                workflow_id_prefix=prefix, status=["PENDING"], load_input=False, load_output=False
            )
        )

    def queue_again_from(self, executor_ids: Sequence[str]) -> int:
        """Put the running jobs of dead executors back into their queues. Returns how many.

        The engine fences a dead executor that wakes up again: it cannot record anything for these jobs any more.
        """
        held = self._client.list_workflows(
            status="PENDING", executor_id=list(executor_ids), load_input=False, load_output=False
        )
        self._queue_again(held)
        return len(held)

    def running_of(self, executor_id: str) -> list[str]:
        """Return the ids of the jobs that an executor holds."""
        held = self._client.list_workflows(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )
        return [w.workflow_id for w in held]

    def queue_again(self, job_ids: Sequence[str]) -> None:
        """Put jobs without a running worker back into their queues."""
        if job_ids:
            self._queue_again(
                self._client.list_workflows(
                    workflow_ids=list(job_ids), status="PENDING", load_input=False, load_output=False
                )
            )

    def _queue_again(self, held: Sequence[WorkflowStatus]) -> None:
        by_queue: dict[str, list[str]] = {}
        for workflow in held:
            queue = workflow.queue_name or JOBS[workflow.name].name
            by_queue.setdefault(queue, []).append(workflow.workflow_id)
        for queue, ids in by_queue.items():
            self._client.resume_workflows(ids, queue_name=queue)

    def delete_finished(self, *, before_iso: str, limit: int = 1000) -> int:
        """Delete the engine's records of jobs that ended before a moment; our own rows hold their results."""
        done = self._client.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before_iso,
            load_input=False,
            load_output=False,
            limit=limit,
        )
        if done:
            self._client.delete_workflows([w.workflow_id for w in done])
        return len(done)

    def close(self) -> None:
        """Close the engine's client."""
        self._client.destroy()
