"""Short transactions on SQLite in the event loop: they wait for nothing, and do what those in a thread do."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Generator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from dayline.db.database import Database, Transaction, open_database
from dayline.db.migrate import migrate
from dayline.domain.errors import DatabaseUnavailable, NotFound


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "d.db"


@pytest.fixture
def local(path: Path) -> Generator[Database]:
    # Half a minute of patience for threads: a test that waited as they do would not end in time.
    database = open_database(f"sqlite:///{path}", busy_seconds=30)
    migrate(database)
    yield database
    database.close()


def _put(tx: Transaction, name: str) -> None:
    tx.run(sa.text("insert into setting (name, value) values (:n, 'x')"), {"n": name})


def _names(tx: Transaction) -> set[str]:
    return {row[0] for row in tx.run(sa.text("select name from setting where value = 'x'"))}


def test_each_read_sees_what_was_committed_before_it(local: Database) -> None:
    with local.read_in_event_loop() as tx:
        assert _names(tx) == set()
        with local.write() as other:
            _put(other, "a")
        assert _names(tx) == {"a"}
    with local.write_in_event_loop() as tx:
        _put(tx, "b")
    with local.read() as other:
        assert _names(other) == {"a", "b"}


@pytest.mark.parametrize("failure", [NotFound("gone"), ValueError("wrong")])
def test_an_exception_rolls_back_and_passes(local: Database, failure: Exception) -> None:
    def fail() -> None:
        with local.write_in_event_loop() as tx:
            _put(tx, "a")
            raise failure

    with pytest.raises(type(failure)):
        fail()
    with local.write_in_event_loop() as tx:
        assert _names(tx) == set()
        _put(tx, "b")
    with local.read() as other:
        assert _names(other) == {"b"}


def test_a_write_is_refused_at_once_while_another_process_writes_and_reads_go_on(local: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable), local.write_in_event_loop() as tx:
        _put(tx, "a")
    with local.read_in_event_loop() as tx:
        assert _names(tx) == set()
    other.execute("COMMIT")
    other.close()
    with local.write_in_event_loop() as tx:
        _put(tx, "b")
    with local.read_in_event_loop() as tx:
        assert _names(tx) == {"b"}


def test_a_write_is_refused_while_a_thread_of_this_process_writes(local: Database) -> None:
    with local.write() as tx:
        _put(tx, "a")
        with pytest.raises(DatabaseUnavailable), local.write_in_event_loop():
            pass
    with local.write_in_event_loop() as tx:
        _put(tx, "b")
    with local.read() as tx:
        assert _names(tx) == {"a", "b"}


def test_a_transaction_inside_another_one_is_refused(local: Database) -> None:
    with local.write_in_event_loop() as tx:
        _put(tx, "a")
        with pytest.raises(DatabaseUnavailable), local.read_in_event_loop():
            pass
    with local.read_in_event_loop() as tx:
        assert _names(tx) == {"a"}


def test_a_mistake_in_a_statement_is_not_hidden_and_the_next_transaction_works(local: Database) -> None:
    def fail() -> None:
        with local.write_in_event_loop() as tx:
            _put(tx, "a")
            tx.run(sa.text("select * from no_such_table"))

    with pytest.raises(OperationalError):
        fail()
    with local.write_in_event_loop() as tx:
        assert _names(tx) == set()


def test_personal_data_is_not_deleted_here(local: Database) -> None:
    def erase() -> None:
        with local.write_in_event_loop() as tx:
            _put(tx, "a")
            tx.erased()

    with pytest.raises(TypeError, match="in a thread"):
        erase()
    with local.read() as other:
        assert _names(other) == set()


def test_no_checkpoint_is_made_here(local: Database, path: Path) -> None:
    """A checkpoint waits for the disk; a thread's next commit makes it."""
    log = path.with_name("d.db-wal")
    with local.write_in_event_loop() as tx:
        for number in range(4200):
            tx.run(sa.text("insert into setting (name, value) values (:n, :v)"), {"n": f"{number}", "v": "y" * 4000})
    assert log.stat().st_size > 4000 * 4096
    with local.write() as tx:
        _put(tx, "a")
    # After the checkpoint of that commit the log is written from its beginning again: it does not grow.
    size = log.stat().st_size
    for number in range(20):
        with local.write_in_event_loop() as tx:
            _put(tx, f"b{number}")
    assert log.stat().st_size <= size


def test_the_log_stays_small_when_nobody_else_writes(local: Database, path: Path) -> None:
    """As a server without workers that takes one submission after another."""
    left_to_a_thread = 0
    for number in range(3000):
        try:
            with local.write_in_event_loop() as tx:
                _put(tx, f"a{number}")
        except DatabaseUnavailable:
            left_to_a_thread += 1
            with local.write() as tx:
                _put(tx, f"a{number}")
    assert 10 <= left_to_a_thread <= 20
    with local.read() as tx:
        assert len(_names(tx)) == 3000
    assert path.with_name("d.db-wal").stat().st_size < 8000 * 4096


def test_a_write_in_a_thread_that_fails_makes_no_checkpoint(local: Database) -> None:
    """So the next write is left to a thread as well, until one has committed."""

    def write_until_refused() -> int:
        for number in range(1000):
            try:
                with local.write_in_event_loop() as tx:
                    _put(tx, f"{uuid.uuid4()}")
            except DatabaseUnavailable:
                return number
        return -1

    assert write_until_refused() == 200
    with pytest.raises(IntegrityError), local.write() as tx:
        tx.run(sa.text("insert into setting (name, value) values ('twice', 'x'), ('twice', 'x')"))
    assert write_until_refused() == 0
    with local.write() as tx:
        _put(tx, "a")
    assert write_until_refused() == 200


def test_a_server_is_not_used_in_the_event_loop() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/none")
    assert not database.is_for_event_loop
    with pytest.raises(TypeError, match="Only SQLite"), database.read_in_event_loop():
        pass
    with pytest.raises(TypeError, match="Only SQLite"), database.write_in_event_loop():
        pass
