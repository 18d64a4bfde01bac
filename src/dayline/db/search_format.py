"""How SQLite's search index forgets the words of deleted rows.

FTS5 notes a deletion and keeps the words until its segments are merged. From SQLite 3.42 on its option `secure-delete`
takes them out at once, at a cost that does not grow with the index. An older library refuses an index that was changed
under that option (https://www.sqlite.org/fts5.html, "The 'secure-delete' Configuration Option").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

Run = Callable[[str], Sequence[Any]]
"""Runs one statement and returns its rows."""

OPTION_SINCE = (3, 42, 0)
_HAS_OPTION = "SELECT v FROM search_index_config WHERE k = 'secure-delete' AND v = 1"
_MERGE = "INSERT INTO search_index (search_index) VALUES ('optimize')"
_TURN_ON = "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)"
_BACK_TO_THE_OLD_FORMAT = (
    "DELETE FROM search_index_config WHERE k = 'secure-delete'",
    "UPDATE search_index_config SET v = 4 WHERE k = 'version'",
    "INSERT INTO search_index (search_index) VALUES ('rebuild')",
)


def runner(connection: sa.Connection) -> Run:
    """Return what runs statements on a connection."""

    def run(statement: str) -> Sequence[Any]:
        result = connection.exec_driver_sql(statement)
        return result.all() if result.returns_rows else ()

    return run


def match_library(run: Run, version: tuple[int, ...]) -> None:
    """Turn the option on where the library has it; make an index anew that a newer library has changed."""
    has_option = bool(run(_HAS_OPTION))
    if version >= OPTION_SINCE and not has_option:
        run(_MERGE)  # what was deleted before
        run(_TURN_ON)
    elif version < OPTION_SINCE and has_option:
        for statement in _BACK_TO_THE_OLD_FORMAT:
            run(statement)


def erase_deleted(run: Run) -> None:
    """Take the words of deleted rows out of the index, unless that was done when they were deleted."""
    if not run(_HAS_OPTION):
        run(_MERGE)
