"""The database: one engine for our tables and the workflow engine's, so that one transaction covers both.

SQLite (WAL, on a local disk) is the embedded default, PostgreSQL the one for many machines. The same
statements run on both.

Lock order. Rows are locked in this order: session, analysis, its other rows (chunks, segments, documents), events by
number, webhook, deliveries by ordering key and event number, place in a queue, the workflow engine's rows.
A transaction that changes a session together with anything that belongs to it locks the session's row first with
`sessions.repository.lock`. The lock is FOR NO KEY UPDATE: foreign key checks of other transactions (FOR KEY SHARE)
pass it. One statement that changes several rows locks them in its plan's order, so rows that two transactions may
change together are selected FOR UPDATE in the order above before. A transaction that breaks the order can still be
chosen as the victim of a deadlock; `in_write` then runs it again.

A write transaction takes no second connection: the threads that wait for its locks may have all others. Only taking
over the jobs of a dead worker does, under a lock that nobody waits for.
"""

from __future__ import annotations

import importlib.util
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc

from dayline.clock import iso, monotonic_seconds, now
from dayline.db import event_loop
from dayline.db.changes import ChangeWatch
from dayline.db.columns import read_json, write_json
from dayline.db.compiled_inserts import CompiledInserts
from dayline.db.event_loop import EventLoopConnection
from dayline.db.failures import (
    READ_ONLY_STATE,
    DatabaseUnusable,
    needs_new_connection,
    refuse_read_only,
    translated,
)
from dayline.domain.errors import DatabaseUnavailable, TransactionConflict, Unavailable
from dayline.logs import get_log

log = get_log(__name__)

T = TypeVar("T")
BUSY_SECONDS = 30.0
"""How long a statement waits for SQLite's write lock before `DatabaseUnavailable` is raised."""

_CHECK_AFTER_IDLE_SECONDS = 10.0
_MOST_CONNECTIONS = 30
_CONFLICT_ATTEMPTS = 6
_CONFLICT_WAIT_SECONDS = 0.02
_TRUNCATE_ATTEMPTS = 3
_PRAGMAS = (
    "foreign_keys=ON",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "journal_size_limit=67108864",
    "secure_delete=ON",
    # 16 MB: pages that many transactions change are copied into the file once for all of them.
    "wal_autocheckpoint=4000",
)

_POSTGRES_OPTIONS: dict[str, Any] = {
    "connect_timeout": 10,
    "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60000",
    # A server that vanished silently is noticed within a minute; the system's own limits are hours.
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 50_000,
}
"""Options of a connection, unless the address sets them itself."""


class Transaction:
    """One unit of work. Repositories run SQL through it; services only pass it on.

    Attributes:
        connection: the connection of all its statements.
        inserts: INSERTs compiled once for this database; None on PostgreSQL.
    """

    def __init__(self, connection: sa.Connection, inserts: CompiledInserts | None = None) -> None:
        self.connection, self.inserts = connection, inserts
        self.has_erased = False

    def erased(self) -> None:
        """Mark that personal data was deleted: on SQLite the write-ahead log is emptied when this transaction ends.

        What was deleted is overwritten in the database file (`secure_delete`); without this the log would keep it.
        """
        self.has_erased = True

    def run(self, statement: Any, parameters: Any = None) -> sa.CursorResult[Any]:
        """Execute one statement."""
        return self.connection.execute(statement, parameters)

    @property
    def is_postgres(self) -> bool:
        """True when the database has row locks of its own."""
        return self.connection.dialect.name == "postgresql"


