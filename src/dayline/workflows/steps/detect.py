"""Find the conversations of the day; the customer conversations become segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime

from dayline.clock import monotonic_seconds
from dayline.db.database import Transaction
from dayline.db.records import SegmentRecord, SessionRecord
from dayline.detection import Contribution, Detection
from dayline.diarization.tasks import name_speakers
from dayline.domain.serialization import other_conversations_json, reasons_json, timeline_json
from dayline.domain.status import EventType, SegmentStatus, SessionStatus
from dayline.domain.stored_json import SessionOptions, SessionUsage
from dayline.domain.timeline import Conversation, Hint
from dayline.ids import derived_id
from dayline.orgs import detector_memory_repository as memory_repository
from dayline.orgs import repository as orgs
from dayline.orgs import voice_prints_repository as voice_prints
from dayline.search.indexing import index_session
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.webhooks import events_repository as events
from dayline.workflows.analysis import org_memory
from dayline.workflows.analysis.guidance import day_context
from dayline.workflows.calls import is_call
from dayline.workflows.cancellation import lock_open, open_session, session_stop_check
from dayline.workflows.computing import DetectorInput, count_in_child, find, find_in_child
from dayline.workflows.worker_context import WorkerContext

MOST_COUNTED_AT_ONCE = 30
"""Earlier sessions that are counted for the memory before one day."""


def detect(context: WorkerContext, session_id: str, run: int) -> None:
    """Find the conversations, store segments and timeline, write `detected`. A single call is one conversation already.

    Done once per session: another run announces the segments that are there, some of them analysed already.
    """
    session = open_session(context.database, session_id, run)
    if is_call(session):
        return
    began = monotonic_seconds()

    def start(tx: Transaction) -> bool:
        current = lock_open(tx, session_id, run)
        if current is None:
            return True
        if current.status != SessionStatus.ANALYZING:
            sessions.update(tx, session_id, status=SessionStatus.DETECTING, stage="detect", percent=65.0)
        is_done = "timeline" in documents.names(tx, session_id)
        if is_done:
            _announce(context, tx, session)
        return is_done

    if context.write(start):
        return
    should_stop = session_stop_check(context, session_id, run)
    _count_earlier_sessions(context, session, should_stop)
    with context.database.read() as tx:
        given = _input(tx, session)
        windows, print_ = _hidden_windows(context, tx, session)
        scope = org_memory.reading_scope(tx, session.partner_id, session.org_id)
    if windows and given.packed["utterances"]:
        named = context.compute.run(
            name_speakers,
            given.packed["utterances"],
            windows,
            print_,
            should_stop=should_stop,
            owner=session.partner_id,
        )
        given = replace(given, hidden=named.utterances)
    reader = context.reader() if context.reader is not None and scope != "off" and not _is_mock(session) else None
    if reader is None:
        found = context.compute.run(find_in_child, given, should_stop=should_stop, owner=session.partner_id)
    else:
        # A reader needs the network, so the detector runs in this process; its own answer stands when none comes.
        found = find(given, reader, scope)
    _store(context, session, found, monotonic_seconds() - began)


def _input(tx: Transaction, session: SessionRecord) -> DetectorInput:
    owner = session.partner_id, session.org_id
    remembers = org_memory.is_on(tx, *owner) and not _is_mock(session)
    return DetectorInput(
        packed=documents.get_json(tx, session.id, "transcript"),
        profile=documents.get(tx, session.id, "profile"),
        business=day_context(tx, session),
        hints=appointments(session.options, getattr(session, "recorded_at", None)),
        memory=org_memory.memory_for(tx, *owner, session_id=session.id) if remembers else None,
        memory_key=org_memory.memory_key(*owner) if remembers else None,
    )


def _hidden_windows(
    context: WorkerContext, tx: Transaction, session: SessionRecord
) -> tuple[list[bytes], bytes | None]:
    """Return the voices of a day whose speakers are not named, and the enrolled rep's; nothing unless all are there.

    Labels in a part of the day only would make that part look unlike the rest.
    """
    if not session.options.get("skip_diarization"):
        return [], None
    if not orgs.allows_voices(tx, session.partner_id, session.org_id):
        return [], None
    windows = chunks.voices(tx, session.id)
    if len(windows) < chunks.count(tx, session.id):
        return [], None
    return windows, voice_prints.vector(tx, session.partner_id, session.org_id, session.rep_id, context.print_key)


def _count_earlier_sessions(context: WorkerContext, session: SessionRecord, should_stop: Callable[[], bool]) -> None:
    """Count sessions of the org that are missing in the memory or were corrected since."""
    owner = session.partner_id, session.org_id
    with context.database.read() as tx:
        if _is_mock(session) or not org_memory.is_on(tx, *owner):
            return
        waiting = memory_repository.uncounted(tx, *owner, limit=MOST_COUNTED_AT_ONCE)
    for session_id in waiting:
        with context.database.read() as tx:
            packed = documents.get_json(tx, session_id, "transcript")
            rows = segments.list_all(tx, session_id)
            earlier = sessions.get(tx, session_id)
        if packed is None or earlier is None or _is_mock(earlier):
            continue
        spans = [(row.start_seconds, row.end_seconds, row.confidence) for row in rows]
        counted = context.compute.run(
            count_in_child,
            packed,
            spans,
            earlier.revision > 0,
            org_memory.memory_key(*owner),
            should_stop=should_stop,
            owner=session.partner_id,
        )

        def keep(tx: Transaction, session_id: str = session_id, counted: Contribution = counted) -> None:
            org_memory.keep(tx, *owner, session_id, counted)

        context.write(keep)


def _is_mock(session: SessionRecord) -> bool:
    return (session.recording_url or "").startswith("mock://")


def appointments(options: SessionOptions, recorded_at: datetime | None) -> list[Hint]:
    """Read the appointments of a submission as hints in seconds of the recording.

    Moments need the beginning of the recording; without it those appointments are left out.
    """
    out: list[Hint] = []
    for row in options.get("appointments") or []:
        start, end = row.get("start_seconds"), row.get("end_seconds")
        starts_at, ends_at = row.get("starts_at"), row.get("ends_at")
        if (start is None or end is None) and recorded_at is not None and starts_at and ends_at:
            start = (datetime.fromisoformat(starts_at) - recorded_at).total_seconds()
            end = (datetime.fromisoformat(ends_at) - recorded_at).total_seconds()
        if start is not None and end is not None and end > max(0.0, start):
            out.append(Hint(max(0.0, float(start)), float(end), str(row.get("label") or "")))
    return out


def _store(context: WorkerContext, session: SessionRecord, found: Detection, wall_seconds: float) -> None:
    day = found.day
    threshold = float(session.options.get("min_confidence", 0.8))
    records = [
        _segment(session.id, number, conversation, threshold) for number, conversation in enumerate(day.customers)
    ]
    timeline, others = timeline_json(day.timeline), other_conversations_json(day)

    def store(tx: Transaction) -> None:
        current = lock_open(tx, session.id, session.run)
        if current is None or "timeline" in documents.names(tx, session.id):
            return  # the segments that are there may be analysed by now
        segments.replace_all(tx, session.id, records)
        documents.put_timeline(tx, session.id, timeline)
        documents.put_json(tx, session.id, "others", others)
        chunks.delete_voices(tx, session.id)
        walls = {**current.usage.get("wall_seconds", {}), "detect": round(wall_seconds, 2)}
        usage: SessionUsage = {**current.usage, "wall_seconds": walls, "detector": asdict(day.usage)}
        sessions.update(tx, session.id, usage=usage)
        if found.contribution is not None:
            org_memory.keep(tx, session.partner_id, session.org_id, session.id, found.contribution)
        index_session(tx, session.id)
        _announce(context, tx, session)

    context.write(store)


def _announce(context: WorkerContext, tx: Transaction, session: SessionRecord) -> None:
    if sessions.update(tx, session.id, percent=70.0):
        events.add(
            tx,
            partner_id=session.partner_id,
            environment=session.environment,
            type=EventType.SESSION_DETECTED,
            body=context.session_view(tx, session.id),
            session_id=session.id,
            callback_url=session.options.get("callback_url"),
            once=(session.id, session.run),
        )


def _segment(session_id: str, number: int, found: Conversation, threshold: float) -> SegmentRecord:
    # The confidence a partner sees is the one that is compared: rounding must not move a segment over the line.
    confidence = round(found.confidence, 4)
    status = SegmentStatus.DETECTED if confidence >= threshold else SegmentStatus.BELOW_THRESHOLD
    return SegmentRecord(
        id=derived_id("segment", session_id, number),
        session_id=session_id,
        number=number,
        start_seconds=round(found.start_seconds, 3),
        end_seconds=round(found.end_seconds, 3),
        confidence=confidence,
        title=found.title,
        kind=found.kind,
        status=status,
        analysis_id=None,
        reasons=reasons_json(found.reasons),
        revision=0,
    )
