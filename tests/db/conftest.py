"""Both databases, each with the real schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dayline.db.database import Database, open_database
from dayline.db.migrate import migrate
from dayline.workflows.job_queue import prepare_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = request.getfixturevalue("make_postgres")()
    opened = open_database(url, pool_size=8)
    migrate(opened)
    prepare_engine(opened)
    yield opened
    opened.close()
