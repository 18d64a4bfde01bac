"""Sizes of stored uploads, and counters of what workers did.

Revision: 0009. Follows: 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("upload", sa.Column("stored_bytes", sa.BigInteger))
    op.create_index("ix_upload_partner", "upload", ["partner_id", "created_at"])
    op.create_table(
        "counter",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", "label", name="pk_counter"),
    )