class Database:
    """Opens transactions. `write` ones are serial on SQLite, so that what was read still holds when written.

    A database that cannot be reached, is locked, full or read-only raises `DatabaseUnavailable`, a deadlock or a
    serialization failure `TransactionConflict`; other errors of the database pass as they are.
    """

    def __init__(
        self, engine: sa.Engine, writer: sa.Engine | None = None, event_loop: EventLoopConnection | None = None
    ) -> None:
        self.engine = engine
        self._writer = writer or engine
        self._event_loop = event_loop
        self._thread_writers = 0
        self._counting = threading.Lock()
        self._watches: list[ChangeWatch] = []
        self._inserts = CompiledInserts() if self.is_sqlite else None

    @property
    def engines(self) -> tuple[sa.Engine, ...]:
        """Every engine: one on PostgreSQL, three on SQLite (for threads that read, for writes, for the event loop)."""
        known = (self.engine, self._writer, self._event_loop and self._event_loop.engine)
        return tuple(dict.fromkeys(engine for engine in known if engine is not None))

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Generator[Transaction]:
        """Open a connection that changes nothing. Each statement sees what was committed before it."""
        with translated(), self.engine.connect() as connection:
            if not self.is_sqlite:
                # Without BEGIN and ROLLBACK; at READ COMMITTED these reads would see the same. Set on the connection:
                # as an option of an engine it makes SQLAlchemy dispatch events at every statement.
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            yield Transaction(connection, self._inserts)

    @property
    def is_for_event_loop(self) -> bool:
        """Whether short transactions may run in the event loop: on SQLite, where they wait for no network."""
        return self._event_loop is not None

    @contextmanager
    def read_in_event_loop(self) -> Generator[Transaction]:
        """Do as `read`, for at most a few milliseconds. Raises DatabaseUnavailable in place of waiting."""
        with self._connection_of_event_loop().read() as connection:
            yield Transaction(connection, self._inserts)

    @contextmanager
    def write_in_event_loop(self) -> Generator[Transaction]:
        """Do as `write`, for at most a few milliseconds. Raises DatabaseUnavailable in place of waiting.

        Raises it also while a thread of this process writes: a checkpoint that others write into is never complete, and
        the write-ahead log grows. Not for deletions, after which the log is emptied: that waits for readers.
        """
        if self._thread_writers:
            raise DatabaseUnavailable("A thread of this process writes.")
        with self._connection_of_event_loop().write() as connection:
            tx = Transaction(connection, self._inserts)
            yield tx
            if tx.has_erased:
                raise TypeError("Personal data is not deleted in the event loop; use `write` in a thread.")

    def _connection_of_event_loop(self) -> EventLoopConnection:
        if self._event_loop is None:
            raise TypeError("Only SQLite is used in the event loop; use `read` or `write` in a thread.")
        return self._event_loop

    @contextmanager
    def write(self) -> Generator[Transaction]:
        """Open a transaction that is committed at the end, or rolled back by an exception."""
        with self._counted(), translated(), self._writer.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            tx = Transaction(connection, self._inserts)
            try:
                yield tx
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
            if tx.has_erased and self.is_sqlite:
                _truncate_log(connection)

    @contextmanager
    def _counted(self) -> Generator[None]:
        """Count a thread that writes, until its commit has made the checkpoint that was due."""
        with self._counting:
            self._thread_writers += 1
        try:
            yield
        finally:
            with self._counting:
                self._thread_writers -= 1
        # Not after a failure: without a commit no checkpoint was made.
        if self._event_loop is not None:
            self._event_loop.note_checkpoint()

    def watch_changes(self) -> ChangeWatch:
        """Return a new watch for changes by others, closed with this database."""
        engine = None
        if self.is_sqlite:
            engine = _sqlite_engine(self.engine.url.render_as_string(hide_password=False), 1, 1.0)
        watch = ChangeWatch(engine)
        self._watches.append(watch)
        return watch

    def truncate_log(self) -> bool:
        """Empty SQLite's write-ahead log. Return False when readers kept it from being emptied."""
        if not self.is_sqlite:
            return True
        with translated(), self.engine.connect() as connection:
            return _truncate_log(connection)

    def in_write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one write transaction and return what it returns.

        After a deadlock or a serialization failure (SQLSTATE 40P01, 40001) `work` runs again in a new transaction, up
        to six times with growing random waits, so it must not change anything outside the transaction.
        """
        for attempt in range(1, _CONFLICT_ATTEMPTS):
            try:
                with self.write() as tx:
                    return work(tx)
            except TransactionConflict:
                time.sleep(random.uniform(0.5, 1.5) * _CONFLICT_WAIT_SECONDS * 2**attempt)
        with self.write() as tx:
            return work(tx)

    def check_writable(self) -> None:
        """Write one row and commit it. Raises DatabaseUnavailable."""
        with self.write() as tx:
            tx.run(
                sa.text(
                    "INSERT INTO setting (name, value) VALUES ('write_check', :value) "
                    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
                ),
                {"value": iso(now())},
            )

    def close(self) -> None:
        """Give every connection back."""
        if self._event_loop is not None:
            self._event_loop.close()
        for watch in self._watches:
            watch.close()
        for engine in self.engines:
            engine.dispose()


def _truncate_log(connection: sa.Connection) -> bool:
    for _ in range(_TRUNCATE_ATTEMPTS):
        # Waits for readers and writers as long as `busy_timeout` says.
        row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        connection.rollback()
        if row[0] == 0:
            return True
    log.warning("write_ahead_log_not_emptied", reason="a reader holds it; maintenance tries again within the hour")
    return False


def open_database(url: str, *, pool_size: int = 20, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open `sqlite:///path` or `postgresql://...`. Nothing is connected yet, except that SQLite's folder is created.

    Raises DatabaseUnusable for an address of another form or a missing driver, Unavailable for an unfit SQLite.

    pool_size: connections that are kept open; up to 30 are opened while there is work for them.
    busy_seconds: how long a statement waits for SQLite's write lock.
    """
    if url.startswith("sqlite:///"):
        # One connection writes. Threads of this process wait for it in the pool, which wakes the next one at once, in
        # place of trying for the file's lock after growing pauses; and its page cache stays valid, which SQLite drops
        # whenever another connection has written.
        return Database(
            _sqlite_engine(url, pool_size, busy_seconds),
            _sqlite_engine(url, 1, busy_seconds),
            EventLoopConnection(_sqlite_engine(url, 1, busy_seconds, event_loop.PRAGMAS)),
        )
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("postgresql+psycopg://"):
        raise DatabaseUnusable("the address has neither form: sqlite:///path and postgresql://user:password@host/name.")
    if importlib.util.find_spec("psycopg") is None:
        raise DatabaseUnusable("PostgreSQL needs the `postgres` extra: scripts/setup --extra postgres.")
    engine = sa.create_engine(
        url,
        json_serializer=_write_json,
        json_deserializer=read_json,
        pool_size=pool_size,
        max_overflow=max(10, _MOST_CONNECTIONS - pool_size),
        pool_use_lifo=True,
        skip_autocommit_rollback=True,
        connect_args=_POSTGRES_OPTIONS | dict(sa.make_url(url).query),
    )
    _check_idle_connections(engine)
    _replace_read_only_connections(engine)
    return Database(engine)


