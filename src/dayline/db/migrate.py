"""Bring a database to the schema of this version. Safe to call from several processes at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from dayline.db import search_format
from dayline.db.database import Database
from dayline.db.failures import DatabaseUnusable, translated

_LOCK = 715_202_611
VERSION_TABLE = "schema_version"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Which schema a database has.

    current: the revision of the database, None when it is empty.
    head: the revision of this version.
    is_known: False when a newer version made the schema.
    """

    current: str | None
    head: str
    is_known: bool


def alembic_config() -> Config:
    """Return the configuration that finds the migrations inside the package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def schema_state(database: Database) -> SchemaState:
    """Return which schema a database has. Raises DatabaseUnusable, DatabaseUnavailable."""
    with _checked(), translated(), database.engine.connect() as connection:
        return _state(connection)


def migrate(database: Database) -> None:
    """Run every migration that is missing in this database. One process at a time; others wait.

    Raises DatabaseUnusable for a file that is no database or a schema of a newer version, and DatabaseUnavailable.
    """
    config = alembic_config()
    with _checked(), translated(), database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        state = _state(connection)
        if not state.is_known:
            raise DatabaseUnusable(
                f"the database has schema {state.current}, made by a newer version of Dayline; this version knows "
                f"{state.head}. Install that version, or restore a backup."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if database.is_sqlite:
            search_format.match_library(search_format.runner(connection), sqlite3.sqlite_version_info)
        connection.commit()


def _state(connection: sa.Connection) -> SchemaState:
    scripts = ScriptDirectory.from_config(alembic_config())
    current = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    return SchemaState(current, scripts.get_current_head() or "", current is None or current in known)


@contextmanager
def _checked() -> Generator[None]:
    try:
        yield
    except exc.DatabaseError as error:
        detail = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
        raise DatabaseUnusable(f"the database cannot be used: {detail}.") from error
