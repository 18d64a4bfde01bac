"""Tell sessions of a whole day from those of a single call.

Revision: 0006. Follows: 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("session", sa.Column("kind", sa.String(8), nullable=False, server_default="day"))
