"""Start, wake and purge jobs. Job ids are derived from rows, so that enqueueing is idempotent.

The id of the job that carries a row forward follows from the row alone (`session_job_id` and its neighbours): that is
how the sweep finds rows whose job is gone.
"""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord, SessionRecord
from dayline.domain.status import SessionStatus
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.workflows import queue_repository as queues
from dayline.workflows.job_queue import JobQueue


def session_job_id(session_id: str, run: int, attempts: int = 0) -> str:
    """Return the id of the job that carries a run of a session forward after `attempts` finished attempts."""
    return f"day:{session_id}:{run}" if attempts == 0 else f"day:{session_id}:{run}:{attempts + 1}"


def chunk_job_id(session_id: str, run: int, number: int, attempts: int = 0) -> str:
    """Return the id of the job that transcribes a chunk after `attempts` failed attempts."""
    return f"chunk:{session_id}:{run}:{number}:{attempts + 1}"


def analysis_job_id(analysis_id: str, attempts: int = 0) -> str:
    """Return the id of the job that scores a conversation after `attempts` failed attempts."""
    return f"analysis:{analysis_id}:{attempts + 1}"


def start_day(jobs: JobQueue, tx: Transaction, session: SessionRecord) -> None:
    """Queue the session's workflow, in the transaction that writes the session or prepares it for another run."""
    jobs.enqueue(
        tx, "day", session.id, session.run, id=session_job_id(session.id, session.run), partition=session.partner_id
    )


def start_day_later(
    jobs: JobQueue,
    tx: Transaction,
    session: SessionRecord,
    *,
    delay_seconds: float = 0.0,
    failed: tuple[str, int] = ("", 0),
) -> None:
    """Queue the next attempt of a run that cannot go on now, or whose job is gone.

    failed: the step that has failed, and how often in a row.
    """
    attempts = session.attempts + 1
    sessions.update(tx, session.id, attempts=attempts)
    jobs.enqueue(
        tx,
        "day",
        session.id,
        session.run,
        attempts + 1,
        *failed,
        id=session_job_id(session.id, session.run, attempts),
        partition=session.partner_id,
        delay_seconds=delay_seconds,
    )


def start_again(jobs: JobQueue, tx: Transaction, session: SessionRecord) -> SessionRecord:
    """Prepare a failed session for another run and queue it: finished work stays, the rest is tried again.

    Scratch was deleted when the session failed, so the recording is read again unless every chunk was transcribed.
    """
    chunks.reset_failed(tx, session.id)
    all_heard = session.is_ingested and chunks.pending(tx, session.id) == 0
    sessions.update_ended(
        tx,
        session.id,
        status=SessionStatus.QUEUED,
        stage="queued",
        percent=0.0,
        run=session.run + 1,
        attempts=0,
        error=None,
        rollup=None,
        completed_at=None,
        cancel_requested_at=None,
        is_ingested=all_heard,
    )
    again = sessions.get(tx, session.id)
    assert again is not None
    start_day(jobs, tx, again)
    return again


def wake_day(jobs: JobQueue, tx: Transaction, session: SessionRecord, *, why: str) -> None:
    """Wake a waiting session at once: a chunk or an analysis has ended, or the session was cancelled."""
    job_id = session_job_id(session.id, session.run, session.attempts)
    jobs.notify(tx, job_id, "news", once=f"{job_id}:{why}")


def start_chunk(
    jobs: JobQueue,
    tx: Transaction,
    session: SessionRecord,
    number: int,
    *,
    attempts: int = 0,
    delay_seconds: float = 0.0,
    failed: tuple[str, int] = ("", 0),
) -> None:
    """Queue a chunk, in a fair place among the chunks of all partners: see `queues.take_place`.

    failed: what has failed, and how often in a row.
    """
    jobs.enqueue(
        tx,
        "chunk",
        session.id,
        session.run,
        number,
        attempts + 1,
        *_unless_nothing(failed),
        id=chunk_job_id(session.id, session.run, number, attempts),
        priority=queues.take_place(tx, session.partner_id, counted=attempts == 0),
        delay_seconds=delay_seconds,
    )


def start_analysis(
    jobs: JobQueue,
    tx: Transaction,
    analysis: AnalysisRecord,
    *,
    delay_seconds: float = 0.0,
    failed: tuple[str, int] = ("", 0),
) -> None:
    """Queue the analysis of one conversation whose transcript is there."""
    jobs.enqueue(
        tx,
        "analysis",
        analysis.id,
        analysis.attempts + 1,
        *_unless_nothing(failed),
        id=analysis_job_id(analysis.id, analysis.attempts),
        partition=analysis.parent_session_id or analysis.id,
        delay_seconds=delay_seconds,
    )


def start_analysis_later(
    jobs: JobQueue,
    tx: Transaction,
    analysis_id: str,
    *,
    delay_seconds: float = 0.0,
    failed: tuple[str, int] = ("", 0),
) -> None:
    """Queue the next attempt of an analysis that cannot go on now, or whose job is gone.

    failed: what has failed, and how often in a row.
    """
    if analyses.count_attempt(tx, analysis_id):
        analysis = analyses.get(tx, analysis_id)
        assert analysis is not None
        start_analysis(jobs, tx, analysis, delay_seconds=delay_seconds, failed=failed)


def _unless_nothing(failed: tuple[str, int]) -> tuple[str | int, ...]:
    """Leave out arguments that say nothing: workers of an older version do not know them."""
    return failed if failed[1] else ()


def count_running(jobs: JobQueue, session_id: str, analysis_ids: list[str]) -> int:
    """Return how many jobs of a session a worker holds right now."""
    return sum(jobs.count_running(prefix) for prefix in _prefixes(session_id, analysis_ids))


def delete_day_jobs(jobs: JobQueue, session_id: str, analysis_ids: list[str]) -> int:
    """Delete the engine's records of a deleted session. Returns how many there were."""
    return sum(jobs.purge(prefix) for prefix in _prefixes(session_id, analysis_ids))


def _prefixes(session_id: str, analysis_ids: list[str]) -> list[str]:
    return [f"day:{session_id}:", f"chunk:{session_id}:", *(f"analysis:{a}:" for a in analysis_ids)]
