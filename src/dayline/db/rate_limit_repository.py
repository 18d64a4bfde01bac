"""Rows of rate limit counters, for several API processes on one database."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.statements import add_unless_there
from dayline.db.tables import rate_limit


def reserve(tx: Transaction, name: str, number: int, *, amount: int, at_most: int) -> tuple[int, int]:
    """Count `amount` requests in a window, or as many as reach `at_most`. Return (counted now, counted in all)."""
    add_unless_there(tx, rate_limit, ["name", "number"], {"name": name, "number": number, "count": 0})
    where = (rate_limit.c.name == name, rate_limit.c.number == number)
    before = int(tx.run(sa.select(rate_limit.c.count).where(*where).with_for_update()).scalar_one())
    granted = max(0, min(amount, at_most - before))
    if granted:
        tx.run(sa.update(rate_limit).where(*where).values(count=before + granted))
    return granted, before + granted


def total(tx: Transaction, name: str, number: int) -> int:
    """Return how many requests were counted in a window."""
    query = sa.select(rate_limit.c.count).where(rate_limit.c.name == name, rate_limit.c.number == number)
    return int(tx.run(query).scalar() or 0)


def delete_older(tx: Transaction, name: str, number: int) -> None:
    """Delete the counters of a name in windows before `number`."""
    tx.run(sa.delete(rate_limit).where(rate_limit.c.name == name, rate_limit.c.number < number))
