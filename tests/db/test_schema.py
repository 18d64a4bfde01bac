"""The migrations lead to exactly the tables that the code defines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from dayline.db import tables
from dayline.db.database import Database, open_database
from dayline.db.migrate import alembic_config, migrate
from dayline.db.records import (
    AnalysisChanges,
    AnalysisRecord,
    SegmentChanges,
    SegmentRecord,
    SessionChanges,
    SessionRecord,
)
from dayline.db.tables import metadata


def test_the_migrations_make_the_tables_of_the_code(database: Database) -> None:
    migrate(database)  # a second time changes nothing
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": "schema_version",
                "include_object": lambda _o, name, kind, _r, _c: (
                    name in metadata.tables if kind == "table" else name != "ix_search_entry_terms"
                ),
            },
        )
        assert compare_metadata(context, metadata) == []


def test_news_of_a_made_up_day_is_known_as_such_after_the_upgrade(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/old.db")
    config = alembic_config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        moment = "'2026-11-22 00:00:00'"
        for sql in (
            "INSERT INTO partner (id, name, contact_email, plan_tier, healthcare, settings, callback_secret, "
            f"created_at, updated_at) VALUES ('p', 'P', 'p@x.test', 'starter', 0, '{{}}', 's', {moment}, {moment})",
            *(
                "INSERT INTO session (id, partner_id, environment, org_id, rep_id, options, metadata, status, stage, "
                "percent, run, revision, is_ingested, transcribed_seconds, usage, created_at, updated_at) VALUES "
                f"('{kind}', 'p', '{kind}', 'o', 'r', '{{}}', '{{}}', 'queued', 'queued', 0, 1, 0, 0, 0, '{{}}', "
                f"{moment}, {moment})"
                for kind in ("sandbox", "production")
            ),
            "INSERT INTO event (id, partner_id, session_id, type, body, created_at) "
            f"SELECT 'evt_' || id, 'p', id, 'all_day_session.completed', x'', {moment} FROM session",
        ):
            connection.exec_driver_sql(sql)
        connection.commit()
    migrate(database)
    with database.read() as tx:
        rows = tx.run(sa.text("SELECT session_id, environment FROM event")).all()
    assert sorted(map(tuple, rows)) == [("production", "production"), ("sandbox", "sandbox")]
    database.close()


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    from dayline.db import installation_settings as settings

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


@pytest.mark.parametrize(
    ("table", "record", "changes"),
    [
        (tables.session, SessionRecord, SessionChanges),
        (tables.analysis, AnalysisRecord, AnalysisChanges),
        (tables.segment, SegmentRecord, SegmentChanges),
    ],
)
def test_records_name_every_column_and_changes_name_columns_only(table: Any, record: Any, changes: Any) -> None:
    large = {"transcript", "result"}
    columns, fields = set(table.columns.keys()), set(record.__slots__)
    assert columns - large == fields
    assert set(changes.__annotations__) <= columns
    assert set(changes.__annotations__) - large <= fields
