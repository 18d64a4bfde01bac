"""The search index. Workers fill it from the sessions that are there, newest first, while the service runs.

Revision: 0016. Follows: 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from dayline.db import columns

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TRIGGERS = {
    "insert": "INSERT INTO search_index (rowid, terms) VALUES (new.number, new.terms);",
    "delete": "INSERT INTO search_index (search_index, rowid, terms) VALUES ('delete', old.number, old.terms);",
}
_SQLITE = (
    # Which words a conversation holds, without their places: those are looked up in the few rows that are shown.
    "CREATE VIRTUAL TABLE search_index USING fts5 "
    "(terms, content='search_entry', content_rowid='number', detail='none', columnsize=0, tokenize='ascii')",
    f"CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN {_TRIGGERS['insert']} END",
    f"CREATE TRIGGER search_entry_deleted AFTER DELETE ON search_entry BEGIN {_TRIGGERS['delete']} END",
    "CREATE TRIGGER search_entry_changed AFTER UPDATE OF terms ON search_entry "
    f"BEGIN {_TRIGGERS['delete']} {_TRIGGERS['insert']} END",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "search_entry",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True),
        sa.Column("partner_id", sa.String(36), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("segment_id", sa.String(36), nullable=False),
        sa.Column("recorded_at", columns.UtcTime(), nullable=False),
        sa.Column("sort_key", sa.String(64), nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("people", columns.Json, nullable=False),
        sa.Column("lines", columns.PackedJson(), nullable=False),
        sa.Column("terms", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_search_entry"),
        sa.UniqueConstraint("segment_id", name="uq_search_entry_segment_id"),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name="fk_search_entry_partner_id"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_search_entry_session_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_search_entry_session", "search_entry", ["session_id"])
    op.create_index("ix_search_entry_list", "search_entry", ["partner_id", "recorded_at", "sort_key"])
    if op.get_context().dialect.name == "postgresql":
        op.create_index("ix_search_entry_terms", "search_entry", ["terms"], postgresql_using="gin")
        return
    for statement in _SQLITE:
        op.execute(statement)
