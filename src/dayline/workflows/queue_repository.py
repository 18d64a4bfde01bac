"""One look at the workflow engine's queues: which of them hold work that nobody has taken."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.tables import queue_place


def with_work(tx: Transaction, names: Sequence[str]) -> set[str]:
    """Return those of these queues that hold a waiting job: a seek in an index for each, however many wait."""
    table = "dbos.workflow_status" if tx.is_postgres else "workflow_status"
    # The second condition on the status is what the engine's partial index was made under.
    looks = " UNION ALL ".join(
        f"SELECT CAST(:q{i} AS text) AS name WHERE EXISTS (SELECT 1 FROM {table} WHERE queue_name = :q{i} "  # noqa: S608
        "AND status = 'ENQUEUED' AND status IN ('ENQUEUED', 'PENDING'))"
        for i in range(len(names))
    )
    return {row.name for row in tx.run(sa.text(looks), {f"q{i}": name for i, name in enumerate(names)})}


def take_place(tx: Transaction, partner_id: str, *, counted: bool) -> int:
    """Return the priority of a partner's next chunk: start-time fair queueing over partners.

    The queue's clock is the place that is served now. A partner's chunks stand one place behind one another, the first
    of them at the clock, so that a partner without a backlog goes before all but one chunk of another's backlog.
    counted: False for another attempt at a chunk, which stands at the clock and moves nobody's place.
    """
    clock = _clock(tx)
    last = tx.run(sa.select(queue_place.c.last_place).where(queue_place.c.partner_id == partner_id)).scalar()
    if not counted:
        return clock
    place = max(clock, (last or 0) + 1)
    tx.run(
        sa.text(
            "INSERT INTO queue_place (partner_id, last_place) VALUES (:partner, :place) "
            "ON CONFLICT (partner_id) DO UPDATE SET last_place = excluded.last_place"
        ),
        {"partner": partner_id, "place": place},
    )
    return place


def _clock(tx: Transaction) -> int:
    """Return the least place that waits, or the greatest that was ever given when nothing waits."""
    table = "dbos.workflow_status" if tx.is_postgres else "workflow_status"
    waiting = tx.run(
        sa.text(
            f"SELECT min(priority) FROM {table} WHERE queue_name = 'spans' "  # noqa: S608 - our constant
            "AND status = 'ENQUEUED' AND status IN ('ENQUEUED', 'PENDING')"
        )
    ).scalar()
    if waiting is not None:
        return max(1, int(waiting))
    return max(1, int(tx.run(sa.select(sa.func.max(queue_place.c.last_place))).scalar() or 1))
