"""Two turns of SQL that many repositories need: insert unless it is there, and the page after a position."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dayline.db.database import Transaction
from dayline.db.pagination import Position


def add_unless_there(tx: Transaction, table: sa.Table, keys: list[str], values: dict[str, Any]) -> bool:
    """Insert a row whose key may be taken already; two at once make one. Returns False when it was taken."""
    insert: Any = postgresql.insert(table) if tx.is_postgres else sqlite.insert(table)
    statement = insert.values(**values).on_conflict_do_nothing(index_elements=keys).returning(table.c[keys[0]])
    # Not by rowcount: for an INSERT it means nothing with psycopg.
    return tx.run(statement).first() is not None


def newest_first(query: Any, created_at: Any, key: Any, *, after: Position | None, limit: int) -> Any:
    """Return `query` as one page, newest first, of rows older than `after`; `key` breaks ties of the clock."""
    if after is not None:
        query = query.where(
            sa.or_(created_at < after.created_at, sa.and_(created_at == after.created_at, key < after.id))
        )
    return query.order_by(created_at.desc(), key.desc()).limit(limit)
