"""Conversations that a person set have no confidence.

Revision: 0013. Follows: 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("segment") as batch:
        batch.alter_column("confidence", existing_type=sa.Float(), nullable=True)
