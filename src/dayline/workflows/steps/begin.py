"""Mark the session as transcribing; a whole day emits `processing_started`."""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.clock import now
from dayline.db.database import Transaction
from dayline.domain.status import AnalysisStatus, EventType, SessionStatus
from dayline.sessions import repository as sessions
from dayline.webhooks import events_repository as events
from dayline.workflows.calls import is_call
from dayline.workflows.cancellation import lock_open, open_session
from dayline.workflows.worker_context import WorkerContext


def begin(context: WorkerContext, session_id: str, run: int) -> None:
    """Set the session to `transcribing` and write `processing_started`, once per run."""
    session = open_session(context.database, session_id, run)
    if session.status != SessionStatus.QUEUED:
        return  # another attempt of a run that has begun

    def store(tx: Transaction) -> None:
        current = lock_open(tx, session_id, run)
        if current is None or current.status != SessionStatus.QUEUED:
            return
        if is_call(session):
            analyses.update_open(tx, session_id, status=AnalysisStatus.PROCESSING, started_at=now())
        if sessions.update(
            tx,
            session_id,
            status=SessionStatus.TRANSCRIBING,
            stage="ingest",
            started_at=session.started_at or now(),
            percent=0.0,
        ) and not is_call(session):
            events.add(
                tx,
                partner_id=session.partner_id,
                environment=session.environment,
                type=EventType.SESSION_STARTED,
                body=context.session_view(tx, session_id),
                session_id=session_id,
                callback_url=session.options.get("callback_url"),
                once=(session_id, run),
            )

    context.write(store)
