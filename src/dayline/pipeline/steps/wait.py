"""What the day still waits for."""

from __future__ import annotations

from dayline.core.errors import Cancelled
from dayline.pipeline.parts import Parts
from dayline.pipeline.watch import open_session
from dayline.store.days import analyses, spans


def spans_left(parts: Parts, session_id: str, run: int) -> int:
    """Return how many spans are not transcribed yet; none when this run may no longer work on the session."""
    try:
        open_session(parts.database, session_id, run)
    except Cancelled:
        return 0
    with parts.database.read() as tx:
        return spans.pending(tx, session_id)


def analyses_left(parts: Parts, session_id: str, run: int) -> int:
    """Return how many analyses have not ended; none when this run may no longer work on the session."""
    try:
        open_session(parts.database, session_id, run)
    except Cancelled:
        return 0
    with parts.database.read() as tx:
        return analyses.count_open(tx, session_id)
