"""A session as the API shows it and as webhooks carry it."""

from __future__ import annotations

from dayline.clock import iso, now, utc
from dayline.db.database import Transaction
from dayline.db.records import SegmentRecord, SessionRecord
from dayline.domain.errors import NotFound
from dayline.domain.status import SegmentStatus, SessionStatus
from dayline.sessions import chunks_repository as chunk_rows
from dayline.sessions import repository as session_rows
from dayline.sessions import segments_repository as segment_rows
from dayline.sessions.playback_state import playback_state
from dayline.sessions.schemas import AudioShown, Progress, SegmentShown, SessionShown

_LEAST_CHUNKS_FOR_PACE = 2


def session_view(tx: Transaction, session_id: str) -> SessionShown:
    """Return a session with its segments, as `GET /v1/all-day-sessions/{id}` answers. Raises NotFound."""
    session = session_rows.get(tx, session_id)
    if session is None:
        raise NotFound.of("session", session_id)
    return view_of(tx, session)


def view_of(tx: Transaction, session: SessionRecord) -> SessionShown:
    """Return a session that has just been read, with its segments."""
    progress = progress_of(tx, [session]).get(session.id)
    return session_json(session, segment_rows.list_all(tx, session.id), progress)


def progress_of(tx: Transaction, sessions: list[SessionRecord]) -> dict[str, tuple[int, int]]:
    """Return (chunks that are finished, chunks) by session; sessions without chunks are left out."""
    # Until a worker has begun there are no chunks to count.
    begun = [session.id for session in sessions if session.started_at is not None]
    return chunk_rows.progress_of(tx, begun) if begun else {}


def session_json(
    session: SessionRecord, segments: list[SegmentRecord], progress: tuple[int, int] | None = None
) -> SessionShown:
    """Write a session row and its segments as the API shows them."""
    counts = [segment.status for segment in segments]
    return {
        "id": session.id,
        "status": session.status,
        "created_at": iso(session.created_at),
        "recorded_at": iso(session.recorded_at),
        "recorded_at_source": session.recorded_at_source,
        "org_id": session.org_id,
        "rep_id": session.rep_id,
        "recording_url": session.recording_url,
        "file_key": session.file_key,
        "options": session.options,
        "metadata": session.metadata,
        "started_at": iso(session.started_at),
        "completed_at": iso(session.completed_at),
        "duration_seconds": session.duration_seconds,
        "progress": progress_json(session, progress),
        "audio": audio_json(session),
        "speaker_names": session.speaker_names or {},
        "revision": session.revision,
        "segments_detected": len(segments),
        "segments_analyzed": counts.count(SegmentStatus.ANALYZED),
        "segments_failed": counts.count(SegmentStatus.FAILED),
        "segments_below_threshold": counts.count(SegmentStatus.BELOW_THRESHOLD),
        "segments": [segment_json(segment) for segment in segments],
        "rollup": session.rollup,
        "usage": session.usage,
        "error": session.error,
    }


def progress_json(session: SessionRecord, chunks: tuple[int, int] | None = None) -> Progress:
    """Write how far a session has come. `chunks`: chunks of speech that are finished, and all that are known."""
    done, known = chunks or (0, 0)
    return {
        "stage": session.stage,
        "percent": round(session.percent, 1),
        "transcribed_seconds": round(session.transcribed_seconds, 1),
        "spans_done": done,
        # The number of chunks is known only after the whole recording was read.
        "spans_total": known if session.is_ingested else None,
        "eta_seconds": _eta_seconds(session, done, known),
    }


def _eta_seconds(session: SessionRecord, done: int, known: int) -> float | None:
    """Return how long transcription may still take at the pace so far; None where there is no pace to go by."""
    is_running = session.status == SessionStatus.TRANSCRIBING and session.is_ingested
    if not is_running or session.started_at is None or done < _LEAST_CHUNKS_FOR_PACE:
        return None
    elapsed = (now() - utc(session.started_at)).total_seconds()
    return round(max(0.0, elapsed) / done * (known - done), 1)


def audio_json(session: SessionRecord) -> AudioShown:
    """Write whether and how a session's recording can be listened to, as far as the last look at it told."""
    return playback_state(
        session.audio or {},
        session.usage.get("recording") or {},
        recording_url=session.recording_url,
        is_ingested=session.is_ingested,
    )


def segment_json(segment: SegmentRecord) -> SegmentShown:
    """Write one segment as the API shows it."""
    return {
        "id": segment.id,
        "index": segment.number,
        "start_seconds": round(segment.start_seconds, 3),
        "end_seconds": round(segment.end_seconds, 3),
        "confidence": None if segment.confidence is None else round(segment.confidence, 4),
        "title": segment.title,
        "kind": segment.kind,
        "status": segment.status,
        "analysis_id": segment.analysis_id,
        "reasons": segment.reasons,
        "revision": segment.revision,
    }
