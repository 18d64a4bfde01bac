"""Queue a job again for every row that has not ended and has no live job.

A job can be lost although its row was written with it: the workflow engine could not record a step because the database
was full, or a thread died. The sweep runs at the start of every worker and twice a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from dayline.analyses import repository as analyses
from dayline.db.database import Transaction
from dayline.db.failures import translated
from dayline.domain.errors import DatabaseUnavailable
from dayline.domain.status import SessionStatus
from dayline.logs import get_log
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.workflows import counters
from dayline.workflows import queue_repository as queues
from dayline.workflows.enqueue import start_analysis_later, start_chunk, start_day_later
from dayline.workflows.running_jobs import RunningJobs
from dayline.workflows.worker_context import WorkerContext

log = get_log(__name__)

_EVERY_SECONDS = 30.0


class Executor(Protocol):
    """Facts about the worker for the sweep.

    executor_id: under which id it holds jobs.
    running: the jobs that its threads run.
    """

    executor_id: str
    running: RunningJobs


class Sweeper:
    """A thread of every worker. Several at once are harmless: each row is locked and looked at again."""

    def __init__(self, context: WorkerContext, executor: Executor, *, every_seconds: float = _EVERY_SECONDS) -> None:
        self._context, self._executor, self._every_seconds = context, executor, every_seconds
        self._halt = threading.Event()
        self._without_thread: set[str] = set()

    def start(self) -> None:
        """Sweep now, and then at every interval."""
        threading.Thread(target=self._keep_sweeping, daemon=True, name="sweep").start()

    def stop(self) -> None:
        """Stop sweeping."""
        self._halt.set()

    def sweep_once(self) -> int:
        """Queue jobs again for rows without a live job. Returns how many.

        A row that cannot be queued does not affect the others.
        """
        count = self._try("jobs", self._queue_jobs_without_thread)
        with self._context.database.read() as tx:
            lost_sessions = queues.stranded_sessions(tx)
            lost_chunks = queues.stranded_chunks(tx)
            lost_analyses = queues.stranded_analyses(tx)
        for session_id, attempts in lost_sessions:
            count += self._write(session_id, lambda tx, id=session_id, n=attempts: self._queue_session(tx, id, n))
        for session_id, number, attempts in lost_chunks:
            count += self._write(
                session_id, lambda tx, id=session_id, at=number, n=attempts: self._queue_chunk(tx, id, at, n)
            )
        for analysis_id, attempts in lost_analyses:
            count += self._write(analysis_id, lambda tx, id=analysis_id, n=attempts: self._queue_analysis(tx, id, n))
        if count:
            counters.count(counters.SWEPT, count)
            log.warning(
                "jobs_swept",
                jobs=count,
                sessions=len(lost_sessions),
                chunks=len(lost_chunks),
                analyses=len(lost_analyses),
            )
        return count

    def _write(self, id: str, work: Callable[[Transaction], int]) -> int:
        return self._try(id, lambda: self._context.database.in_write(work))

    def _try(self, what: str, work: Callable[[], int]) -> int:
        try:
            with translated():  # the workflow engine's client raises the driver's errors as they are
                return work()
        except DatabaseUnavailable:
            raise  # it would be the same for all
        except Exception:
            log.exception("job_not_swept", row=what)
            return 0

    def _queue_jobs_without_thread(self) -> int:
        """Queue jobs again that this worker holds by the database and that no thread of it runs, seen twice in a row.

        Once may be the moment between taking a job and starting its thread.
        """
        held = set(self._context.jobs.running_of(self._executor.executor_id))
        without = held - self._executor.running.ids()
        lost = without & self._without_thread
        self._without_thread = without - lost
        self._context.jobs.queue_again(sorted(lost))
        return len(lost)

    def _queue_session(self, tx: Transaction, session_id: str, attempts: int) -> int:
        session = sessions.lock(tx, session_id)
        if session is None or session.attempts != attempts or SessionStatus(session.status).is_terminal:
            return 0
        start_day_later(self._context.jobs, tx, session, delay_seconds=self._wait_seconds(attempts))
        return 1

    def _queue_chunk(self, tx: Transaction, session_id: str, number: int, attempts: int) -> int:
        session = sessions.lock(tx, session_id)
        chunk = chunks.get(tx, session_id, number)
        if session is None or chunk is None or chunk.status != "pending" or chunk.attempts != attempts:
            return 0
        following = chunks.count_attempt(tx, session_id, number)
        wait_seconds = self._wait_seconds(attempts)
        start_chunk(self._context.jobs, tx, session, number, attempts=following, delay_seconds=wait_seconds)
        return 1

    def _queue_analysis(self, tx: Transaction, analysis_id: str, attempts: int) -> int:
        analysis = analyses.get(tx, analysis_id)
        if analysis is None:
            return 0
        sessions.lock(tx, analysis.parent_session_id or analysis_id)
        current = analyses.get(tx, analysis_id)
        if current is None or current.attempts != attempts:
            return 0
        start_analysis_later(self._context.jobs, tx, analysis_id, delay_seconds=self._wait_seconds(attempts))
        return 1

    def _wait_seconds(self, attempts: int) -> float:
        """Return how long a lost job waits: not at all the first time, then as long as one that failed.

        A job that is lost every time, because of a mistake in this code, would otherwise run twice a minute for ever.
        """
        waits = self._context.retry.job_waits_seconds
        return 0.0 if attempts == 0 else waits[min(attempts, len(waits)) - 1]

    def _keep_sweeping(self) -> None:
        while True:
            try:
                self.sweep_once()
                counters.flush(self._context.database)
            except Exception as error:  # noqa: BLE001 - the sweep must outlive any trouble of the database
                log.warning("sweep_failed", error=f"{type(error).__name__}: {error}")
            if self._halt.wait(self._every_seconds):
                return
