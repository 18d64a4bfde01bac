"""Find the conversations of the day; the customer conversations become segments."""

from __future__ import annotations

from typing import Any

from dayline.audio.waveform import decode_profile
from dayline.clock import monotonic_seconds
from dayline.db.database import Transaction
from dayline.db.records import SegmentRecord, SessionRecord
from dayline.detection import detect as find
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.serialization import other_conversations_json, reasons_json, timeline_json, unpack_transcript
from dayline.domain.status import EventType, SegmentStatus, SessionStatus
from dayline.domain.timeline import Conversation, Day, DayContext, Hint
from dayline.ids import derived_id
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.webhooks import events_repository as events
from dayline.workflows.analysis.guidance import day_context
from dayline.workflows.analysis.llm_review import doubts_to
from dayline.workflows.calls import is_call
from dayline.workflows.cancellation import open_session, session_stop_check
from dayline.workflows.worker_context import WorkerContext


def detect(context: WorkerContext, session_id: str, run: int) -> None:
    """Find the conversations, store segments and timeline, write `detected`. A single call is one conversation already.

    Done once per session: another run announces the segments that are there, some of them analysed already.
    """
    session = open_session(context.database, session_id, run)
    if is_call(session):
        return
    began = monotonic_seconds()

    def start(tx: Transaction) -> bool:
        if session.status != SessionStatus.ANALYZING:
            sessions.update(tx, session_id, status=SessionStatus.DETECTING, stage="detect", percent=65.0)
        is_done = "timeline" in documents.names(tx, session_id)
        if is_done:
            _announce(context, tx, session)
        return is_done

    if context.write(start):
        return
    with context.database.read() as tx:
        packed = documents.get_json(tx, session_id, "transcript")
        profile = documents.get(tx, session_id, "profile")
        business = day_context(tx, session)
    hints = [Hint(**h) for h in session.options.get("hints", [])]
    if context.second_opinion is None:
        should_stop = session_stop_check(context, session_id, run)
        day = context.compute.run(find_in_child, packed, profile, business, hints, should_stop=should_stop)
    else:
        # Asking needs the network, so the detector runs in this process; its own answer stands when none comes.
        opinion = doubts_to(context.second_opinion(business))
        day = find(unpack_transcript(packed), _profile(profile), business, hints, second_opinion=opinion)
    _store(context, session, day, monotonic_seconds() - began)


def find_in_child(packed: dict[str, Any], profile: bytes | None, business: DayContext | None, hints: list[Hint]) -> Day:
    """Run the detector on stored documents. A pure function, so that a computing process can run it."""
    return find(unpack_transcript(packed), _profile(profile), business, hints)


def _profile(body: bytes | None) -> DayProfile | None:
    return decode_profile(body) if body else None


def _store(context: WorkerContext, session: SessionRecord, day: Day, wall_seconds: float) -> None:
    threshold = float(session.options.get("min_confidence", 0.8))
    records = [
        _segment(session.id, number, conversation, threshold) for number, conversation in enumerate(day.customers)
    ]
    timeline, others = timeline_json(day.timeline), other_conversations_json(day)

    def store(tx: Transaction) -> None:
        current = sessions.lock(tx, session.id)
        if current is None:
            return
        segments.replace_all(tx, session.id, records)
        documents.put_json(tx, session.id, "timeline", timeline)
        documents.put_json(tx, session.id, "others", others)
        walls = {**current.usage.get("wall_seconds", {}), "detect": round(wall_seconds, 2)}
        sessions.update(tx, session.id, usage={**current.usage, "wall_seconds": walls})
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
