"""The day ends, well or not: rollup and last event, or the error; and scratch is gone whichever way."""

from __future__ import annotations

import shutil

from dayline.clock import now
from dayline.domain.errors import Cancelled
from dayline.domain.status import EventType, SessionStatus
from dayline.sessions import chunks_repository as spans
from dayline.sessions import repository as sessions
from dayline.webhooks import events_repository as events
from dayline.workflows.analysis.outcome import rollup_of, usage_with_tokens
from dayline.workflows.cancellation import open_session
from dayline.workflows.step_failure import Trouble
from dayline.workflows.worker_context import WorkerContext, scratch_prefix


def complete(parts: WorkerContext, session_id: str, run: int) -> None:
    """Write the rollup, set `completed`, write the event."""
    session = open_session(parts.database, session_id, run)
    with parts.database.write() as tx:
        rollup, usage = rollup_of(tx, session_id), usage_with_tokens(tx, session_id)
        usage = {**usage, "audio_seconds": session.duration_seconds, "speech_seconds": session.speech_seconds}
        if sessions.update(
            tx,
            session_id,
            status=SessionStatus.COMPLETED,
            stage="finish",
            percent=100.0,
            rollup=rollup,
            usage=usage,
            completed_at=now(),
        ):
            events.add(
                tx,
                partner_id=session.partner_id,
                environment=session.environment,
                type=EventType.SESSION_COMPLETED,
                body=parts.session_view(tx, session_id),
                session_id=session_id,
                callback_url=session.options.get("callback_url"),
                once=(session_id, run),
            )


def fail(parts: WorkerContext, session_id: str, run: int, trouble: Trouble) -> None:
    """Set `failed` with the reason and write the event, unless the session has ended already."""
    try:
        session = open_session(parts.database, session_id, run)
    except Cancelled:
        return
    with parts.database.write() as tx:
        if sessions.update(
            tx, session_id, status=SessionStatus.FAILED, error=trouble, completed_at=now(), stage=session.stage
        ):
            events.add(
                tx,
                partner_id=session.partner_id,
                environment=session.environment,
                type=EventType.SESSION_FAILED,
                body=parts.session_view(tx, session_id),
                session_id=session_id,
                callback_url=session.options.get("callback_url"),
                once=(session_id, run),
            )


def clean(parts: WorkerContext, session_id: str, run: int) -> None:
    """Delete working copies: sound in scratch, and what voices were measured.

    A run that was followed by another leaves scratch alone: it may be the other's by now, who will clean it.
    """
    with parts.database.read() as tx:
        session = sessions.get(tx, session_id)
    if session is not None and session.run != run:
        return
    parts.blobs.delete_below(scratch_prefix(session_id))
    shutil.rmtree(parts.scratch_of(session_id), ignore_errors=True)
    if session is not None and session.status == SessionStatus.COMPLETED:
        with parts.database.write() as tx:
            spans.forget_voices(tx, session_id)
