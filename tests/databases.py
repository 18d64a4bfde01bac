"""Databases of tests. The schema is made once per process of the tests; every further database is a copy."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import psycopg
from psycopg import sql

from dayline.db.database import open_database
from dayline.db.migrate import migrate
from dayline.workflows.job_queue import prepare_engine


def bring_to_schema(url: str) -> None:
    """Bring a database to the schema of this version, with the tables of the workflow engine."""
    database = open_database(url)
    migrate(database)
    prepare_engine(database)
    database.close()


def create_postgres(server_uri: str, *, template: str = "template1") -> str:
    """Create a database on a PostgreSQL server as a copy of `template` and return its address."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_uri, autocommit=True) as connection:
        create = sql.SQL("create database {} template {}")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    return server_uri.replace("/postgres?", f"/{name}?")


def copy_sqlite(migrated: Path, path: Path) -> str:
    """Copy a closed SQLite database and return the address of the copy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated, path)
    return f"sqlite:///{path}"
