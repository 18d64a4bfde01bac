"""Steps that have begun and not ended, so that one that ends its worker every time is given up.

Revision: 0019. Follows: 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dayline.db.columns import UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "step_start",
        sa.Column("step", sa.String(length=160), nullable=False),
        sa.Column("executor_id", sa.String(length=128), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("alone", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("step", name=op.f("pk_step_start")),
    )
