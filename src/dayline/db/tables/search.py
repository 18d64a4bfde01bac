"""The search index: one row per conversation of a day, and the index of its words.

Org, rep and environment stand in the session only, so that visibility never depends on a stale copy.

PostgreSQL indexes the column `terms` (tsvector) by `ix_search_entry_terms` (GIN). SQLite has an FTS5 table beside it,
`search_index`, which triggers keep in step with `terms`. Only the migration names them: they differ by database.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from dayline.db.columns import PackedJson, moment, of_partner, of_session, plain_json, text
from dayline.db.tables.metadata import metadata

search_entry = sa.Table(
    "search_entry",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    of_partner(),
    of_session(nullable=False),
    sa.Column("segment_id", sa.String(36), nullable=False, unique=True),
    moment("recorded_at", nullable=False),
    sa.Column("sort_key", sa.String(64), nullable=False),
    text("title"),
    plain_json("people", nullable=False),
    sa.Column("lines", PackedJson, nullable=False),
    sa.Column("terms", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    sa.Index("ix_search_entry_session", "session_id"),
    sa.Index("ix_search_entry_list", "partner_id", "recorded_at", "sort_key"),
    sqlite_autoincrement=True,
)
