"""Links that show one conversation to people without a key.

Revision: 0017. Follows: 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dayline.db.columns import UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "share",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("partner_id", sa.String(36), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("segment_id", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("start_seconds", sa.Float, nullable=False),
        sa.Column("end_seconds", sa.Float, nullable=False),
        sa.Column("has_audio", sa.Boolean, nullable=False),
        sa.Column("name", sa.Text, nullable=True),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("opened_count", sa.Integer, nullable=False),
        sa.Column("last_opened_at", UtcTime, nullable=True),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("revoked_at", UtcTime, nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_share"),
        sa.UniqueConstraint("token_hash", name="uq_share_token_hash"),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name="fk_share_partner_id"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_share_session_id", ondelete="CASCADE"),
    )
    op.create_index("ix_share_session", "share", ["session_id", "created_at"])
