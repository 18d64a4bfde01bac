"""The path of a request beside its kept answer, so that a deletion finds answers that do not name what they are about.

Revision: 0020. Follows: 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("idempotency", sa.Column("path", sa.Text()))
