"""Looks at a session's row for those who work on it: has somebody cancelled or deleted it?"""

from __future__ import annotations

from collections.abc import Callable

from dayline.clock import monotonic_seconds
from dayline.db.database import Database
from dayline.db.records import SessionRecord
from dayline.domain.errors import Cancelled
from dayline.domain.status import SessionStatus
from dayline.sessions import repository as sessions

_LOOK_SECONDS = 0.5


def open_session(database: Database, session_id: str, run: int) -> SessionRecord:
    """Return the session if this run may still work on it. Raises Cancelled otherwise."""
    with database.read() as tx:
        session = sessions.get(tx, session_id)
    if session is None or session.run != run or SessionStatus(session.status).is_terminal:
        raise Cancelled("The session was cancelled or deleted.")
    return session


def stop_check(database: Database, session_id: str, run: int) -> Callable[[], bool]:
    """Return a cheap check that may be asked often: it looks at the row at most twice a second."""
    last = {"at": monotonic_seconds(), "stop": False}

    def should_stop() -> bool:
        now = monotonic_seconds()
        if not last["stop"] and now - last["at"] >= _LOOK_SECONDS:
            last["at"] = now
            try:
                open_session(database, session_id, run)
            except Cancelled:
                last["stop"] = True
        return bool(last["stop"])

    return should_stop
