"""No word of a deleted row stays in SQLite's search index, with the library of this Python and with a newer one."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import apsw
import sqlalchemy as sa

from dayline.db import search_format
from dayline.db.database import Database, open_database
from dayline.db.migrate import migrate

ROWS = 300
COMMON = "price door warranty morning garden window visit"


def rare(number: int) -> list[str]:
    return [f"{first}qz{number:04d}{last}" for first, last in ("ax", "my", "zw")]


def add_rows(path: Path) -> None:
    columns = "number, partner_id, session_id, segment_id, recorded_at, sort_key, people, lines, terms"
    with contextlib.closing(sqlite3.connect(path)) as connection:  # which does not ask for the rows they belong to
        for number in range(1, ROWS + 1):
            terms = " ".join(sorted([*COMMON.split(), *rare(number)]))
            connection.execute(
                f"INSERT INTO search_entry ({columns}) VALUES (?, 'p', 's', ?, '2026-01-01', '', '[]', x'00', ?)",
                (number, f"g{number}", terms),
            )
        connection.commit()


def matches(run: search_format.Run, word: str) -> list[int]:
    return [
        row[0] for row in run(f"SELECT rowid FROM search_index WHERE search_index MATCH '\"{word}\"' ORDER BY rowid")
    ]


def on_disk(folder: Path) -> set[int]:
    """The numbers of the rows of which a rare word stands anywhere in the database's files."""
    held = b"".join(path.read_bytes() for path in folder.glob("d.db*"))
    return {n for n in range(1, ROWS + 1) if any(word.encode() in held for word in rare(n))}


class NewerSqlite:
    """A connection with the SQLite of `apsw`, set up as the service sets up its own."""

    def __init__(self, path: Path) -> None:
        self._connection = apsw.Connection(str(path))
        for pragma in ("journal_mode=WAL", "secure_delete=ON", "busy_timeout=5000"):
            self("PRAGMA " + pragma)

    def __call__(self, statement: str) -> list[object]:
        return list(self._connection.execute(statement))

    def close(self) -> None:
        self("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


def delete(database: Database, number: int) -> None:
    with database.write() as tx:
        tx.run(sa.text("DELETE FROM search_entry WHERE number = :n"), {"n": number})
        search_format.erase_deleted(search_format.runner(tx.connection))
        tx.erased()


def test_words_leave_the_index_with_every_library(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/d.db")
    migrate(database)
    add_rows(tmp_path / "d.db")
    delete(database, 7)
    kept = set(range(1, ROWS + 1)) - {7}
    assert on_disk(tmp_path) == kept
    database.close()

    newer = NewerSqlite(tmp_path / "d.db")
    search_format.match_library(newer, tuple(map(int, apsw.sqlite_lib_version().split("."))))
    for number in range(5, ROWS, 3):
        newer(f"DELETE FROM search_entry WHERE number = {number}")
        search_format.erase_deleted(newer)
        kept.discard(number)
    assert matches(newer, rare(4)[0]) == [4]
    assert matches(newer, "price") == sorted(kept)
    newer("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
    newer.close()
    assert on_disk(tmp_path) == kept

    again = open_database(f"sqlite:///{tmp_path}/d.db")
    migrate(again)  # where this Python's library is the older one, it makes the index anew
    with again.write() as tx:
        assert matches(search_format.runner(tx.connection), "price") == sorted(kept)
    delete(again, 4)
    assert on_disk(tmp_path) == kept - {4}
    with again.read() as tx:
        assert matches(search_format.runner(tx.connection), rare(6)[1]) == [6]
    again.close()
