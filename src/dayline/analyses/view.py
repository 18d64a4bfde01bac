"""An analysis as the API shows it and as webhooks carry it."""

from __future__ import annotations

from typing import cast

from dayline.analyses import repository as analysis_rows
from dayline.analyses.schemas import AnalysisShown, AnalysisSummary, ResultOf, TranscriptOf
from dayline.clock import iso
from dayline.db.columns import is_damaged
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord
from dayline.domain.errors import DaylineError, NotFound
from dayline.domain.status import AnalysisStatus


def analysis_view(tx: Transaction, analysis_id: str) -> AnalysisShown:
    """Return an analysis with transcript and result, as `GET /v1/analyses/{id}` answers. Raises NotFound."""
    analysis = analysis_rows.get(tx, analysis_id)
    if analysis is None:
        raise NotFound.of("analysis", analysis_id)
    return with_large_parts(tx, analysis)


def with_large_parts(tx: Transaction, analysis: AnalysisRecord) -> AnalysisShown:
    """Write an analysis with transcript and result. A part that cannot be read is null, and `error` says so."""
    transcript, result = analysis_rows.large_parts(tx, analysis.id)
    parts = {"transcript": transcript, "analysis": result}
    # The result of before is kept while a call is scored again, since it knows of the transcript's language.
    is_shown = analysis.status == AnalysisStatus.COMPLETED
    damaged = [name for name, part in parts.items() if is_damaged(part)]
    shown: AnalysisShown = {
        **analysis_json(analysis),
        "transcript": None if is_damaged(transcript) else cast("TranscriptOf | None", transcript),
        "analysis": None if is_damaged(result) or not is_shown else cast("ResultOf | None", result),
    }
    if damaged:
        problem = DaylineError(
            "The stored data of this analysis is damaged and cannot be read. Analyse the conversation again.",
            code="data_damaged",
            fields=damaged,
        )
        shown["error"] = {"code": problem.code, "message": problem.message, "details": problem.details}
    return shown


def analysis_json(analysis: AnalysisRecord) -> AnalysisSummary:
    """Write an analysis without its two large parts."""
    return {
        "id": analysis.id,
        "status": analysis.status,
        "org_id": analysis.org_id,
        "rep_id": analysis.rep_id,
        "parent_session_id": analysis.parent_session_id,
        "segment_id": analysis.segment_id,
        "recording_url": analysis.recording_url,
        "file_key": analysis.file_key,
        "transcript_url": analysis.transcript_url,
        "callback_url": analysis.callback_url,
        "options": analysis.options,
        "metadata": analysis.metadata,
        "start_seconds": analysis.start_seconds,
        "end_seconds": analysis.end_seconds,
        "duration_seconds": analysis.duration_seconds,
        "playbook_id": analysis.playbook_id,
        "playbook_version": analysis.playbook_version,
        "overall_score": analysis.overall_score,
        "created_at": iso(analysis.created_at),
        "started_at": iso(analysis.started_at),
        "completed_at": iso(analysis.completed_at),
        "error": analysis.error,
        "archived_at": iso(analysis.archived_at),
    }
