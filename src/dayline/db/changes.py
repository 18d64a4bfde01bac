"""Whether the database has changed since somebody looked last, without a query of its tables where that is possible.

SQLite counts the commits of all other connections, of this process and of others; reading the count takes a few
microseconds, a hundredth of the least query through the driver. So whoever waits for rows of others can look often and
query seldom. A server has no such count: there something may always have changed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import sqlite

from dayline.domain.errors import DatabaseUnavailable

RowsOf: TypeAlias = Callable[[str, Mapping[str, object]], list[tuple[Any, ...]]]
"""`ChangeWatch.rows`: runs a query with named parameters on SQLite and returns its rows."""

NAMED = sqlite.dialect(paramstyle="named")
"""For the text of such queries."""


class ChangeWatch:
    """Remembers the count of one connection, which writes nothing.

    engine: opens that connection; None for a database without a count.
    """

    def __init__(self, engine: sa.Engine | None) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: sa.Connection | None = None
        self._seen: int | None = None

    @property
    def counts(self) -> bool:
        """False where `has_changed` is always True."""
        return self._engine is not None

    def has_changed(self) -> bool:
        """Return whether something may have been committed since the last call; True at the first one."""
        if self._engine is None:
            return True
        with self._lock:
            try:
                count = self._count(self._engine)
            except (exc.SQLAlchemyError, sqlite3.Error, DatabaseUnavailable):
                # Whoever looks at the tables now is told what is wrong.
                self._drop()
                return True
            changed, self._seen = count != self._seen, count
            return changed

    def rows(self, sql: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Run a query on the connection of the count, by the driver alone, and return its rows.

        For what is asked several times a second: SQLAlchemy and its pool take nine times as long. Only where there is a
        count. Raises DatabaseUnavailable.
        """
        if self._engine is None:
            raise TypeError("only SQLite has a connection of its own here")
        with self._lock:
            try:
                return self._driver(self._engine).execute(sql, values).fetchall()
            except (exc.SQLAlchemyError, sqlite3.Error) as error:
                self._drop()
                raise DatabaseUnavailable(f"The database did not answer: {error}") from error

    def close(self) -> None:
        """Close the connection; the next look opens another one."""
        with self._lock:
            self._drop()
        if self._engine is not None:
            self._engine.dispose()

    def _count(self, engine: sa.Engine) -> int:
        return int(self._driver(engine).execute("PRAGMA data_version").fetchone()[0])

    def _driver(self, engine: sa.Engine) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return cast(sqlite3.Connection, self._connection.connection.driver_connection)

    def _drop(self) -> None:
        connection, self._connection, self._seen = self._connection, None, None
        if connection is not None:
            connection.invalidate()
            connection.close()