def _write_json(value: Any) -> str:
    return write_json(value).decode()


def _check_idle_connections(engine: sa.Engine) -> None:
    """Replace a pooled connection that was idle for long and does not answer.

    Asking at every checkout, as `pool_pre_ping` does, doubles the transactions of an idle worker.
    """

    @event.listens_for(engine, "checkin")
    def _on_return(_connection: Any, record: Any) -> None:
        record.info["returned_seconds"] = monotonic_seconds()

    @event.listens_for(engine, "checkout")
    def _on_take(connection: Any, record: Any, _proxy: Any) -> None:
        returned = record.info.get("returned_seconds")
        if returned is None or monotonic_seconds() - returned < _CHECK_AFTER_IDLE_SECONDS:
            return
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except Exception as error:
            raise exc.DisconnectionError from error

    del _on_return, _on_take


def _replace_read_only_connections(engine: sa.Engine) -> None:
    """Open connections anew that may only read: to a server that became a standby, or while its disk was full."""

    @event.listens_for(engine, "handle_error")
    def _on_error(context: sa.ExceptionContext) -> None:
        state = getattr(context.original_exception, "sqlstate", None)
        context.is_disconnect = context.is_disconnect or state == READ_ONLY_STATE

    del _on_error


def _sqlite_engine(url: str, pool_size: int, busy_seconds: float, pragmas: Iterable[str] = ()) -> sa.Engine:
    _check_sqlite()
    path = Path(sa.make_url(url).database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The folder of the database, {path.parent}, cannot be made: {error.strerror}."
        ) from error
    engine = sa.create_engine(
        url,
        json_serializer=_write_json,
        json_deserializer=read_json,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=busy_seconds,
        # The connection that was used last: each keeps 2 MB of pages, and its own are still right.
        pool_use_lifo=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in (f"busy_timeout={round(busy_seconds * 1000)}", *_PRAGMAS, *pragmas):
            connection.execute("PRAGMA " + pragma)

    @event.listens_for(engine, "do_connect")
    def _before_connect(*_: Any) -> None:
        refuse_read_only(path)

    @event.listens_for(engine, "handle_error")
    def _on_error(context: sa.ExceptionContext) -> None:
        # A connection that was opened while the file could only be read stays read-only when it can be written again.
        context.is_disconnect = context.is_disconnect or needs_new_connection(context.original_exception)

    del _on_connect, _before_connect, _on_error
    return engine


def _check_sqlite() -> None:
    if sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42):
        raise Unavailable(
            f"Python {sys.version_info.major}.{sys.version_info.minor} needs SQLite 3.42 or newer for the workflow "
            f"engine; this one carries {sqlite3.sqlite_version}. Use Python 3.11, a Python with "
            "a newer SQLite, or PostgreSQL (DAYLINE_DATABASE_URL)."
        )
