"""The migrations lead to exactly the tables that the code speaks of."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from dayline.store.db import Database
from dayline.store.schema import migrate
from dayline.store.tables import metadata


def test_the_migrations_make_the_tables_of_the_code(database: Database) -> None:
    migrate(database)  # a second time changes nothing
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": "schema_version",
                "include_object": lambda _o, name, kind, _r, _c: kind != "table" or name in metadata.tables,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    from dayline.store import settings

    class Broken(Exception):
        pass

    try:
        with database.write() as tx:
            settings.get_or_make(tx, "name", lambda: "first")
            raise Broken
    except Broken:
        pass
    with database.write() as tx:
        assert settings.get_or_make(tx, "name", lambda: "second") == "second"
    with database.write() as tx:
        assert settings.get_or_make(tx, "name", lambda: "third") == "second"
