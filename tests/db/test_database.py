"""A database that does not work right now raises typed errors, and conflicting transactions run again."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from dayline.db.database import Database, Transaction, open_database
from dayline.db.migrate import migrate
from dayline.domain.errors import DatabaseUnavailable


def _put(tx: Transaction, name: str, value: str) -> None:
    tx.run(sa.text("insert into setting (name, value) values (:n, :v)"), {"n": name, "v": value})


def test_a_locked_database_is_unavailable_and_works_again_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    database = open_database(f"sqlite:///{path}", busy_seconds=0.05)
    migrate(database)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseUnavailable) as caught:
        database.check_writable()
    assert (caught.value.status, caught.value.details["part"]) == (503, "database")
    other.execute("ROLLBACK")
    database.check_writable()
    other.close()
    database.close()


def test_a_read_only_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    made = open_database(f"sqlite:///{path}")
    migrate(made)
    made.close()
    database = open_database(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(DatabaseUnavailable):
        database.check_writable()
    database.close()


def test_a_full_database_is_unavailable(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'd.db'}")
    migrate(database)

    def fill(tx: Transaction) -> None:
        tx.connection.exec_driver_sql("PRAGMA max_page_count = 1")
        for number in range(2000):
            _put(tx, f"n{number}", "x" * 4000)

    with pytest.raises(DatabaseUnavailable):
        database.in_write(fill)
    database.close()


def test_an_unreachable_server_is_unavailable() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable), database.read():
        pass


def test_a_mistake_in_a_statement_is_not_hidden(database: Database) -> None:
    with pytest.raises((OperationalError, ProgrammingError)), database.read() as tx:
        tx.run(sa.text("select * from no_such_table"))
    with database.write() as tx:
        _put(tx, "a", "1")
    with pytest.raises(IntegrityError), database.write() as tx:
        _put(tx, "a", "2")


def test_a_deadlock_is_run_again_until_both_changes_are_there(request: pytest.FixtureRequest) -> None:
    database = open_database(request.getfixturevalue("make_postgres")(), pool_size=4)
    migrate(database)
    with database.write() as tx:
        _put(tx, "a", "")
        _put(tx, "b", "")
    both_hold_one = threading.Barrier(2, timeout=30)
    attempts: list[str] = []

    def change(first: str, second: str) -> None:
        def work(tx: Transaction) -> None:
            update = sa.text("update setting set value = value || :v where name = :n")
            tx.run(update, {"n": first, "v": first})
            attempts.append(first)
            if len(attempts) <= 2:
                both_hold_one.wait()
            tx.run(update, {"n": second, "v": first})

        database.in_write(work)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(change, "a", "b"), pool.submit(change, "b", "a")]:
            done.result()
    with database.read() as tx:
        values: list[Any] = [row[0] for row in tx.run(sa.text("select value from setting where name in ('a', 'b')"))]
    assert sorted("".join(sorted(value)) for value in values) == ["ab", "ab"]
    assert len(attempts) == 3
    database.close()


def test_a_server_that_may_only_be_read_is_unavailable_and_works_again_afterwards(
    postgres_uri: str, make_postgres: Callable[[], str]
) -> None:
    """As after a failover to a standby, or when a hosted server stops writes because its disk is full."""
    database = open_database(make_postgres(), pool_size=2)
    migrate(database)
    name = database.engine.url.database
    assert name is not None

    def set_read_only(value: str) -> None:
        with psycopg.connect(postgres_uri, autocommit=True) as connection:
            connection.execute(
                sql.SQL("alter database {} set default_transaction_read_only = {}").format(
                    sql.Identifier(name), sql.Literal(value)
                )
            )

    set_read_only("on")
    database.engine.dispose()
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            database.check_writable()
    set_read_only("off")
    database.check_writable()
    database.close()


def test_a_server_that_vanished_is_noticed(make_postgres: Callable[[], str]) -> None:
    url = make_postgres()
    for given, idle in (("", "20"), ("&keepalives_idle=7", "7")):
        database = open_database(url + given)
        with database.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            parameters = driver.info.get_parameters()
        assert (parameters["keepalives_idle"], parameters["tcp_user_timeout"]) == (idle, "50000")
        assert "timezone=UTC" in parameters["options"]
        database.close()


def test_a_connection_that_became_read_only_is_replaced(tmp_path: Path) -> None:
    """As after a file system that could only be read for a while: SQLite keeps such connections read-only for ever."""
    database = open_database(f"sqlite:///{tmp_path}/d.db", pool_size=1)
    migrate(database)
    with database.write() as tx:
        tx.connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(DatabaseUnavailable):
        database.check_writable()
    database.check_writable()
    database.close()


def test_one_transaction_of_a_process_writes_while_others_read(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/d.db", busy_seconds=0.05)
    migrate(database)
    insert = "INSERT INTO setting (name, value) VALUES ('colour', 'blue')"
    find = "SELECT value FROM setting WHERE name = 'colour'"
    with database.write() as tx:
        tx.connection.exec_driver_sql(insert)
        with pytest.raises(DatabaseUnavailable):
            database.check_writable()
        with database.read() as reader:
            assert reader.connection.exec_driver_sql(find).first() is None
    with database.read() as reader:
        assert reader.connection.exec_driver_sql(find).scalar() == "blue"
    database.check_writable()
    database.close()


def test_a_database_that_could_not_be_written_for_a_while_works_again(tmp_path: Path) -> None:
    """Some connection of the process is open all the time, as in a service with several threads."""
    folder = tmp_path / "data"
    database = open_database(f"sqlite:///{folder}/d.db", pool_size=3)
    migrate(database)
    # Without the index of the log: it is mapped, and a write to a mapped immutable file ends the process.
    files = [folder, *(file for file in folder.iterdir() if not file.name.endswith("-shm"))]
    if shutil.which("chattr") is None or subprocess.run(["chattr", "+i", *files], check=False).returncode:
        pytest.skip("needs root and a file system with immutable files")
    try:
        with pytest.raises(DatabaseUnavailable):
            database.check_writable()
        with pytest.raises(DatabaseUnavailable):
            database.check_writable()
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)
    with database.read() as tx:
        tx.run(sa.text("select count(*) from setting"))
        database.check_writable()
    database.close()


def test_the_connection_that_was_used_last_is_used_next(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'd.db'}")

    def raw(tx: Transaction) -> object:
        return tx.connection.connection.dbapi_connection

    with database.read() as outer:
        first = raw(outer)
        with database.read() as inner:
            second = raw(inner)
    assert first is not second
    for _ in range(3):
        with database.read() as tx:
            assert raw(tx) is first
    database.close()
