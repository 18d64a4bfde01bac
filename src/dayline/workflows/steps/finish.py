"""End a session: rollup and last event, or the error; scratch is deleted either way."""

from __future__ import annotations

import shutil

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import SessionRecord
from dayline.domain.errors import Cancelled
from dayline.domain.status import EventType, SessionStatus
from dayline.domain.stored_json import SessionUsage
from dayline.logs import get_log
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.webhooks import events_repository as events
from dayline.workflows.analysis.outcome import fail_analysis, rollup_of, usage_with_tokens
from dayline.workflows.calls import is_call
from dayline.workflows.cancellation import lock_open, open_session
from dayline.workflows.enqueue import start_day_later
from dayline.workflows.retry import Failure, FailureKind, kind_of, public_error
from dayline.workflows.worker_context import View, WorkerContext, scratch_prefix

log = get_log(__name__)


def complete(context: WorkerContext, session_id: str, run: int) -> None:
    """Write the rollup, set `completed`, write the event. A single call ended with its analysis."""
    with context.database.read() as tx:
        known = sessions.get(tx, session_id)
    if known is not None and is_call(known):
        context.write(lambda tx: sessions.update(tx, session_id, status=SessionStatus.COMPLETED, completed_at=now()))
        return
    session = open_session(context.database, session_id, run)

    def store(tx: Transaction) -> None:
        if lock_open(tx, session_id, run) is None:
            return
        rollup = rollup_of(tx, session_id)
        usage: SessionUsage = {
            **usage_with_tokens(tx, session_id),
            "audio_seconds": session.duration_seconds,
            "speech_seconds": session.speech_seconds,
        }
        sessions.update(
            tx,
            session_id,
            status=SessionStatus.COMPLETED,
            stage="finish",
            percent=100.0,
            rollup=rollup,
            usage=usage,
            completed_at=now(),
        )
        _announce(context.session_view, tx, session, EventType.SESSION_COMPLETED)

    context.write(store)


def postpone(
    context: WorkerContext,
    session_id: str,
    run: int,
    attempt: int,
    wait_seconds: float,
    failed_step: str = "",
    failures: int = 0,
) -> None:
    """Queue attempt number `attempt` of this run after a wait, unless the session has ended.

    failed_step, failures: which step has failed, and how often in a row.
    """

    def store(tx: Transaction) -> None:
        session = sessions.lock(tx, session_id)
        if session is None or session.run != run or SessionStatus(session.status).is_terminal:
            return
        # Run again after a crash, this step finds that the attempt was queued already.
        if session.attempts < attempt - 1:
            failed = (failed_step, failures)
            start_day_later(context.jobs, tx, session, delay_seconds=wait_seconds, failed=failed)

    context.write(store)
    log.warning(
        "session_postponed", session_id=session_id, attempt=attempt, step=failed_step, wait_seconds=wait_seconds
    )


def fail(context: WorkerContext, session_id: str, run: int, failure: Failure) -> None:
    """Set `failed` with the reason and write the event, unless the session has ended already."""
    try:
        session = open_session(context.database, session_id, run)
    except Cancelled:
        return
    if is_call(session):
        fail_analysis(context, session_id, failure)

    def store(tx: Transaction, view: View) -> None:
        if lock_open(tx, session_id, run) is None:
            return
        sessions.update(
            tx,
            session_id,
            status=SessionStatus.FAILED,
            error=public_error(failure),
            completed_at=now(),
            stage=session.stage,
        )
        if not is_call(session):
            _announce(view, tx, session, EventType.SESSION_FAILED)

    try:
        context.write(lambda tx: store(tx, context.session_view))
    except Exception as error:
        if kind_of(error) != FailureKind.BUG:
            raise
        log.exception("session_not_shown", session_id=session_id)
        # A day that cannot be shown has to end all the same: it would hold its partner's place for ever.
        shown = {"id": session_id, "status": SessionStatus.FAILED.value, "error": public_error(failure)}
        context.write(lambda tx: store(tx, lambda _tx, _id: shown))


def clean(context: WorkerContext, session_id: str, run: int) -> None:
    """Delete working copies: the voice measurements, the session of a single call, audio in scratch.

    A run that was followed by another leaves scratch alone: the other run uses it, and cleans up after itself. What an
    object store that does not answer keeps is deleted by maintenance.
    """
    with context.database.read() as tx:
        session = sessions.get(tx, session_id)
    if session is not None and session.run != run:
        return
    if session is not None and is_call(session):
        context.write(lambda tx: sessions.delete(tx, session_id))
    elif session is not None and (session.status == SessionStatus.COMPLETED or session.options.get("skip_diarization")):
        # A failed day keeps them for a retry, unless its speakers are not to be named.
        context.write(lambda tx: chunks.delete_voices(tx, session_id))
    shutil.rmtree(context.scratch_of(session_id), ignore_errors=True)
    context.blobs.delete_below(scratch_prefix(session_id))


def _announce(view: View, tx: Transaction, session: SessionRecord, event: EventType) -> None:
    events.add(
        tx,
        partner_id=session.partner_id,
        environment=session.environment,
        type=event,
        body=view(tx, session.id),
        session_id=session.id,
        callback_url=session.options.get("callback_url"),
        once=(session.id, session.run),
    )
