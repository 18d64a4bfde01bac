"""Lease rows of workers, on the database's own clock, and which executors hold jobs without a lease."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.database import Transaction

_REAPER_LOCK = 715_202_612


def beat(tx: Transaction, executor_id: str) -> None:
    """Renew a worker's lease."""
    tx.run(
        sa.text(
            f"INSERT INTO executor (executor_id, seen) VALUES (:id, {_now(tx)}) "  # noqa: S608 - two constants of ours
            "ON CONFLICT (executor_id) DO UPDATE SET seen = excluded.seen"
        ),
        {"id": executor_id},
    )


def release(tx: Transaction, executor_id: str) -> None:
    """Delete a worker's lease."""
    tx.run(sa.text("DELETE FROM executor WHERE executor_id = :id"), {"id": executor_id})


def dead_executors(tx: Transaction, own_id: str, lease_seconds: float, *, all_others: bool) -> list[str]:
    """Return the ids, other than `own_id`, that hold running jobs without a fresh lease."""
    table = "dbos.workflow_status" if tx.is_postgres else "workflow_status"
    rows = tx.run(
        sa.text(
            f"SELECT DISTINCT w.executor_id AS id, COALESCE(x.seen >= {_now(tx)} - :lease, false) AS fresh "  # noqa: S608
            f"FROM {table} w LEFT JOIN executor x ON x.executor_id = w.executor_id WHERE w.status = 'PENDING'"
        ),
        {"lease": lease_seconds},
    )
    return [r.id for r in rows if r.id and r.id != own_id and (all_others or not r.fresh)]


def try_reaper_lock(tx: Transaction) -> bool:
    """Return whether this transaction is the only reaper until it ends. PostgreSQL only."""
    return bool(tx.run(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _REAPER_LOCK}).scalar())


def count_fresh(tx: Transaction, lease_seconds: float) -> int:
    """Return how many workers have renewed their lease within `lease_seconds`."""
    query = sa.text(f"SELECT count(*) FROM executor WHERE seen >= {_now(tx)} - :lease")  # noqa: S608 - our constant
    return int(tx.run(query, {"lease": lease_seconds}).scalar() or 0)


def list_all(tx: Transaction, lease_seconds: float) -> list[dict[str, object]]:
    """Return every lease as {id, seen_seconds_ago, is_alive}."""
    rows = tx.run(sa.text(f"SELECT executor_id, {_now(tx)} - seen AS age FROM executor ORDER BY executor_id"))  # noqa: S608
    ages = [(str(row.executor_id), float(row.age)) for row in rows]
    return [{"id": id_, "seen_seconds_ago": round(age, 1), "is_alive": age <= lease_seconds} for id_, age in ages]


def delete_stale(tx: Transaction, older_than_seconds: float) -> None:
    """Delete leases that were not renewed for `older_than_seconds`."""
    tx.run(sa.text(f"DELETE FROM executor WHERE seen < {_now(tx)} - :age"), {"age": older_than_seconds})  # noqa: S608


def _now(tx: Transaction) -> str:
    return "extract(epoch from clock_timestamp())" if tx.is_postgres else "unixepoch('now')"
