"""Both databases, each with the real schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dayline.db.database import Database, open_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = request.getfixturevalue("make_migrated_sqlite")(tmp_path / "test.db")
    else:
        url = request.getfixturevalue("make_migrated_postgres")()
    opened = open_database(url, pool_size=8)
    yield opened
    opened.close()
