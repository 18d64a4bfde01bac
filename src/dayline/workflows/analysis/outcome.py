"""End an analysis, and update the segment and the session it belongs to."""

from __future__ import annotations

from typing import Any, cast

from dayline.analyses import repository as analyses
from dayline.clock import now, utc
from dayline.db.columns import is_damaged
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord, SegmentRecord, SessionRecord
from dayline.domain.json_types import JsonObject
from dayline.domain.status import AnalysisStatus, EventType, SegmentStatus, SessionStatus
from dayline.domain.stored_json import Rollup, SessionUsage, is_titled_by_hand
from dayline.domain.wall_time import covered_seconds
from dayline.logs import get_log
from dayline.scoring.rollup import roll_up
from dayline.search import indexing
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.webhooks import events_repository as events
from dayline.workflows.calls import is_call
from dayline.workflows.enqueue import wake_day
from dayline.workflows.retry import Failure, FailureKind, kind_of, public_error
from dayline.workflows.worker_context import View, WorkerContext

log = get_log(__name__)


def complete_analysis(context: WorkerContext, analysis_id: str, transcript: JsonObject, result: JsonObject) -> None:
    """Store a result, write `analysis.completed`, and wake the session."""

    def store(tx: Transaction) -> None:
        session = _lock_session(tx, analysis_id)
        ended = analyses.update_open(
            tx,
            analysis_id,
            status=AnalysisStatus.COMPLETED,
            transcript=transcript,
            result=result,
            overall_score=cast(int, result["overall_score"]),
            duration_seconds=cast(float, transcript["duration_seconds"]),
            completed_at=now(),
        )
        if ended:
            kind, status, view = EventType.ANALYSIS_COMPLETED, SegmentStatus.ANALYZED, context.analysis_view
            _announce(context, tx, analysis_id, session, kind, status, view)

    context.write(store)


def fail_analysis(context: WorkerContext, analysis_id: str, failure: Failure) -> None:
    """Store why an analysis failed, write `analysis.failed`, and wake the session."""
    error = public_error(failure)

    def store(tx: Transaction, view: View) -> None:
        session = _lock_session(tx, analysis_id)
        ended = analyses.update_open(tx, analysis_id, status=AnalysisStatus.FAILED, error=error, completed_at=now())
        if ended:
            kind, status = EventType.ANALYSIS_FAILED, SegmentStatus.FAILED
            _announce(context, tx, analysis_id, session, kind, status, view)

    try:
        context.write(lambda tx: store(tx, context.analysis_view))
    except Exception as problem:
        if kind_of(problem) != FailureKind.BUG:
            raise
        log.exception("analysis_not_shown", analysis_id=analysis_id)
        # An analysis that cannot be shown has to end all the same: its session would wait for it for ever.
        shown = {"id": analysis_id, "status": AnalysisStatus.FAILED.value, "error": error}
        context.write(lambda tx: store(tx, lambda _tx, _id: shown))


def _lock_session(tx: Transaction, analysis_id: str) -> SessionRecord | None:
    """Lock the session of an analysis before anything is written, as the lock order demands. None: it has none."""
    analysis = analyses.get(tx, analysis_id)
    return None if analysis is None else sessions.lock(tx, analysis.parent_session_id or analysis_id)


def _announce(
    context: WorkerContext,
    tx: Transaction,
    analysis_id: str,
    session: SessionRecord | None,
    event: EventType,
    status: SegmentStatus,
    view: View,
) -> None:
    analysis = analyses.get(tx, analysis_id)
    if analysis is None:
        return
    if analysis.parent_session_id and analysis.segment_id and analysis.is_current:
        _update_segment(tx, analysis, status)
    # An analysis of its own keeps its id when it is scored again: then its attempts tell one outcome from the next.
    is_again = events.is_there(tx, event, analysis_id)
    events.add(
        tx,
        partner_id=analysis.partner_id,
        environment=analysis.environment,
        type=event,
        body=view(tx, analysis_id),
        session_id=analysis.parent_session_id,
        analysis_id=analysis_id,
        callback_url=analysis.callback_url,
        once=(analysis_id, analysis.attempts) if is_again else (analysis_id,),
    )
    if session is not None:
        _update_session(context, tx, session, analysis)


