"""Notes that people write at a second of a day.

Revision: 0014. Follows: 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dayline.db.columns import UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "note",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("partner_id", sa.String(36), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("segment_id", sa.String(36), nullable=True),
        sa.Column("at_seconds", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("visibility", sa.String(16), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("author_role", sa.String(16), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name="fk_note_partner_id"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_note_session_id", ondelete="CASCADE"),
    )
    op.create_index("ix_note_session", "note", ["session_id", "at_seconds"])
