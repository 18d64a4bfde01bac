"""What the day still waits for."""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.domain.errors import Cancelled
from dayline.sessions import chunks_repository as spans
from dayline.workflows.cancellation import open_session
from dayline.workflows.worker_context import WorkerContext


def spans_left(parts: WorkerContext, session_id: str, run: int) -> int:
    """Return how many spans are not transcribed yet; none when this run may no longer work on the session."""
    try:
        open_session(parts.database, session_id, run)
    except Cancelled:
        return 0
    with parts.database.read() as tx:
        return spans.pending(tx, session_id)


def analyses_left(parts: WorkerContext, session_id: str, run: int) -> int:
    """Return how many analyses have not ended; none when this run may no longer work on the session."""
    try:
        open_session(parts.database, session_id, run)
    except Cancelled:
        return 0
    with parts.database.read() as tx:
        return analyses.count_open(tx, session_id)
