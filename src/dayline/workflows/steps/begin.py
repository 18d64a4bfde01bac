"""The day begins: a worker has picked it up, and says so."""

from __future__ import annotations

from dayline.clock import now
from dayline.domain.status import EventType, SessionStatus
from dayline.sessions import repository as sessions
from dayline.webhooks import events_repository as events
from dayline.workflows.cancellation import open_session
from dayline.workflows.worker_context import WorkerContext


def begin(parts: WorkerContext, session_id: str, run: int) -> None:
    """Set the session to `transcribing` and write `processing_started`."""
    session = open_session(parts.database, session_id, run)
    with parts.database.write() as tx:
        if sessions.update(
            tx,
            session_id,
            status=SessionStatus.TRANSCRIBING,
            stage="ingest",
            started_at=session.started_at or now(),
            percent=0.0,
        ):
            events.add(
                tx,
                partner_id=session.partner_id,
                environment=session.environment,
                type=EventType.SESSION_STARTED,
                body=parts.session_view(tx, session_id),
                session_id=session_id,
                callback_url=session.options.get("callback_url"),
                once=(session_id, run),
            )
