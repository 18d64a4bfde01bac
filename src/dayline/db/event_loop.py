"""SQLite in the event loop: short transactions without the way to a thread and back.

A thread costs a quarter to a third of the processor time of a request that reads or writes a few rows, and threads that
compute at once take turns anyway. What would have to wait (for the file, for another writer) raises
`DatabaseUnavailable` at once instead; the caller then does the same work in a thread, which waits.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

import sqlalchemy as sa
from sqlalchemy import exc

from dayline.db.failures import translated
from dayline.domain.errors import DatabaseUnavailable

PRAGMAS = (
    "busy_timeout=0",
    # A checkpoint waits for the disk. Writers in threads and other processes make them.
    "wal_autocheckpoint=0",
)

_MOST_COMMITS = 200
"""After so many writes in a row the next one is left to a thread, whose commit makes the checkpoint that is due."""


class _Busy(DatabaseUnavailable):
    """Another writer is at work; the connection itself is sound."""


class EventLoopConnection:
    """One connection, kept open. `engine` opens it with `PRAGMAS`.

    Statements outside `write` see what was committed before each of them.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._connection: sa.Connection | None = None
        self._commits = 0

    @contextmanager
    def read(self) -> Generator[sa.Connection]:
        """Hand the connection out. Raises DatabaseUnavailable while it is in use, or when SQLite would have to wait."""
        if not self._lock.acquire(blocking=False):
            raise DatabaseUnavailable("The connection of the event loop is in use.")
        try:
            with translated():
                yield self._opened()
        except _Busy:
            raise
        except (DatabaseUnavailable, exc.SQLAlchemyError):
            self._drop()
            raise
        finally:
            self._lock.release()

    @contextmanager
    def write(self) -> Generator[sa.Connection]:
        """Hand the connection out in a transaction, which an exception rolls back. Raises as `read`.

        Raises DatabaseUnavailable also after 200 writes, until a thread has written: `note_checkpoint`.
        """
        if self._commits >= _MOST_COMMITS:
            raise DatabaseUnavailable("A checkpoint may be due; a thread has to write.")
        with self.read() as connection:
            driver = cast(sqlite3.Connection, connection.connection.driver_connection)
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise _Busy("Another process writes.") from error
            try:
                yield connection
                driver.commit()
                self._commits += 1
            except sqlite3.Error as error:
                driver.rollback()
                raise exc.DBAPIError.instance(None, None, error, sqlite3.Error) from error
            except BaseException:
                driver.rollback()
                raise

    def note_checkpoint(self) -> None:
        """Take note that a thread has written, whose commit made the checkpoint that was due."""
        self._commits = 0

    def close(self) -> None:
        """Close the connection; the next use opens another one."""
        with self._lock:
            self._drop()
        self.engine.dispose()

    def _opened(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
