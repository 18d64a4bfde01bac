"""Operations on sessions: submit, cancel, retry, analyse one segment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from dayline.analyses import repository as analyses
from dayline.clock import iso, now
from dayline.db.columns import is_damaged
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord, SegmentRecord, SessionRecord
from dayline.domain.errors import Conflict, NotFound
from dayline.domain.redaction import redact
from dayline.domain.serialization import (
    PackedTranscript,
    PackedUtterances,
    unpack_between,
    unpack_transcript,
    unpack_utterances,
    without_words,
)
from dayline.domain.status import AnalysisStatus, EventType, SegmentStatus, SessionStatus
from dayline.domain.stored_json import AnalysisOptions, SessionOptions, StoredError, StoredInterval
from dayline.domain.transcript import Transcript, Word
from dayline.ids import new_id
from dayline.orgs import repository as orgs
from dayline.playbooks import repository as playbooks
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.sessions.schemas import AnalysisHandle, AnalyzeSegment, SessionAccepted, SessionRequest, SessionShown
from dayline.sessions.view import session_view
from dayline.tracing import traced
from dayline.uploads import repository as uploads
from dayline.webhooks import events_repository as events
from dayline.workflows.analysis.child_rows import child_of
from dayline.workflows.enqueue import start_again, start_analysis, start_day, wake_day
from dayline.workflows.job_queue import JobQueue


@traced("submit")
def submit(
    tx: Transaction,
    jobs: JobQueue,
    request: SessionRequest,
    *,
    partner_id: str,
    environment: str,
    is_rep_known: bool = False,
) -> SessionAccepted:
    """Write the session and queue its day, in one transaction. Returns {id, status, created_at}.

    is_rep_known: this transaction has seen the row of the rep; without it org and rep are created if they are missing.

    Raises NotFound for a playbook of another org or a file key of another partner.
    """
    if request.file_key is not None and uploads.get(tx, request.file_key, partner_id=partner_id) is None:
        raise NotFound.of("file", request.file_key)
    check_playbook(tx, request.options.playbook_id, partner_id, request.org_id)
    if not is_rep_known:
        orgs.ensure(tx, partner_id, request.org_id, request.rep_id)
    session = sessions.new_record(
        partner_id=partner_id,
        environment=environment,
        org_id=request.org_id,
        rep_id=request.rep_id,
        recording_url=request.recording_url,
        file_key=request.file_key,
        options=cast(SessionOptions, request.options.model_dump(mode="json")),
        metadata=request.metadata,
        recorded_at=request.recorded_at,
    )
    sessions.add(tx, session)
    start_day(jobs, tx, session)
    return accepted(session)


def accepted(session: SessionRecord) -> SessionAccepted:
    """Return the three keys that an accepted session is answered with."""
    return {"id": session.id, "status": session.status, "created_at": iso(session.created_at)}


def owned(tx: Transaction, session_id: str, *, partner_id: str, lock: bool = False) -> SessionRecord:
    """Return a session of this partner. Raises NotFound."""
    session = sessions.get(tx, session_id, partner_id=partner_id, lock=lock)
    if session is None:
        raise NotFound.of("session", session_id)
    return session


def cancel(tx: Transaction, jobs: JobQueue, session: SessionRecord) -> SessionShown:
    """End a session now; workers read its row and stop. Raises Conflict when it has ended.

    The session, its open analyses and the events of both are written in this transaction.
    """
    if not stop(tx, jobs, session):
        raise Conflict(f"The session has ended already: it is {session.status}.", status=session.status)
    return session_view(tx, session.id)


def stop(tx: Transaction, jobs: JobQueue, session: SessionRecord) -> bool:
    """Cancel a session that has not ended. Returns False when it has."""
    moment = now()
    problem: StoredError = {"code": "cancelled", "message": "The session was cancelled on request.", "details": {}}
    ended = sessions.update(
        tx,
        session.id,
        status=SessionStatus.FAILED,
        error=problem,
        cancel_requested_at=moment,
        completed_at=moment,
    )
    if not ended:
        return False
    for child in analyses.children(tx, session.id):
        if analyses.update_open(tx, child.id, status=AnalysisStatus.FAILED, error=problem, completed_at=moment):
            segments.update(tx, child.segment_id or "", status=SegmentStatus.FAILED)
    events.add(
        tx,
        partner_id=session.partner_id,
        environment=session.environment,
        type=EventType.SESSION_FAILED,
        body=session_view(tx, session.id),
        session_id=session.id,
        callback_url=session.options.get("callback_url"),
        once=(session.id, session.run),
    )
    wake_day(jobs, tx, session, why="cancel")
    return True


def retry(tx: Transaction, jobs: JobQueue, session: SessionRecord) -> SessionAccepted:
    """Let a failed session go on: what was done stays, what failed or was cut off is tried again. Raises Conflict."""
    if session.status != SessionStatus.FAILED:
        raise Conflict(f"Only a failed session can be retried; this one is {session.status}.", status=session.status)
    for child in analyses.children(tx, session.id):
        if child.status != AnalysisStatus.COMPLETED:
            analyses.update(tx, child.id, is_current=False)
    for segment in segments.list_all(tx, session.id):
        if segment.status in (SegmentStatus.ANALYZING, SegmentStatus.FAILED):
            segments.update(tx, segment.id, status=SegmentStatus.DETECTED, analysis_id=None)
    again = start_again(jobs, tx, session)
    return accepted(again)


def analyze_segment(
    tx: Transaction, jobs: JobQueue, session: SessionRecord, segment_id: str, request: AnalyzeSegment
) -> AnalysisHandle:
    """Queue one more analysis of a segment, from the transcript that is there. Returns the analysis' handle.

    Raises NotFound for the segment or the playbook, Conflict while the session or the segment is being worked on.
    """
    segment = segments.get(tx, session.id, segment_id)
    if segment is None:
        raise NotFound.of("segment", segment_id)
    if session.status != SessionStatus.COMPLETED:
        raise Conflict(
            f"Segments are analysed on demand once the session is completed; it is {session.status}.",
            status=session.status,
        )
    if segment.status == SegmentStatus.ANALYZING:
        raise Conflict("This segment is being analysed already.", status=segment.status)
    check_playbook(tx, request.playbook_id, session.partner_id, session.org_id)
    analysis = analyze_again(
        tx,
        jobs,
        session,
        segment,
        options=cast(AnalysisOptions, request.model_dump(exclude_none=True)),
        once=("on demand", new_id()),
    )
    return {"id": analysis.id, "status": analysis.status, "created_at": iso(analysis.created_at)}


def analyze_again(
    tx: Transaction,
    jobs: JobQueue,
    session: SessionRecord,
    segment: SegmentRecord,
    *,
    options: AnalysisOptions | None = None,
    once: tuple[Any, ...],
) -> AnalysisRecord:
    """Put a new analysis in place of the segment's present one, which stays readable under its own id.

    Raises Conflict when the transcript is not kept: the present analysis would be lost for one that must fail.
    """
    check_transcript(tx, session)
    if segment.analysis_id is not None:
        analyses.update(tx, segment.analysis_id, is_current=False)
    analysis = child_of(tx, session, segment, once=(session.id, segment.id, *once), options=options)
    analyses.add(tx, analysis)
    segments.update(tx, segment.id, status=SegmentStatus.ANALYZING, analysis_id=analysis.id)
    start_analysis(jobs, tx, analysis)
    return analysis


def has_transcript(tx: Transaction, session: SessionRecord) -> bool:
    """Return whether the transcript of a day is there."""
    return "transcript" in documents.names(tx, session.id)


def check_transcript(tx: Transaction, session: SessionRecord) -> None:
    """Raise Conflict when there is nothing to analyse again."""
    if not has_transcript(tx, session):
        raise Conflict(
            "The transcript was deleted after the time for which its org keeps it, so no conversation can be analysed "
            "again.",
            status=session.status,
            reason="transcript_deleted",
        )


def check_playbook(tx: Transaction, playbook_id: str | None, partner_id: str, org_id: str) -> None:
    """Raise NotFound when a playbook is named that this org does not have."""
    if playbook_id is not None and playbooks.get(tx, playbook_id, partner_id=partner_id, org_id=org_id) is None:
        raise NotFound.of("playbook", playbook_id)


def transcript_of(tx: Transaction, session: SessionRecord) -> PackedTranscript:
    """Return the packed transcript of a day. Raises Conflict while it is not there."""
    return _document(tx, session, "transcript", "transcription")


def utterances_of(tx: Transaction, session: SessionRecord) -> PackedUtterances | None:
    """Return the utterances of a day without their words, None where the day has no transcript (yet)."""
    stored = documents.get_json(tx, session.id, "utterances")
    if stored is not None and not is_damaged(stored):
        return stored
    # Days that an earlier version transcribed have the transcript alone.
    packed = documents.get_json(tx, session.id, "transcript")
    return None if packed is None else without_words(packed)


def spoken_in(tx: Transaction, session: SessionRecord, segment_id: str | None = None) -> Transcript:
    """Return what was said on a day, or in one of its segments. Raises NotFound, or Conflict while it is not there."""
    segment = None if segment_id is None else segments.get(tx, session.id, segment_id)
    if segment_id is not None and segment is None:
        raise NotFound.of("segment", segment_id)
    packed = transcript_of(tx, session)
    if segment is None:
        return unpack_transcript(packed)
    return unpack_between(packed, segment.start_seconds, segment.end_seconds)


def spoken_so_far(tx: Transaction, session: SessionRecord) -> tuple[Transcript, list[list[float]], bool]:
    """Return what is transcribed of a day, the [start, end] of it, and whether it is only a part.

    While the day runs, words come from its finished chunks, redacted as the org wants, without names of speakers.
    Raises Conflict when the transcript was deleted.
    """
    stored = documents.get_json(tx, session.id, "transcript")
    if stored is None and session.status == SessionStatus.COMPLETED:
        transcript_of(tx, session)  # raises Conflict: it was deleted, and there is no part of it either
    if stored is not None:
        return unpack_transcript(stored), [[0.0, session.duration_seconds or 0.0]], False
    finished = chunks.finished(tx, session.id)
    wanted = orgs.redacted(tx, session.partner_id, session.org_id)
    said = [line for _, _, packed in finished for line in unpack_utterances(packed or [])]
    heard = redact([replace(line, speaker=None, words=_without_speakers(line.words)) for line in said], wanted)
    transcript = Transcript(utterances=heard, duration_seconds=session.duration_seconds or 0.0)
    return transcript, [[round(start, 3), round(end, 3)] for start, end, _ in finished], True


def _without_speakers(words: tuple[Word, ...]) -> tuple[Word, ...]:
    return tuple(replace(word, speaker=None) for word in words)


def timeline_of(tx: Transaction, session: SessionRecord) -> list[StoredInterval]:
    """Return the timeline of a day. Raises Conflict while it is not there."""
    return _document(tx, session, "timeline", "detection")


def _document(tx: Transaction, session: SessionRecord, name: str, stage: str) -> Any:
    found = documents.get_json(tx, session.id, name)
    if found is None and session.status == SessionStatus.COMPLETED:
        raise Conflict(f"The {name} was deleted after the time for which its org keeps it.", status=session.status)
    if found is None:
        raise Conflict(
            f"The {name} is there when {stage} has ended; the session is {session.status}.", status=session.status
        )
    return found