def _update_segment(tx: Transaction, analysis: AnalysisRecord, status: SegmentStatus) -> None:
    assert analysis.parent_session_id is not None
    segment = segments.get(tx, analysis.parent_session_id, analysis.segment_id or "")
    if segment is None or segment.analysis_id != analysis.id:
        return
    title = segment.title
    result = _result_of(tx, analysis.id)
    if result and not is_titled_by_hand(segment.reasons):
        title = result.get("recording_title") or title
    segments.update(tx, segment.id, status=status, title=title)
    indexing.refresh(tx, segment.session_id, segment.id)


def _update_session(context: WorkerContext, tx: Transaction, session: SessionRecord, analysis: AnalysisRecord) -> None:
    """Update the progress of the session, or the rollup of one that has ended, and wake it after its last analysis."""
    if is_call(session):
        wake_day(context.jobs, tx, session, why=f"analyses:{analysis.id}")
        return
    left = analyses.count_open(tx, session.id)
    if session.status == SessionStatus.COMPLETED:
        # A correction or another analysis on demand: the workflow has ended, so the rollup is updated here.
        sessions.update_ended(tx, session.id, rollup=rollup_of(tx, session.id), usage=usage_with_tokens(tx, session.id))
        return
    total = analyses.count_current(tx, session.id)
    sessions.update(tx, session.id, percent=round(70 + 28 * (total - left) / max(1, total), 1))
    if left == 0:
        wake_day(context.jobs, tx, session, why=f"analyses:{analysis.id}")


def rollup_of(tx: Transaction, session_id: str) -> Rollup:
    """Return the rollup of the customer conversations of a session."""
    rows: list[tuple[SegmentRecord, JsonObject | None]] = []
    for segment in segments.list_all(tx, session_id):
        result: JsonObject | None = _result_of(tx, segment.analysis_id) if segment.analysis_id else None
        if result and is_titled_by_hand(segment.reasons):
            result["recording_title"] = segment.title
        rows.append((segment, result))
    return roll_up(
        [
            {
                "id": segment.id,
                "index": segment.number,
                "title": segment.title,
                "start_seconds": segment.start_seconds,
                "end_seconds": segment.end_seconds,
                "status": segment.status,
                "analysis": result,
            }
            for segment, result in rows
        ]
    )


def _result_of(tx: Transaction, analysis_id: str) -> Any:
    """Return the result of an analysis; None where there is none, or none that can be read."""
    result = analyses.large_parts(tx, analysis_id)[1]
    return None if is_damaged(result) else result


def usage_with_tokens(tx: Transaction, session_id: str) -> SessionUsage:
    """Return a session's usage with the tokens and seconds of its analyses, superseded ones included.

    Analyses that ran at the same time share their seconds.
    """
    session = sessions.get(tx, session_id)
    usage: SessionUsage = {**session.usage} if session else {}
    children = analyses.children(tx, session_id, current_only=False)
    results = [_result_of(tx, a.id) for a in children]
    spent = [r["usage"] for r in results if r]
    usage["input_tokens"] = sum(int(u.get("input_tokens", 0)) for u in spent)
    usage["output_tokens"] = sum(int(u.get("output_tokens", 0)) for u in spent)
    analysts = [r["analyst"] for r in results if r]
    usage["analyst"] = f"{analysts[-1]['engine']}:{analysts[-1]['model']}" if analysts else None
    ended = [
        (utc(a.completed_at).timestamp(), r["usage"])
        for a, r in zip(children, results, strict=True)
        if r and a.completed_at
    ]
    wall = covered_seconds((end - float(u.get("wall_seconds", 0.0)), end) for end, u in ended)
    usage["wall_seconds"] = {**usage.get("wall_seconds", {}), "analyze": round(wall, 2)}
    return usage
