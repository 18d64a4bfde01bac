"""The least that the same work costs: the bare routes and, by the driver alone, the statements that each of them needs.

    python -m bench.api.least PAYLOADS DATABASE

DATABASE is the address (sqlite:///path or postgresql://...) of a seeded database of its own. Every request looks its
key up. A submission writes one session and one job of the workflow engine (two rows) and commits; a read fetches the
session and its segments, a list 20 of both. Nothing is made of what was read: the answers are those of PAYLOADS. What
an API spends beyond this is its own.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import uuid
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Annotated, Any

import psycopg
from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse
from psycopg.types.json import Jsonb

from bench.api.bare import listen
from dayline.sessions.schemas import SessionRequest

_KEY = "SELECT * FROM api_key WHERE environment = ? LIMIT 1"
_SESSION = "SELECT * FROM session WHERE id = ?"
_SEGMENTS = "SELECT * FROM segment WHERE session_id = ? ORDER BY start_seconds"
_PAGE = "SELECT * FROM session WHERE partner_id = ? AND org_id = ? ORDER BY created_at DESC, id DESC LIMIT ?"
_SEGMENTS_OF_PAGE = "SELECT * FROM segment WHERE session_id IN ({}) ORDER BY start_seconds"


class Rows(ABC):
    """Rows of the database, each thread on a connection of its own."""

    job_tables: tuple[tuple[str, str], ...]
    """Tables of one job of the workflow engine, and their keys."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._inserts = [self._insert("session", "id"), *(self._insert(*table) for table in self.job_tables)]
        self.partner_id: str = self.read("SELECT id FROM partner LIMIT 1")[0][0]

    @abstractmethod
    def open(self) -> Any:
        """Open a connection that commits each statement by itself unless told to begin."""

    @abstractmethod
    def submit(self) -> None:
        """Write a session and its job in one transaction."""

    def prepared(self, statement: str) -> str:
        """Return a statement in the driver's form."""
        return statement

    def storable(self, value: object) -> object:
        """Return a value that was read in the form in which it is written."""
        return value

    @property
    def connection(self) -> Any:
        """The connection of this thread."""
        if not hasattr(self._local, "connection"):
            self._local.connection = self.open()
        return self._local.connection

    def read(self, statement: str, *values: object) -> list[Any]:
        """Return all rows of a statement."""
        return self.connection.execute(self.prepared(statement), values).fetchall()

    def write(self, connection: Any) -> None:
        """Look a key up and insert a session and its job."""
        new_id = str(uuid.uuid4())
        connection.execute(self.prepared(_KEY), ("live",)).fetchone()
        for statement, place, values in self._inserts:
            connection.execute(statement, [*values[:place], new_id, *values[place + 1 :]])

    def _insert(self, table: str, key: str) -> tuple[str, int, list[Any]]:
        """Return an INSERT, the place of its key among the values, and the values of a row that is there."""
        cursor = self.connection.execute(f"SELECT * FROM {table} LIMIT 1")
        names = [column[0] for column in cursor.description]
        values = [self.storable(value) for value in cursor.fetchone()]
        marks = ", ".join("?" * len(names))
        return self.prepared(f"INSERT INTO {table} VALUES ({marks})"), names.index(key), values


class SqliteRows(Rows):
    """Rows of a file; one connection writes."""

    job_tables = (("workflow_status", "workflow_uuid"), ("workflow_input", "workflow_uuid"))

    def __init__(self, path: str) -> None:
        self._path, self._lock = path, threading.Lock()
        super().__init__()
        self._writer = self.open()

    def open(self) -> sqlite3.Connection:
        """Open a connection with the settings of Dayline."""
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "wal_autocheckpoint=4000"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def submit(self) -> None:
        """Write a session and its job in one transaction."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            self.write(self._writer)
            self._writer.execute("COMMIT")


class PostgresRows(Rows):
    """Rows of a server."""

    job_tables = (("dbos.workflow_status", "workflow_uuid"), ("dbos.workflow_input", "workflow_uuid"))

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def open(self) -> psycopg.Connection[Any]:
        """Open a connection."""
        return psycopg.connect(self._address, autocommit=True)

    def prepared(self, statement: str) -> str:
        """Return a statement with psycopg's marks."""
        return statement.replace("?", "%s")

    def storable(self, value: object) -> object:
        """Return JSON as psycopg writes it."""
        return Jsonb(value) if isinstance(value, dict | list) else value

    def submit(self) -> None:
        """Write a session and its job in one transaction."""
        connection = self.connection
        with connection.transaction():
            self.write(connection)


def rows_of(address: str) -> Rows:
    """Open the rows of a database."""
    return SqliteRows(address.removeprefix("sqlite:///")) if address.startswith("sqlite") else PostgresRows(address)


def create_app(payloads: dict[str, Any], rows: Rows) -> FastAPI:
    """Return the three routes. They run in threads, as the real ones do."""
    app = FastAPI()

    @app.post("/v1/all-day-sessions", status_code=202)
    def submit(body: SessionRequest, authorization: Annotated[str, Header()]) -> Any:  # noqa: ARG001 - read and checked, as ours is
        rows.submit()
        return JSONResponse(payloads["submit"], 202)

    @app.get("/v1/all-day-sessions")
    def list_all(authorization: Annotated[str, Header()], org_id: str, limit: int = 20) -> Any:  # noqa: ARG001 - read
        rows.read(_KEY, "live")
        found = rows.read(_PAGE, rows.partner_id, org_id, limit)
        rows.read(_SEGMENTS_OF_PAGE.format(", ".join("?" * len(found))), *(row[0] for row in found))
        return JSONResponse(payloads["list"])

    @app.get("/v1/all-day-sessions/{session_id}")
    def get(session_id: str, authorization: Annotated[str, Header()]) -> Any:  # noqa: ARG001 - read
        rows.read(_KEY, "live")
        rows.read(_SESSION, session_id)
        rows.read(_SEGMENTS, session_id)
        return JSONResponse(payloads["get"])

    return app


def main() -> None:
    """Serve on a free port until stopped."""
    listen(create_app(json.loads(Path(sys.argv[1]).read_text()), rows_of(sys.argv[2])), "Least")


if __name__ == "__main__":
    main()
