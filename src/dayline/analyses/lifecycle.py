"""Cancel, archive, score again and delete analyses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from dayline.analyses import repository as analyses
from dayline.analyses.schemas import AnalysisShown, RescoreRequest
from dayline.analyses.view import analysis_view
from dayline.clock import iso, now
from dayline.db.blobs import Blobs
from dayline.db.database import Database, Transaction
from dayline.db.records import AnalysisRecord, SessionRecord
from dayline.domain.errors import Conflict, NotFound
from dayline.domain.status import AnalysisStatus, EventType, SegmentStatus, SessionStatus
from dayline.domain.stored_json import AnalysisOptions, StoredError
from dayline.playbooks import repository as playbooks
from dayline.search import indexing
from dayline.search import repository as search_index
from dayline.sessions import deletion, deletion_repository
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.sessions import service as session_service
from dayline.sessions.deletion import nothing_outside
from dayline.sessions.schemas import AnalysisHandle, AnalyzeSegment, OutsideReceipt, Receipt
from dayline.uploads import repository as uploads
from dayline.webhooks import events_repository as events
from dayline.webhooks import ordering
from dayline.workflows.analysis.outcome import rollup_of
from dayline.workflows.enqueue import start_analysis_later, wake_day
from dayline.workflows.job_queue import JobQueue

_OPEN = (AnalysisStatus.QUEUED, AnalysisStatus.PROCESSING)
_CANCELLED: StoredError = {"code": "cancelled", "message": "The analysis was cancelled on request.", "details": {}}


def cancel(tx: Transaction, jobs: JobQueue, analysis: AnalysisRecord) -> AnalysisShown:
    """End an analysis now; a session that waits for it goes on. Raises Conflict when it has ended."""
    session = sessions.lock(tx, analysis.parent_session_id or analysis.id)
    moment = now()
    ended = analyses.update_open(tx, analysis.id, status=AnalysisStatus.FAILED, error=_CANCELLED, completed_at=moment)
    if not ended:
        raise Conflict(f"The analysis has ended already: it is {analysis.status}.", status=analysis.status)
    if analysis.parent_session_id is None and session is not None:
        sessions.update(
            tx,
            session.id,
            status=SessionStatus.FAILED,
            error=_CANCELLED,
            cancel_requested_at=moment,
            completed_at=moment,
        )
    elif session is not None and _is_in_place(tx, analysis):
        segments.update(tx, analysis.segment_id or "", status=SegmentStatus.FAILED)
        _update_rollup(tx, session)
    shown = analysis_view(tx, analysis.id)
    is_again = events.is_there(tx, EventType.ANALYSIS_FAILED, analysis.id)
    events.add(
        tx,
        partner_id=analysis.partner_id,
        environment=analysis.environment,
        type=EventType.ANALYSIS_FAILED,
        body=shown,
        session_id=analysis.parent_session_id,
        analysis_id=analysis.id,
        callback_url=analysis.callback_url,
        once=(analysis.id, analysis.attempts) if is_again else (analysis.id,),
    )
    if session is not None:
        wake_day(jobs, tx, session, why=f"analyses:{analysis.id}")
    return shown


def _is_in_place(tx: Transaction, analysis: AnalysisRecord) -> bool:
    """Return whether a segment shows this analysis; another one may have taken its place."""
    if analysis.parent_session_id is None or analysis.segment_id is None:
        return False
    segment = segments.get(tx, analysis.parent_session_id, analysis.segment_id)
    return segment is not None and segment.analysis_id == analysis.id


def _update_rollup(tx: Transaction, session: SessionRecord) -> None:
    """Write the rollup of a completed session anew: it must not tell of an analysis that is not there any more."""
    if session.status == SessionStatus.COMPLETED:
        sessions.update_ended(tx, session.id, rollup=rollup_of(tx, session.id))


def set_archived(tx: Transaction, analysis: AnalysisRecord, *, archived: bool) -> AnalysisShown:
    """Take an analysis out of lists, or put it back. Idempotent. It stays readable by its id."""
    if archived != (analysis.archived_at is not None):
        analyses.update(tx, analysis.id, archived_at=now() if archived else None)
    return analysis_view(tx, analysis.id)


def _without_analysis(tx: Transaction, analysis: AnalysisRecord, session: SessionRecord) -> SegmentStatus:
    """Return the status of a segment whose analysis is deleted: the one that it was detected with."""
    segment = segments.get(tx, session.id, analysis.segment_id or "")
    confidence = None if segment is None else segment.confidence
    is_below = confidence is not None and confidence < float(session.options.get("min_confidence", 0.8))
    return SegmentStatus.BELOW_THRESHOLD if is_below else SegmentStatus.DETECTED


def rescore(tx: Transaction, jobs: JobQueue, analysis: AnalysisRecord, request: RescoreRequest) -> AnalysisHandle:
    """Score a conversation again from the transcript that is there. Returns {id, status, created_at}.

    The conversation of a session gets a new analysis, which takes the place of this one; an analysis of its own keeps
    its id. Raises Conflict while it is being worked on or when there is no transcript, NotFound for the playbook.
    """
    if analysis.status in _OPEN:
        raise Conflict(f"The analysis is {analysis.status}. Wait until it has ended.", status=analysis.status)
    if analysis.parent_session_id is not None:
        session = sessions.lock(tx, analysis.parent_session_id)
        if session is None or analysis.segment_id is None or not analysis.is_current:
            raise Conflict("This analysis was superseded. Score the newest one of its segment again.")
        wanted = AnalyzeSegment(playbook_id=request.playbook_id, prompt_overrides=request.prompt_overrides)
        return session_service.analyze_segment(tx, jobs, session, analysis.segment_id, wanted)
    if analyses.large_parts(tx, analysis.id)[0] is None:
        raise Conflict("The transcript of this analysis is not kept. Submit the recording again.")
    playbook = playbooks.resolve(tx, analysis.partner_id, analysis.org_id, analysis.rep_id, request.playbook_id)
    if request.playbook_id is not None and playbook is None:
        raise NotFound.of("playbook", request.playbook_id)
    changed = cast(AnalysisOptions, request.model_dump(mode="json", exclude_none=True))
    options: AnalysisOptions = {**analysis.options, **changed}
    if request.playbook_id is not None:
        options["playbook_content"] = None
    uses_text = options.get("playbook_content") is not None
    analyses.update(
        tx,
        analysis.id,
        status=AnalysisStatus.QUEUED,
        options=options,
        playbook_id=playbook.id if playbook and not uses_text else None,
        playbook_version=playbook.version if playbook and not uses_text else None,
        overall_score=None,
        error=None,
        completed_at=None,
    )
    start_analysis_later(jobs, tx, analysis.id)
    return {"id": analysis.id, "status": AnalysisStatus.QUEUED, "created_at": iso(analysis.created_at)}


@dataclass(slots=True)
class Deletion:
    """Delete one analysis: `prepare` outside a transaction, then `erase` inside. Both can be repeated."""

    database: Database
    jobs: JobQueue
    blobs: Blobs
    outside: OutsideReceipt = field(default_factory=nothing_outside, init=False)

    def prepare(self, analysis: AnalysisRecord) -> None:
        """Stop the work, and delete data outside of our tables."""
        if analysis.status in _OPEN:
            self.database.in_write(lambda tx: self._stop(tx, analysis.id))
        with self.database.read() as tx:
            session = self._session(tx, analysis)
        if session is not None:
            self.outside = deletion.prepare(self.database, self.jobs, self.blobs, session)
        else:
            self.outside = {"objects": [], "engine_records": self.jobs.purge(f"analysis:{analysis.id}:")}

    def erase(self, tx: Transaction, analysis: AnalysisRecord) -> Receipt:
        """Delete every row and return the receipt."""
        parent = sessions.lock(tx, analysis.parent_session_id or analysis.id)
        session = self._session(tx, analysis)
        is_in_place = _is_in_place(tx, analysis)
        counts = deletion_repository.count_rows_of_analysis(tx, analysis.id)
        counts["idempotency"] = deletion.delete_answers(tx, analysis.partner_id, analysis.id, since=analysis.created_at)
        if parent is not None and is_in_place:
            segments.update(
                tx, analysis.segment_id or "", analysis_id=None, status=_without_analysis(tx, analysis, parent)
            )
        if session is not None:
            for name, count in deletion.erase(tx, session, self.outside)["rows"].items():
                counts[name] = counts.get(name, 0) + count
        elif analysis.parent_session_id is None:
            counts["upload"] = self._erase_upload(tx, analysis.file_key)
        analyses.delete(tx, analysis.id)
        if parent is not None and analysis.parent_session_id is not None and is_in_place:
            _update_rollup(tx, parent)
            for name, count in deletion_repository.delete_events_with_rollup(tx, parent.id).items():
                counts[name] += count
            indexing.refresh(tx, analysis.parent_session_id, analysis.segment_id)
            search_index.erase_deleted(tx)
        if analysis.parent_session_id is not None:
            ordering.make_heads_due(tx, analysis.parent_session_id)
        tx.erased()
        return {
            "id": analysis.id,
            "deleted_at": iso(now()),
            "rows": {name: count for name, count in counts.items() if count},
            "objects": self.outside["objects"],
            "engine_records": self.outside["engine_records"],
        }

    def _erase_upload(self, tx: Transaction, file_key: str | None) -> int:
        """Delete an upload that nothing else uses. Return how many rows that were."""
        if file_key is None or deletion_repository.users_of_file(tx, file_key) != 1:
            return 0
        if self.blobs.delete(file_key):
            self.outside["objects"].append(file_key)
        return int(uploads.delete(tx, file_key))

    def _stop(self, tx: Transaction, analysis_id: str) -> None:
        analysis = analyses.get(tx, analysis_id)
        if analysis is not None and analysis.status in _OPEN:
            cancel(tx, self.jobs, analysis)

    @staticmethod
    def _session(tx: Transaction, analysis: AnalysisRecord) -> SessionRecord | None:
        """Return the session that processes an analysis of its own; None for a child of a day."""
        return None if analysis.parent_session_id is not None else sessions.get(tx, analysis.id)
