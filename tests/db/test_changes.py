"""Whether somebody else has committed, without a query: by SQLite's count; a server always may have changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dayline.db.database import Database, open_database
from dayline.db.migrate import migrate
from dayline.domain.errors import DatabaseUnavailable

_PUT = "insert into setting (name, value) values ('{name}', 'x')"


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'd.db'}")
    migrate(database)
    yield database
    database.close()


def _put(database: Database, name: str) -> None:
    with database.write() as tx:
        tx.run(sa.text(_PUT.format(name=name)))


def test_each_commit_of_others_is_noticed_once(local: Database, tmp_path: Path) -> None:
    watch = local.watch_changes()
    assert watch.counts
    assert watch.has_changed()  # nothing is known before the first look
    assert not watch.has_changed()
    _put(local, "a")
    assert watch.has_changed()
    assert not watch.has_changed()
    with local.write_in_event_loop() as tx:
        tx.run(sa.text(_PUT.format(name="b")))
    assert watch.has_changed()
    with sqlite3.connect(tmp_path / "d.db") as of_another_process:
        of_another_process.execute(_PUT.format(name="c"))
    assert watch.has_changed()
    assert not watch.has_changed()


def test_reads_and_what_is_rolled_back_are_no_changes(local: Database) -> None:
    watch = local.watch_changes()
    watch.has_changed()
    with local.read() as tx:
        tx.run(sa.text("select * from setting"))
    with pytest.raises(IntegrityError), local.write() as tx:
        tx.run(sa.text(f"{_PUT.format(name='a')}, ('a', 'x')"))
    assert not watch.has_changed()


def test_two_watches_count_for_themselves(local: Database) -> None:
    one, two = local.watch_changes(), local.watch_changes()
    assert one.has_changed()
    assert two.has_changed()
    _put(local, "a")
    assert one.has_changed()
    assert two.has_changed()


def test_a_lost_connection_is_a_change_and_is_opened_anew(local: Database) -> None:
    watch = local.watch_changes()
    watch.has_changed()
    watch.close()
    assert watch.has_changed()
    assert not watch.has_changed()
    _put(local, "a")
    assert watch.has_changed()


def test_the_connection_of_the_count_answers_queries(local: Database) -> None:
    watch = local.watch_changes()
    watch.has_changed()
    _put(local, "a")
    assert watch.rows("select name from setting where name = :name", {"name": "a"}) == [("a",)]
    assert watch.has_changed()  # to read is not to look at the count
    assert not watch.has_changed()
    with pytest.raises(DatabaseUnavailable):
        watch.rows("select * from nothing", {})
    assert watch.has_changed()  # nothing is known after an error
    assert watch.rows("select 1", {}) == [(1,)]
    with pytest.raises(TypeError):
        open_database("postgresql://nobody@127.0.0.1:1/none").watch_changes().rows("select 1", {})


def test_a_server_always_may_have_changed() -> None:
    watch = open_database("postgresql://nobody@127.0.0.1:1/none").watch_changes()
    assert not watch.counts
    assert watch.has_changed()
    assert watch.has_changed()
