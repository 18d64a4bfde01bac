"""A single call is a session with one known conversation: the same workflow and steps, without detection."""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord, SessionRecord
from dayline.domain.status import AnalysisStatus, SessionKind
from dayline.sessions import repository as sessions
from dayline.workflows.enqueue import start_day
from dayline.workflows.job_queue import JobQueue
from dayline.workflows.worker_context import WorkerContext

OPEN = (AnalysisStatus.QUEUED, AnalysisStatus.PROCESSING)


def is_call(session: SessionRecord) -> bool:
    """Return whether a session was made for an analysis of its own. Its id is the id of that analysis."""
    return session.kind == SessionKind.CALL


def start_call(jobs: JobQueue, tx: Transaction, analysis: AnalysisRecord) -> None:
    """Write the session of an analysis of its own and queue it, in the transaction that writes the analysis."""
    session = _session_of(analysis)
    sessions.add(tx, session)
    start_day(jobs, tx, session)


def adopt_call(context: WorkerContext, analysis_id: str) -> None:
    """Give an analysis that version 0.1.0 queued as a job of its own its session."""

    def store(tx: Transaction) -> None:
        analysis = analyses.get(tx, analysis_id)
        if analysis is not None and analysis.status in OPEN and sessions.get(tx, analysis_id) is None:
            start_call(context.jobs, tx, analysis)

    context.write(store)


def _session_of(analysis: AnalysisRecord) -> SessionRecord:
    return sessions.new_record(
        id=analysis.id,
        kind=SessionKind.CALL,
        partner_id=analysis.partner_id,
        environment=analysis.environment,
        org_id=analysis.org_id,
        rep_id=analysis.rep_id,
        recording_url=analysis.recording_url,
        file_key=analysis.file_key,
        options={
            "language": analysis.options.get("language"),
            "skip_diarization": bool(analysis.options.get("skip_diarization")),
            "transcript_url": analysis.transcript_url,
        },
    )
