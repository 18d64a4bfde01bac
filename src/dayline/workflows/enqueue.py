"""What services ask of the pipeline: start, wake, forget. Job ids are derived, so asking twice is asking once."""

from __future__ import annotations

from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord, SessionRecord
from dayline.domain.status import SessionStatus
from dayline.sessions import chunks_repository as spans
from dayline.sessions import repository as sessions
from dayline.workflows.job_queue import JobQueue


def day_job(session: SessionRecord) -> str:
    """Return the id of the job that lives through this run of the session."""
    return f"day:{session.id}:{session.run}"


def start_day(jobs: JobQueue, tx: Transaction, session: SessionRecord) -> None:
    """Queue the day, in the transaction that writes the session or sets it up for another run."""
    jobs.enqueue(tx, "day", session.id, session.run, id=day_job(session), partition=session.partner_id)


def start_again(jobs: JobQueue, tx: Transaction, session: SessionRecord) -> SessionRecord:
    """Set a failed session up for another run, in one transaction: what was done stays, the rest is tried again.

    Scratch is gone since the failure, so the recording is read again unless every span has been transcribed.
    """
    spans.reset_failed(tx, session.id)
    all_heard = session.is_ingested and spans.pending(tx, session.id) == 0
    sessions.update_ended(
        tx,
        session.id,
        status=SessionStatus.QUEUED,
        stage="queued",
        percent=0.0,
        run=session.run + 1,
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
    """Make a waiting day look around at once: a span or analysis has ended, or somebody cancelled."""
    jobs.tell(tx, day_job(session), "news", once=f"{day_job(session)}:{why}")


def start_analysis(jobs: JobQueue, tx: Transaction, analysis: AnalysisRecord) -> None:
    """Queue the analysis of one segment of a session whose transcript is there."""
    jobs.enqueue(
        tx,
        "analysis",
        analysis.id,
        1,
        id=f"analysis:{analysis.id}:1",
        partition=analysis.parent_session_id or analysis.id,
    )


def start_call(jobs: JobQueue, tx: Transaction, analysis: AnalysisRecord) -> None:
    """Queue an analysis of a recording, or a transcript, of its own."""
    jobs.enqueue(tx, "call", analysis.id, id=f"call:{analysis.id}", partition=analysis.partner_id)


def count_running(jobs: JobQueue, session_id: str, analysis_ids: list[str]) -> int:
    """Return how many jobs of a session a worker holds right now."""
    return sum(jobs.count_running(prefix) for prefix in _prefixes(session_id, analysis_ids))


def forget_day(jobs: JobQueue, session_id: str, analysis_ids: list[str]) -> int:
    """Delete what the engine keeps of a deleted session. Returns how many records went."""
    return sum(jobs.forget(prefix) for prefix in _prefixes(session_id, analysis_ids))


def _prefixes(session_id: str, analysis_ids: list[str]) -> list[str]:
    return [f"day:{session_id}:", f"span:{session_id}:", *(f"analysis:{a}:" for a in analysis_ids)]
