"""Count the chunks and analyses that a session still waits for."""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.domain.errors import Cancelled, DatabaseUnavailable
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.workflows.calls import is_call
from dayline.workflows.cancellation import open_session
from dayline.workflows.worker_context import WorkerContext

AUDIO_LOST = -1
_LAST_CHUNKS = 4


def chunks_left(context: WorkerContext, session_id: str, run: int) -> int:
    """Return how many chunks are not transcribed yet; 0 when this run may no longer work on the session.

    Returns AUDIO_LOST when the speech audio of a chunk was lost: the recording has to be read again.
    """
    try:
        session = open_session(context.database, session_id, run)
    except Cancelled:
        return 0
    with context.database.read() as tx:
        left = chunks.pending(tx, session_id)
    return AUDIO_LOST if left and not session.is_ingested else left


def last_chunks_left(context: WorkerContext, session_id: str) -> int | None:
    """Return how many chunks are not transcribed yet, None while more than a few are or the recording is being read."""
    try:
        with context.database.read() as tx:
            session = sessions.get(tx, session_id)
            left = chunks.pending(tx, session_id)
    except DatabaseUnavailable:
        return None  # it is asked to save seconds only
    return left if session is not None and session.is_ingested and left <= _LAST_CHUNKS else None


def analyses_left(context: WorkerContext, session_id: str, run: int) -> int:
    """Return how many analyses have not ended; 0 when this run may no longer work on the session."""
    try:
        session = open_session(context.database, session_id, run)
    except Cancelled:
        return 0
    if is_call(session):
        return 1  # as long as its session is open, so is its one analysis
    with context.database.read() as tx:
        return analyses.count_open(tx, session_id)
