"""Sign-in links, sessions and access log of the web console.

Revision: 0005. Follows: 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dayline.db.columns import Json, UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _visitor_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("partner_id", sa.String(36), nullable=True),
        sa.Column("environment", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("org_ids", Json, nullable=False),
        sa.Column("rep_id", sa.String(256), nullable=True),
        sa.Column("name", sa.Text, nullable=True),
    ]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "console_link",
        *_visitor_columns(),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("used_at", UtcTime, nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_console_link"),
        sa.UniqueConstraint("token_hash", name="uq_console_link_token_hash"),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name="fk_console_link_partner_id"),
    )
    op.create_table(
        "console_session",
        *_visitor_columns(),
        sa.Column("key_id", sa.String(12), nullable=True),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("revoked_at", UtcTime, nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_console_session"),
        sa.UniqueConstraint("token_hash", name="uq_console_session_token_hash"),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name="fk_console_session_partner_id"),
    )
    op.create_index("ix_console_session_partner", "console_session", ["partner_id", "created_at"])
    op.create_table(
        "access_log",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("partner_id", sa.String(36), nullable=True),
        sa.Column("session_id", sa.String(36), nullable=True),
        sa.Column("visitor_id", sa.String(36), nullable=True),
        sa.Column("name", sa.Text, nullable=True),
        sa.Column("role", sa.String(16), nullable=True),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.String(36), nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_access_log"),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name="fk_access_log_partner_id"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_access_log_session_id", ondelete="CASCADE"),
    )
    op.create_index("ix_access_log_session", "access_log", ["session_id", "number"])
    op.create_index("ix_access_log_visitor", "access_log", ["visitor_id", "action", "created_at"])
