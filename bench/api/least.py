"""The least that the same work costs: the bare routes and, by the driver alone, the statements that each of them needs.

    python -m bench.api.least PAYLOADS DATABASE

DATABASE is a copy of a seeded SQLite file. Every request looks its key up. A submission writes one session and one job
of the workflow engine (two rows) and commits; a read fetches the session and its segments, a list 20 of both. Nothing
is made of what was read: the answers are those of PAYLOADS. What an API spends beyond this is its own.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import uuid
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse

from bench.api.bare import listen
from dayline.sessions.schemas import SessionRequest

_KEY = "SELECT * FROM api_key WHERE environment = ? LIMIT 1"
_SESSION = "SELECT * FROM session WHERE id = ?"
_SEGMENTS = "SELECT * FROM segment WHERE session_id = ? ORDER BY start_seconds"
_PAGE = "SELECT * FROM session WHERE partner_id = ? AND org_id = ? ORDER BY created_at DESC, id DESC LIMIT ?"
_SEGMENTS_OF_PAGE = "SELECT * FROM segment WHERE session_id IN ({}) ORDER BY start_seconds"


class Rows:
    """Rows of the copy, read on a connection per thread and written on one."""

    def __init__(self, path: str) -> None:
        self._path, self._local, self._lock = path, threading.local(), threading.Lock()
        self._writer = self._open()
        self._inserts = [self._insert("session", "id"), *map(self._insert, *zip(*_JOB_TABLES, strict=True))]
        self.partner_id: str = self._writer.execute("SELECT id FROM partner LIMIT 1").fetchone()[0]

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "wal_autocheckpoint=4000"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _insert(self, table: str, key: str) -> tuple[str, int, list[Any]]:
        """Return an INSERT, the place of its key among the values, and the values of a row that is there."""
        with closing(self._writer.execute(f"SELECT * FROM {table} LIMIT 1")) as cursor:
            names = [column[0] for column in cursor.description]
            values = list(cursor.fetchone())
        return f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", names.index(key), values

    def read(self, statement: str, *values: object) -> list[Any]:
        """Return all rows of a statement."""
        if not hasattr(self._local, "reader"):
            self._local.reader = self._open()
        return self._local.reader.execute(statement, values).fetchall()

    def submit(self) -> None:
        """Write a session and its job in one transaction."""
        new_id = str(uuid.uuid4())
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            self._writer.execute(_KEY, ("live",)).fetchone()
            for statement, place, values in self._inserts:
                self._writer.execute(statement, [*values[:place], new_id, *values[place + 1 :]])
            self._writer.execute("COMMIT")


_JOB_TABLES = (("workflow_status", "workflow_uuid"), ("workflow_input", "workflow_uuid"))


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
    listen(create_app(json.loads(Path(sys.argv[1]).read_text()), Rows(sys.argv[2])), "Least")


if __name__ == "__main__":
    main()
