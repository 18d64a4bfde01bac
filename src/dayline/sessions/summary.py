"""Sessions as rows of a list: what a page of days shows, without segments and reasons."""

from __future__ import annotations

from typing import Any

from dayline.clock import iso
from dayline.db.database import Transaction
from dayline.db.records import SegmentRecord, SessionRecord
from dayline.domain.status import SegmentStatus
from dayline.sessions import documents_repository as documents
from dayline.sessions import segments_repository as segments
from dayline.sessions.schemas import SessionSummary
from dayline.sessions.strip import strip_of
from dayline.sessions.view import audio_json, progress_json, progress_of


def summaries(tx: Transaction, rows: list[SessionRecord]) -> list[SessionSummary]:
    """Return one summary per session, in the order given."""
    ids = [row.id for row in rows]
    found = segments.of_sessions(tx, ids)
    progress = progress_of(tx, rows)
    strips = _strips(tx, ids)
    return [_summary(row, found[row.id], progress.get(row.id), strips.get(row.id)) for row in rows]


def _strips(tx: Transaction, ids: list[str]) -> dict[str, Any]:
    """Return the stored strips; those of days from before strips were stored are made from the timeline."""
    found = documents.get_json_of(tx, ids, "strip")
    missing = [id for id in ids if id not in found]
    timelines = documents.get_json_of(tx, missing, "timeline") if missing else {}
    return {**found, **{id: strip_of(timeline) for id, timeline in timelines.items()}}


def _summary(
    session: SessionRecord, parts: list[SegmentRecord], progress: tuple[int, int] | None, strip: Any
) -> SessionSummary:
    statuses = [part.status for part in parts]
    rollup = session.rollup
    scores = rollup["average_scores"] if rollup else {}
    return {
        "id": session.id,
        "status": session.status,
        "created_at": iso(session.created_at),
        "recorded_at": iso(session.recorded_at),
        "recorded_at_source": session.recorded_at_source,
        "completed_at": iso(session.completed_at),
        "org_id": session.org_id,
        "rep_id": session.rep_id,
        "duration_seconds": session.duration_seconds,
        "revision": session.revision,
        "segments_detected": len(parts),
        "segments_analyzed": statuses.count(SegmentStatus.ANALYZED),
        "segments_failed": statuses.count(SegmentStatus.FAILED),
        "segments_below_threshold": statuses.count(SegmentStatus.BELOW_THRESHOLD),
        "customer_seconds": round(sum(part.end_seconds - part.start_seconds for part in parts), 3),
        "overall_score": scores.get("overall_score"),
        "is_demo_quality": bool(session.usage.get("is_demo_quality", False)),
        "audio": audio_json(session),
        "progress": progress_json(session, progress),
        "error": session.error,
        "strip": strip,
    }
