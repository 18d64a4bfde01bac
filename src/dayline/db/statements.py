"""SQL statements that repositories share: insert-or-ignore, and the page after a position."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dayline.db.columns import UtcTime
from dayline.db.database import Transaction
from dayline.db.pagination import Position


def add_unless_there(tx: Transaction, table: sa.Table, keys: list[str], values: Mapping[str, object]) -> bool:
    """INSERT ... ON CONFLICT DO NOTHING. Return whether a row was inserted."""
    # Not by rowcount: for an INSERT it means nothing with psycopg.
    return tx.run(_insert_unless_there(table, tuple(keys), tx.is_postgres), values).first() is not None


@cache
def _insert_unless_there(table: sa.Table, keys: tuple[str, ...], is_postgres: bool) -> Any:
    """Return the statement, built once; its values come as parameters."""
    insert: Any = postgresql.insert(table) if is_postgres else sqlite.insert(table)
    return insert.on_conflict_do_nothing(index_elements=list(keys)).returning(table.c[keys[0]])


def add_record(tx: Transaction, table: sa.Table, record: Any) -> None:
    """Insert a record by a statement that is built once per table."""
    values = {name: getattr(record, name) for name in record.__slots__}
    if tx.inserts is None:
        tx.run(_insert(table), values)
    else:
        tx.inserts.execute(tx.connection, _insert(table), values)


@cache
def _insert(table: sa.Table) -> Any:
    return sa.insert(table)


def newest_first(query: Any, created_at: Any, key: Any, *, after: Position | None, limit: int) -> Any:
    """Return `query` as one page, newest first, of rows older than `after`; `key` breaks ties of the clock."""
    if after is not None:
        query = query.where(
            sa.or_(created_at < after.created_at, sa.and_(created_at == after.created_at, key < after.id))
        )
    return query.order_by(created_at.desc(), key.desc()).limit(limit)


_LAST_CREATED_AT = sa.bindparam("last_created_at", type_=UtcTime)
_LAST_ID = sa.bindparam("last_id", type_=sa.String)


def older(created_at: Any, key: Any) -> Any:
    """Return the condition of rows older than the position in the parameters `last_created_at` and `last_id`."""
    return sa.or_(created_at < _LAST_CREATED_AT, sa.and_(created_at == _LAST_CREATED_AT, key < _LAST_ID))
