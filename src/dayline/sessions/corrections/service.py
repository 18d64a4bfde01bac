"""Writes a correction: segments, timeline, analyses, revision and news, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dayline.analyses import repository as analyses
from dayline.clock import iso
from dayline.db.database import Transaction
from dayline.db.records import SegmentRecord, SessionRecord
from dayline.domain.errors import Conflict, NotFound
from dayline.domain.status import EventType, SegmentStatus, SessionStatus
from dayline.ids import derived_id
from dayline.orgs import detector_memory_repository as detector_memory
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.sessions.corrections.model import DayState, Part, Stretch, apply
from dayline.sessions.corrections.schemas import Corrections
from dayline.sessions.service import analyze_again, timeline_of
from dayline.sessions.view import segment_json, session_view
from dayline.webhooks import events_repository as events
from dayline.workflows.analysis.outcome import rollup_of
from dayline.workflows.job_queue import JobQueue

_DETECTOR = "detector"


def correct(
    tx: Transaction, jobs: JobQueue, session: SessionRecord, request: Corrections, *, author: str
) -> dict[str, Any]:
    """Apply changes to a completed session and return it. Only touched conversations are analysed again.

    `session` must be locked by this transaction. Raises Conflict (invalid_state) for a stale revision or a
    session that is still being worked on, NotFound for a segment, InvalidRequest for a change that does not fit.
    """
    if session.status != SessionStatus.COMPLETED:
        raise Conflict(
            f"A session can be corrected when it is completed; it is {session.status}.", status=session.status
        )
    if request.revision != session.revision:
        raise Conflict(
            f"The segments have changed meanwhile: they are at revision {session.revision}. Read them again.",
            revision=session.revision,
        )
    before = segments.list_all(tx, session.id)
    timeline = timeline_of(tx, session)
    number = session.revision + 1
    state = apply(
        _state(session, before, timeline),
        [entry.change() for entry in request.changes],
        lambda made: derived_id("segment", session.id, "revision", number, made),
    )
    if session.revision == 0:
        _keep(tx, session.id, 0, _DETECTOR, [], before, timeline)
    after = _records(session.id, state, before, number)
    _retire(tx, before, after)
    segments.replace_all(tx, session.id, after)
    painted = [_stretch_json(stretch) for stretch in state.timeline]
    documents.put_timeline(tx, session.id, painted)
    _analyze_touched(tx, jobs, session, state, after, before, number)
    changes = [entry.model_dump(mode="json", exclude_none=True) for entry in request.changes]
    _keep(tx, session.id, number, author, changes, segments.list_all(tx, session.id), painted)
    detector_memory.mark_stale(tx, session.id)
    sessions.update_ended(tx, session.id, revision=number, rollup=rollup_of(tx, session.id))
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


def revisions_of(tx: Transaction, session: SessionRecord) -> list[dict[str, Any]]:
    """Return every state of a day's segments, oldest first. Revision 0 is the detector's."""
    kept = segments.list_revisions(tx, session.id)
    if kept:
        return [{**row, "created_at": iso(row["created_at"])} for row in kept]
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


def revision_of(tx: Transaction, session: SessionRecord, number: int) -> dict[str, Any]:
    """Return one state. Raises NotFound."""
    for row in revisions_of(tx, session):
        if row["number"] == number:
            return row
    raise NotFound(f"There is no revision {number} of this session.", code="revision_not_found")


def _state(session: SessionRecord, before: Sequence[SegmentRecord], timeline: list[dict[str, Any]]) -> DayState:
    stretches = tuple(Stretch(s["start_seconds"], s["end_seconds"], s["label"], tuple(s["reasons"])) for s in timeline)
    end = stretches[-1].end_seconds if stretches else session.duration_seconds or 0.0
    return DayState(
        duration_seconds=end,
        parts=tuple(
            Part(
                id=row.id,
                start_seconds=row.start_seconds,
                end_seconds=row.end_seconds,
                title=row.title,
                confidence=row.confidence,
                reasons=tuple(row.reasons),
            )
            for row in before
        ),
        timeline=stretches,
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
                status=SegmentStatus.DETECTED.value if part.is_touched or old is None else old.status,
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


def _analyze_touched(
    tx: Transaction,
    jobs: JobQueue,
    session: SessionRecord,
    state: DayState,
    after: Sequence[SegmentRecord],
    before: Sequence[SegmentRecord],
    number: int,
) -> None:
    """Queue analyses of what a person has moved or added, unless this day was to stop after detection."""
    had_one = {row.id for row in before if row.analysis_id is not None}
    touched = {part.id for part in state.parts if part.is_touched}
    for row in after:
        if row.id in touched and (session.options.get("auto_analyze", True) or row.id in had_one):
            analyze_again(tx, jobs, session, row, once=("revision", number))


def _keep(
    tx: Transaction,
    session_id: str,
    number: int,
    author: str,
    changes: list[dict[str, Any]],
    rows: Sequence[SegmentRecord],
    timeline: list[dict[str, Any]],
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


def _stretch_json(stretch: Stretch) -> dict[str, Any]:
    return {
        "start_seconds": round(stretch.start_seconds, 3),
        "end_seconds": round(stretch.end_seconds, 3),
        "label": stretch.label,
        "reasons": list(stretch.reasons),
    }
