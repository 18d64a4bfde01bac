"""Write a correction (segments, timeline, analyses, revision, event) in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from dayline.analyses import repository as analyses
from dayline.clock import iso
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord, RevisionRecord, SegmentRecord, SessionRecord
from dayline.domain.errors import Conflict, NotFound
from dayline.domain.json_types import JsonObject
from dayline.domain.status import AnalysisStatus, EventType, SegmentStatus, SessionStatus
from dayline.domain.stored_json import StoredInterval
from dayline.ids import derived_id
from dayline.orgs import detector_memory_repository as detector_memory
from dayline.search.indexing import index_session
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.sessions.corrections.model import DayState, SegmentEdit, TimelineEntry, apply
from dayline.sessions.corrections.schemas import CorrectionPreview, Corrections, RevisionWithTimeline
from dayline.sessions.schemas import SegmentShown, SessionShown
from dayline.sessions.service import analyze_again, check_transcript, has_transcript, timeline_of
from dayline.sessions.view import segment_json, session_view
from dayline.webhooks import events_repository as events
from dayline.workflows.analysis.outcome import rollup_of
from dayline.workflows.job_queue import JobQueue

_DETECTOR = "detector"
_STATUS_OF = {
    AnalysisStatus.QUEUED: SegmentStatus.ANALYZING,
    AnalysisStatus.PROCESSING: SegmentStatus.ANALYZING,
    AnalysisStatus.COMPLETED: SegmentStatus.ANALYZED,
    AnalysisStatus.FAILED: SegmentStatus.FAILED,
}


def correct(
    tx: Transaction, jobs: JobQueue, session: SessionRecord, request: Corrections, *, author: str
) -> SessionShown:
    """Apply changes to a completed session and return it. Only touched conversations are analysed again.

    `session` must be locked by this transaction. Raises Conflict (invalid_state) for a stale revision or a
    session that is still being worked on or whose transcript is needed and not kept, NotFound for a segment,
    InvalidRequest for a change that does not fit.
    """
    before, timeline, state = _corrected(tx, session, request)
    number = session.revision + 1
    _keep_present(tx, session, before, timeline)
    after = _records(session.id, state, before, number)
    _retire(tx, before, after)
    segments.replace_all(tx, session.id, after)
    painted = [_entry_json(entry) for entry in state.timeline]
    documents.put_timeline(tx, session.id, painted)
    for row in _to_analyze(session, state, after, before):
        analyze_again(tx, jobs, session, row, once=("revision", number))
    changes = [entry.model_dump(mode="json", exclude_none=True) for entry in request.changes]
    return _finish(tx, session, number, author, changes, painted, before=before)


def preview(tx: Transaction, session: SessionRecord, request: Corrections) -> CorrectionPreview:
    """Return what `correct` would do, and change nothing. Raises as it does."""
    before, _, state = _corrected(tx, session, request)
    after = _records(session.id, state, before, session.revision + 1)
    kept = {row.id for row in after}
    again = _to_analyze(session, state, after, before)
    if again:
        check_transcript(tx, session)
    return {
        "reanalyze": [row.id for row in again],
        "retire": [row.id for row in before if row.id not in kept],
    }


def restore(
    tx: Transaction, jobs: JobQueue, session: SessionRecord, number: int, *, expected: int | None, author: str
) -> SessionShown:
    """Bring back the segments, confidences, reasons and analyses of an earlier revision, as a new revision.

    `session` must be locked by this transaction. Only a segment whose analysis was deleted meanwhile is analysed again.
    Raises Conflict (invalid_state) as `correct`, NotFound for the revision.
    """
    _check_present(session, session.revision if expected is None else expected)
    wanted = revision_of(tx, session, number)
    before, timeline = segments.list_all(tx, session.id), timeline_of(tx, session)
    _keep_present(tx, session, before, timeline)
    ids = [row["analysis_id"] for row in wanted["segments"]]
    found = {id: analyses.get(tx, id) for id in ids if id is not None}
    after = [
        _as_it_was(session.id, row, None if id is None else found[id])
        for row, id in zip(wanted["segments"], ids, strict=True)
    ]
    _retire(tx, before, after)
    for row in after:
        if row.analysis_id is not None:
            analyses.update(tx, row.analysis_id, is_current=True)
    segments.replace_all(tx, session.id, after)
    documents.put_timeline(tx, session.id, wanted["timeline"])
    for row, then in zip(after, wanted["segments"], strict=True):
        if then["analysis_id"] is not None and row.analysis_id is None and has_transcript(tx, session):
            analyze_again(tx, jobs, session, row, once=("revision", session.revision + 1))
    changes: list[JsonObject] = [{"op": "restore", "revision": number}]
    return _finish(tx, session, session.revision + 1, author, changes, wanted["timeline"], before=before)


def _as_it_was(session_id: str, row: SegmentShown, analysis: AnalysisRecord | None) -> SegmentRecord:
    """Return a segment of a kept revision, with the present state of its analysis of then."""
    status = SegmentStatus(row["status"]) if row["analysis_id"] is None else SegmentStatus.DETECTED
    if analysis is not None:
        status = _STATUS_OF[AnalysisStatus(analysis.status)]
    return SegmentRecord(
        id=row["id"],
        session_id=session_id,
        number=row["index"],
        start_seconds=row["start_seconds"],
        end_seconds=row["end_seconds"],
        confidence=row["confidence"],
        title=row["title"],
        kind=row["kind"],
        status=status,
        analysis_id=analysis.id if analysis is not None else None,
        reasons=row["reasons"],
        revision=row["revision"],
    )


def _corrected(
    tx: Transaction, session: SessionRecord, request: Corrections
) -> tuple[list[SegmentRecord], list[StoredInterval], DayState]:
    """Return the segments and the timeline as they are, and the day as the changes make it."""
    _check_present(session, request.revision)
    before, timeline = segments.list_all(tx, session.id), timeline_of(tx, session)
    state = apply(
        _state(session, before, timeline),
        [entry.change() for entry in request.changes],
        lambda made: derived_id("segment", session.id, "revision", session.revision + 1, made),
    )
    return before, timeline, state


def _check_present(session: SessionRecord, revision: int) -> None:
    if session.status != SessionStatus.COMPLETED:
        raise Conflict(
            f"A session can be corrected when it is completed; it is {session.status}.", status=session.status
        )
    if revision != session.revision:
        raise Conflict(
            f"The segments have changed meanwhile: they are at revision {session.revision}. Read them again.",
            revision=session.revision,
        )


def _keep_present(
    tx: Transaction, session: SessionRecord, rows: Sequence[SegmentRecord], timeline: list[StoredInterval]
) -> None:
    """Keep the present revision as it is now: its conversations may have been analysed since it was made."""
    shown = [segment_json(row) for row in rows]
    if not segments.update_revision(tx, session.id, session.revision, segments=shown):
        _keep(tx, session.id, session.revision, _DETECTOR, [], rows, timeline)


def _searched(row: SegmentRecord) -> tuple[object, ...]:
    """Return what the search index takes from a segment."""
    return row.id, row.start_seconds, row.end_seconds, row.title, row.analysis_id


def _finish(
    tx: Transaction,
    session: SessionRecord,
    number: int,
    author: str,
    changes: list[JsonObject],
    timeline: list[StoredInterval],
    *,
    before: Sequence[SegmentRecord],
) -> SessionShown:
    """Keep a new revision, update search index and rollup, and write the event."""
    after = segments.list_all(tx, session.id)
    _keep(tx, session.id, number, author, changes, after, timeline)
    detector_memory.mark_stale(tx, session.id)
    known = {_searched(row) for row in before}
    index_session(tx, session.id, changed={row.id for row in after if _searched(row) not in known})
    rollup = rollup_of(tx, session.id)
    # Without a rollup before, the org's retention has deleted the results: "none was analysed" would be false.
    kept = None if session.rollup is None and rollup["analyzed"] == 0 else rollup
    sessions.update_ended(tx, session.id, revision=number, rollup=kept)
    shown = session_view(tx, session.id)
    events.add(
        tx,
        partner_id=session.partner_id,
        environment=session.environment,
        type=EventType.SESSION_CORRECTED,
        body=shown,
        session_id=session.id,
        callback_url=session.options.get("callback_url"),
        once=(session.id, "revision", number),
    )
    return shown


def revisions_of(tx: Transaction, session: SessionRecord) -> list[RevisionWithTimeline]:
    """Return every state of a day's segments, oldest first. Revision 0 is the detector's."""
    kept = segments.list_revisions(tx, session.id)
    if kept:
        return [_kept_json(row) for row in kept]
    return [
        {
            "number": 0,
            "author": _DETECTOR,
            "created_at": iso(session.completed_at or session.updated_at),
            "changes": [],
            "segments": [segment_json(row) for row in segments.list_all(tx, session.id)],
            "timeline": documents.get_json(tx, session.id, "timeline") or [],
        }
    ]


def _kept_json(row: RevisionRecord) -> RevisionWithTimeline:
    return {
        "number": row.number,
        "author": row.author,
        "created_at": iso(row.created_at),
        "changes": row.changes,
        "segments": row.segments,
        "timeline": row.timeline,
    }


def revision_of(tx: Transaction, session: SessionRecord, number: int) -> RevisionWithTimeline:
    """Return one state. Raises NotFound."""
    for row in revisions_of(tx, session):
        if row["number"] == number:
            return row
    raise NotFound(f"There is no revision {number} of this session.", code="revision_not_found")


def _state(session: SessionRecord, before: Sequence[SegmentRecord], timeline: list[StoredInterval]) -> DayState:
    entries = tuple(
        TimelineEntry(s["start_seconds"], s["end_seconds"], s["label"], tuple(s["reasons"])) for s in timeline
    )
    end = entries[-1].end_seconds if entries else session.duration_seconds or 0.0
    return DayState(
        duration_seconds=end,
        parts=tuple(
            SegmentEdit(
                id=row.id,
                start_seconds=row.start_seconds,
                end_seconds=row.end_seconds,
                title=row.title,
                confidence=row.confidence,
                reasons=tuple(row.reasons),
            )
            for row in before
        ),
        timeline=entries,
    )


def _records(session_id: str, state: DayState, before: Sequence[SegmentRecord], number: int) -> list[SegmentRecord]:
    known = {row.id: row for row in before}
    found: list[SegmentRecord] = []
    for index, part in enumerate(state.parts):
        old = known.get(part.id)
        changed = part.is_touched or (old is not None and old.title != part.title)
        found.append(
            SegmentRecord(
                id=part.id,
                session_id=session_id,
                number=index,
                start_seconds=part.start_seconds,
                end_seconds=part.end_seconds,
                confidence=part.confidence,
                title=part.title,
                kind="customer",
                status=SegmentStatus.DETECTED if part.is_touched or old is None else old.status,
                analysis_id=None if part.is_touched or old is None else old.analysis_id,
                reasons=list(part.reasons),
                revision=number if changed or old is None else old.revision,
            )
        )
    return found


def _retire(tx: Transaction, before: Sequence[SegmentRecord], after: Sequence[SegmentRecord]) -> None:
    """Take analyses out of the day that belong to no segment any more. They stay readable under their ids."""
    kept = {row.analysis_id for row in after}
    for row in before:
        if row.analysis_id is not None and row.analysis_id not in kept:
            analyses.update(tx, row.analysis_id, is_current=False)


def _to_analyze(
    session: SessionRecord, state: DayState, after: Sequence[SegmentRecord], before: Sequence[SegmentRecord]
) -> list[SegmentRecord]:
    """Return what a person has moved or added, unless this day was to stop after detection."""
    had_one = {row.id for row in before if row.analysis_id is not None}
    touched = {part.id for part in state.parts if part.is_touched}
    wants_all = session.options.get("auto_analyze", True)
    return [row for row in after if row.id in touched and (wants_all or row.id in had_one)]


def _keep(
    tx: Transaction,
    session_id: str,
    number: int,
    author: str,
    changes: list[JsonObject],
    rows: Sequence[SegmentRecord],
    timeline: list[StoredInterval],
) -> None:
    segments.add_revision(
        tx,
        session_id,
        number,
        author=author,
        changes=changes,
        segments=[segment_json(row) for row in rows],
        timeline=timeline,
    )


def _entry_json(entry: TimelineEntry) -> StoredInterval:
    return {
        "start_seconds": round(entry.start_seconds, 3),
        "end_seconds": round(entry.end_seconds, 3),
        "label": entry.label,
        "reasons": list(entry.reasons),
    }
