"""Count the attempts of sessions and analyses, and remember each partner's last place in the chunk queue.

Revision: 0004. Follows: 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for table in ("session", "analysis"):
        op.add_column(table, sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_analysis_status", "analysis", ["status"])
    op.create_table(
        "queue_place",
        sa.Column("partner_id", sa.String(36), nullable=False),
        sa.Column("last_place", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name="fk_queue_place_partner_id"),
        sa.PrimaryKeyConstraint("partner_id", name="pk_queue_place"),
    )
