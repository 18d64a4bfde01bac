"""Score each conversation, up to five of a session at once."""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord
from dayline.domain.errors import Cancelled, Conflict
from dayline.domain.serialization import unpack_between, unpack_transcript
from dayline.domain.status import AnalysisStatus, SegmentStatus, SessionStatus
from dayline.logs import get_log
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.workflows.analysis import outcome
from dayline.workflows.analysis.child_rows import child_of
from dayline.workflows.analysis.run import analyze_conversation
from dayline.workflows.calls import is_call
from dayline.workflows.cancellation import lock_open, open_session
from dayline.workflows.computing import Scored
from dayline.workflows.enqueue import start_analysis, start_analysis_later
from dayline.workflows.kept_transcript import read_kept
from dayline.workflows.retry import NOTHING_FAILED, InARow, failure_of
from dayline.workflows.step_starts import counted_start
from dayline.workflows.worker_context import WorkerContext

log = get_log(__name__)


def start_analyses(context: WorkerContext, session_id: str, run: int) -> None:
    """Queue one analysis per segment at or over the threshold, in one transaction with the new status.

    A single call has its analysis already.
    """
    session = open_session(context.database, session_id, run)
    if not session.options.get("auto_analyze", True):
        return

    def store(tx: Transaction) -> None:
        if lock_open(tx, session_id, run) is None:
            return
        sessions.update(tx, session_id, status=SessionStatus.ANALYZING, stage="analyze", percent=70.0)
        own = analyses.get(tx, session_id) if is_call(session) else None
        if own is not None:
            start_analysis(context.jobs, tx, own)
        for segment in segments.list_all(tx, session_id):
            if segment.status == SegmentStatus.DETECTED:
                analysis = child_of(tx, session, segment, once=(session_id, segment.id, run))
                analyses.add(tx, analysis)
                segments.update(tx, segment.id, status=SegmentStatus.ANALYZING, analysis_id=analysis.id)
                start_analysis(context.jobs, tx, analysis)

    context.write(store)


def analyze(context: WorkerContext, analysis_id: str, attempt: int, failed: InARow = NOTHING_FAILED) -> None:
    """Score one conversation of a session and store the result. A transient failure queues another attempt.

    failed: failures of the attempts before this one.
    """
    analysis = context.write(lambda tx: _begin(tx, analysis_id))
    if analysis is None:
        return
    try:
        with counted_start(context, "analyze", analysis_id):
            transcript, result = context.retry.run(lambda: _analyze(context, analysis), stopping=context.stopping)
            outcome.complete_analysis(context, analysis_id, transcript, result)
    except Cancelled:
        return
    except Exception as error:  # noqa: BLE001 - it is stored, or tried again
        _settle(context, analysis, attempt, failed, error)


def _begin(tx: Transaction, analysis_id: str) -> AnalysisRecord | None:
    """Return the analysis as it is being processed, None when it has ended or is gone."""
    analyses.update_open(tx, analysis_id, status=AnalysisStatus.PROCESSING, started_at=now())
    analysis = analyses.get(tx, analysis_id)
    if analysis is None or analysis.status != AnalysisStatus.PROCESSING:
        return None
    return analysis


def _analyze(context: WorkerContext, analysis: AnalysisRecord) -> Scored:
    with context.database.read() as tx:
        document = documents.get(tx, analysis.parent_session_id or analysis.id, "transcript")
        kept, result = (None, None) if document is not None else analyses.large_parts(tx, analysis.id)
    if kept is not None and analysis.parent_session_id is None:
        language = analysis.options.get("language")
        return analyze_conversation(context, analysis, read_kept(kept, result, language=language))
    if document is None:
        # Not Cancelled: the analysis would stay open, and be queued again, for ever.
        raise Conflict("The transcript of this conversation was deleted before it could be analyzed.")
    with context.transcripts.parsed(document) as packed:
        if analysis.parent_session_id is None:
            talk = unpack_transcript(packed)
        else:
            talk = unpack_between(packed, analysis.start_seconds or 0.0, analysis.end_seconds or 0.0)
        return analyze_conversation(context, analysis, talk)


def _settle(context: WorkerContext, analysis: AnalysisRecord, attempt: int, failed: InARow, error: Exception) -> None:
    """Queue another attempt, or fail the analysis: one that never ends would hold its session for ever."""
    failure = failure_of(error)
    failed = failed.and_now("analyze", failure)
    wait_seconds = context.retry.job_wait_seconds(failure, failed.times)
    if wait_seconds is None:
        log.warning("analysis_failed", analysis_id=analysis.id, attempt=attempt, code=failure["code"], exc_info=error)
        outcome.fail_analysis(context, analysis.id, failure)
        return
    log.warning(
        "analysis_postponed", analysis_id=analysis.id, attempt=attempt, code=failure["code"], wait_seconds=wait_seconds
    )
    context.write(
        lambda tx: start_analysis_later(context.jobs, tx, analysis.id, delay_seconds=wait_seconds, failed=failed)
    )
