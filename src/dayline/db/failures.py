"""Translate errors of the database driver to typed errors. An unavailable database is not a bug."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import exc

from dayline.domain.errors import DatabaseUnavailable, DaylineError, TransactionConflict


class DatabaseUnusable(DaylineError):
    """The file is no database, its schema is newer, or the address is wrong. A retry does not help."""

    default_code = "database_unusable"


_SQLITE_UNAVAILABLE = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    )
)
"""Primary result codes about the file, the disk or the lock, not about the statement."""

_SQLITE_CONNECTION_SPOILT = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN))

_CONFLICT_STATES = ("40001", "40P01")
READ_ONLY_STATE = "25006"
"""SQLSTATE of a write to a server that may only be read: a standby, or a hosted one whose disk is full."""

_UNAVAILABLE_CLASSES = ("08", READ_ONLY_STATE, "25P03", "40", "53", "55P03", "57", "58")
"""SQLSTATE prefixes: connection, read-only, idle time-out, rollback, resources, lock time-out, operator intervention,
system."""


@contextmanager
def translated() -> Generator[None]:
    """Raise DatabaseUnavailable or TransactionConflict in place of the driver's errors that may pass."""
    try:
        yield
    except exc.TimeoutError as error:
        raise DatabaseUnavailable("All connections to the database are in use. Try again in a moment.") from error
    except exc.DBAPIError as error:
        typed = typed_error(error)
        if typed is None:
            raise
        raise typed from error


def needs_new_connection(error: BaseException) -> bool:
    """Return whether a connection to SQLite has to be opened anew after an error, because it would fail for ever."""
    code = getattr(error, "sqlite_errorcode", None) if isinstance(error, sqlite3.Error) else None
    return code is not None and code & 0xFF in _SQLITE_CONNECTION_SPOILT


def refuse_read_only(path: Path) -> None:
    """Raise the driver's error for a database file that cannot be written, before a connection is opened.

    SQLite would open it for reading only, with a write-ahead index that all connections of the process share and that
    stays read-only until the last of them is closed: the process could not write when the file can be written again.
    """
    for file in (path.parent, path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        if file.exists() and not os.access(file, os.W_OK):
            error = sqlite3.OperationalError(f"attempt to write a readonly database: {file.name}")
            error.sqlite_errorcode = sqlite3.SQLITE_READONLY
            raise error


def typed_error(error: exc.DBAPIError) -> DatabaseUnavailable | None:
    """Return the typed error for a driver's error that may pass, None for one that will not (a bug, bad data)."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _SQLITE_UNAVAILABLE:
            return DatabaseUnavailable(f"The database cannot be used right now: {cause}. Try again in a moment.")
        return None
    state = getattr(cause, "sqlstate", None)
    if state in _CONFLICT_STATES:
        return TransactionConflict("Another change conflicts with this one. Try again.")
    lost = error.connection_invalidated or (state is None and isinstance(error, exc.OperationalError))
    if lost or (isinstance(state, str) and state.startswith(_UNAVAILABLE_CLASSES)):
        return DatabaseUnavailable("The database does not answer. Try again in a moment.")
    return None
