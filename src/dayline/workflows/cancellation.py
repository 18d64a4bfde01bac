"""Checks for work on a session or analysis: was it cancelled or deleted?"""

from __future__ import annotations

from collections.abc import Callable

from dayline.analyses import repository as analyses
from dayline.db.database import Database, Transaction
from dayline.db.records import SessionRecord
from dayline.domain.errors import Cancelled
from dayline.domain.status import SessionStatus
from dayline.sessions import repository as sessions
from dayline.workflows.calls import OPEN, is_call
from dayline.workflows.worker_context import WorkerContext


def open_session(database: Database, session_id: str, run: int) -> SessionRecord:
    """Return the session if this run is still current. Raises Cancelled otherwise."""
    with database.read() as tx:
        session = sessions.get(tx, session_id)
        analysis = analyses.get(tx, session_id) if session is not None and is_call(session) else None
    if session is None or session.run != run or SessionStatus(session.status).is_terminal:
        raise Cancelled("The session was cancelled or deleted.")
    if is_call(session) and (analysis is None or analysis.status not in OPEN):
        raise Cancelled("The analysis was cancelled or deleted.")
    return session


def lock_open(tx: Transaction, session_id: str, run: int) -> SessionRecord | None:
    """Lock a session's row and return it, or None when it has ended, is gone, or is in another run.

    For the transaction that stores what a step has found. A worker that was frozen, or could not renew its lease, may
    still be at a step that another worker has done since; so a step also looks there whether its result is stored.
    """
    session = sessions.lock(tx, session_id)
    if session is None or session.run != run or SessionStatus(session.status).is_terminal:
        return None
    return session


def session_stop_check(context: WorkerContext, session_id: str, run: int) -> Callable[[], bool]:
    """Return a check that may be called often: True once the session was cancelled or this worker is stopping."""

    def is_over() -> bool:
        try:
            open_session(context.database, session_id, run)
        except Cancelled:
            return True
        return False

    return _check(context, ("session", session_id, run), is_over)


def analysis_stop_check(context: WorkerContext, analysis_id: str) -> Callable[[], bool]:
    """Return a check that may be called often: True once the analysis has ended or this worker is stopping."""

    def is_over() -> bool:
        with context.database.read() as tx:
            analysis = analyses.get(tx, analysis_id)
        return analysis is None or analysis.status not in OPEN

    # Of this execution alone: an analysis that is over can be queued again under its id.
    return _check(context, ("analysis", analysis_id, object()), is_over)


def _check(context: WorkerContext, key: tuple[object, ...], is_over: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: context.stopping.is_set() or context.checks.is_over(key, is_over)
