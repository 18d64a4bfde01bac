"""A table for what each session adds to the detector's memory of its org.

Revision: 0009. Follows: 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dayline.db.columns import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Sessions that are there already are counted when the next day of their org is detected."""
    op.create_table(
        "detector_memory",
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("partner_id", sa.String(36), nullable=False),
        sa.Column("org_id", sa.String(256), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("counts", sa.LargeBinary),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name="fk_detector_memory_session_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name="fk_detector_memory_partner_id"),
        sa.PrimaryKeyConstraint("session_id", name="pk_detector_memory"),
    )
    op.create_index("ix_detector_memory_org", "detector_memory", ["partner_id", "org_id", "created_at"])
