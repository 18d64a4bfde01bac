"""Counters of workers, stored in the database so that any API process can serve them.

Counting is a dictionary in memory; the sweep of every worker writes the differences down twice a minute.
"""

from __future__ import annotations

import threading
from collections import Counter

import sqlalchemy as sa

from dayline.db.database import Database, Transaction
from dayline.db.tables import counter

RETRIES, SWEPT, TAKEN_OVER = "retries", "jobs_swept", "jobs_taken_over"
NAMES = (RETRIES, SWEPT, TAKEN_OVER)

_lock = threading.Lock()
_pending: Counter[tuple[str, str]] = Counter()


def count(name: str, number: int = 1, *, label: str = "") -> None:
    """Add to a counter of this process."""
    with _lock:
        _pending[name, label] += number


def flush(database: Database) -> None:
    """Add what this process has counted to the database. Raises DatabaseUnavailable; nothing is lost then."""
    with _lock:
        counted = {key: number for key, number in _pending.items() if number}
    if not counted:
        return
    database.in_write(lambda tx: _add(tx, counted))
    with _lock:
        _pending.subtract(counted)


def totals(tx: Transaction) -> dict[tuple[str, str], int]:
    """Return every counter of the installation by name and label."""
    return {(row.name, row.label): int(row.value) for row in tx.run(sa.select(counter))}


def _add(tx: Transaction, counted: dict[tuple[str, str], int]) -> None:
    for (name, label), number in sorted(counted.items()):
        tx.run(
            sa.text(
                "INSERT INTO counter (name, label, value) VALUES (:name, :label, :number) "
                "ON CONFLICT (name, label) DO UPDATE SET value = counter.value + excluded.value"
            ),
            {"name": name, "label": label, "number": number},
        )
