"""A session as the API shows it and as webhooks carry it."""

from __future__ import annotations

from typing import Any

from dayline.clock import iso
from dayline.db.database import Transaction
from dayline.db.records import SegmentRecord, SessionRecord
from dayline.domain.errors import NotFound
from dayline.domain.status import SegmentStatus
from dayline.sessions import repository as session_rows
from dayline.sessions import segments_repository as segment_rows


def session_view(tx: Transaction, session_id: str) -> dict[str, Any]:
    """Return a session with its segments, as `GET /v1/all-day-sessions/{id}` answers. Raises NotFound."""
    session = session_rows.get(tx, session_id)
    if session is None:
        raise NotFound.of("session", session_id)
    return session_json(session, segment_rows.list_all(tx, session_id))


def session_json(session: SessionRecord, segments: list[SegmentRecord]) -> dict[str, Any]:
    """Write a session row and its segments as the API shows them."""
    counts = [segment.status for segment in segments]
    return {
        "id": session.id,
        "status": session.status,
        "created_at": iso(session.created_at),
        "org_id": session.org_id,
        "rep_id": session.rep_id,
        "recording_url": session.recording_url,
        "file_key": session.file_key,
        "options": session.options,
        "metadata": session.metadata,
        "started_at": iso(session.started_at),
        "completed_at": iso(session.completed_at),
        "duration_seconds": session.duration_seconds,
        "progress": progress_json(session),
        "revision": session.revision,
        "segments_detected": len(segments),
        "segments_analyzed": counts.count(SegmentStatus.ANALYZED.value),
        "segments_failed": counts.count(SegmentStatus.FAILED.value),
        "segments_below_threshold": counts.count(SegmentStatus.BELOW_THRESHOLD.value),
        "segments": [segment_json(segment) for segment in segments],
        "rollup": session.rollup,
        "usage": session.usage,
        "error": session.error,
    }


def progress_json(session: SessionRecord) -> dict[str, Any]:
    """Write how far a session has come."""
    return {
        "stage": session.stage,
        "percent": round(session.percent, 1),
        "transcribed_seconds": round(session.transcribed_seconds, 1),
    }


def segment_json(segment: SegmentRecord) -> dict[str, Any]:
    """Write one segment as the API shows it."""
    return {
        "id": segment.id,
        "index": segment.number,
        "start_seconds": round(segment.start_seconds, 3),
        "end_seconds": round(segment.end_seconds, 3),
        "confidence": round(segment.confidence, 4),
        "title": segment.title,
        "kind": segment.kind,
        "status": segment.status,
        "analysis_id": segment.analysis_id,
        "reasons": segment.reasons,
        "revision": segment.revision,
    }
