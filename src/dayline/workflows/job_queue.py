"""The only door to the workflow engine's queues: names, limits, and `enqueue` that refuses what would never run.

The engine itself accepts an unknown queue, an unknown name or a missing partition key without a word
and then never runs the work; so all three are checked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

from dayline.db.database import Database, Transaction

APPLICATION = "dayline"


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue. `per_worker` None means "as many as this worker has recognisers". When it takes turns: see `pace`."""

    name: str
    per_worker: int | None
    per_partition: int | None = None


DAYS = Queue("days", per_worker=8, per_partition=4)
SPANS = Queue("spans", per_worker=None)
ANALYSES = Queue("analyses", per_worker=8, per_partition=5)
DELIVERIES = Queue("deliveries", per_worker=16)
QUEUES = (DAYS, SPANS, ANALYSES, DELIVERIES)

JOBS: dict[str, Queue] = {
    "day": DAYS,
    "call": DAYS,
    "span": SPANS,
    "analysis": ANALYSES,
    "delivery": DELIVERIES,
}
"""Every job by name, and the queue it waits in."""


def prepare_engine(database: Database) -> None:
    """Bring the workflow engine's own tables to the version that is installed."""
    DBOS.migrate(database.engine.url.render_as_string(hide_password=False))


class JobQueue:
    """Puts jobs into queues, in the transaction of whoever needs them done. Runs nothing itself."""

    def __init__(self, database: Database) -> None:
        self._client = DBOSClient(
            system_database_engine=database.engine,
            application_name=APPLICATION,
            serializer=DBOSPortableJSONSerializer(),
            retry_connection_errors=False,
        )

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
        options: dict[str, Any] = {"workflow_name": job, "queue_name": queue.name, "workflow_id": id}
        if partition is not None:
            options["queue_partition_key"] = partition
        if priority is not None:
            options["priority"] = priority
        if delay_seconds:
            options["delay_seconds"] = delay_seconds
        self._client.enqueue_in_transaction(tx.connection, options, *arguments)  # pyright: ignore[reportArgumentType]

    def tell(self, tx: Transaction, job_id: str, topic: str, *, once: str) -> None:
        """Wake a job that waits for `topic`. Telling a job that has ended, or was never there, does nothing."""
        if any(w.workflow_id == job_id for w in self._client.list_workflows(workflow_ids=[job_id], load_input=False)):
            self._client.send_in_transaction(tx.connection, job_id, "news", topic, idempotency_key=once)

    def forget(self, prefix: str) -> int:
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

    def waiting_longer_than(self, seconds: float, *, at_epoch_seconds: float) -> int:
        """Count jobs that have been queued or running for longer than `seconds`: an alarm for operators."""
        rows = self._client.list_workflows(
            status=["ENQUEUED", "PENDING"], load_input=False, load_output=False, limit=10_000
        )
        before_ms = (at_epoch_seconds - seconds) * 1000
        return sum(1 for w in rows if (w.created_at or 0) < before_ms)

    def delete_finished(self, *, before_iso: str, limit: int = 1000) -> int:
        """Delete the engine's records of jobs that ended before a moment. Our own rows hold their results."""
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
        """Let go of the engine's client."""
        self._client.destroy()
