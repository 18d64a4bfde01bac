"""When a day was recorded, what is known of its file for listening, and names of its speakers.

Revision: 0011. Follows: 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dayline.db.columns import Json, UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("session", sa.Column("recorded_at", UtcTime, nullable=True))
    op.add_column("session", sa.Column("recorded_at_source", sa.String(16), nullable=True))
    op.add_column("session", sa.Column("audio", Json, nullable=True))
    op.add_column("session", sa.Column("speaker_names", Json, nullable=True))
