"""Each customer conversation is judged, up to five of a day at once."""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.clock import now
from dayline.db.records import AnalysisRecord
from dayline.domain.errors import Unavailable
from dayline.domain.serialization import unpack_transcript
from dayline.domain.status import AnalysisStatus, SegmentStatus, SessionStatus
from dayline.logs import get_log
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.workflows.analysis import outcome
from dayline.workflows.analysis.child_rows import child_of
from dayline.workflows.analysis.run import judge
from dayline.workflows.cancellation import open_session
from dayline.workflows.enqueue import start_analysis
from dayline.workflows.worker_context import WorkerContext

log = get_log(__name__)

_WAIT_SECONDS = (5.0, 30.0, 120.0, 600.0)


def start_analyses(parts: WorkerContext, session_id: str, run: int) -> None:
    """Queue one analysis per segment at or over the threshold, in one transaction with the new status."""
    session = open_session(parts.database, session_id, run)
    if not session.options.get("auto_analyze", True):
        return
    with parts.database.write() as tx:
        if not sessions.update(tx, session_id, status=SessionStatus.ANALYZING, stage="analyze", percent=70.0):
            return
        for segment in segments.list_all(tx, session_id):
            if segment.status == SegmentStatus.DETECTED:
                analysis = child_of(tx, session, segment, once=(session_id, segment.id, run))
                analyses.add(tx, analysis)
                segments.update(tx, segment.id, status=SegmentStatus.ANALYZING, analysis_id=analysis.id)
                start_analysis(parts.jobs, tx, analysis)


def analyze(parts: WorkerContext, analysis_id: str, attempt: int) -> None:
    """Judge one conversation of a session and store the result. Trouble that may pass queues another attempt."""
    with parts.database.write() as tx:
        analyses.update_open(tx, analysis_id, status=AnalysisStatus.PROCESSING, started_at=now())
        analysis = analyses.get(tx, analysis_id)
        if analysis is None or analysis.status != AnalysisStatus.PROCESSING or not analysis.parent_session_id:
            return
        packed = documents.get_json(tx, analysis.parent_session_id, "transcript")
    try:
        talk = unpack_transcript(packed).slice(analysis.start_seconds or 0.0, analysis.end_seconds or 0.0)
        transcript, result = judge(parts, analysis, talk)
    except Unavailable as error:
        if attempt <= len(_WAIT_SECONDS):
            _queue_again(parts, analysis, attempt, error)
        else:
            outcome.fail_analysis(parts, analysis_id, error)
    except Exception as error:
        # Whatever it was: an analysis that is never told to have ended would hold its day for ever.
        log.exception("analysis_failed", analysis_id=analysis_id)
        outcome.fail_analysis(parts, analysis_id, error)
    else:
        outcome.complete_analysis(parts, analysis_id, transcript, result)


def _queue_again(parts: WorkerContext, analysis: AnalysisRecord, attempt: int, error: Unavailable) -> None:
    log.warning("analysis_waits", analysis_id=analysis.id, attempt=attempt, code=error.code)
    following = attempt + 1
    with parts.database.write() as tx:
        parts.jobs.enqueue(
            tx,
            "analysis",
            analysis.id,
            following,
            id=f"analysis:{analysis.id}:{following}",
            partition=analysis.parent_session_id or analysis.id,
            delay_seconds=_WAIT_SECONDS[attempt - 1],
        )
