"""One look at the workflow engine's queues: which of them hold work that nobody has taken."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from dayline.db.database import Transaction


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
