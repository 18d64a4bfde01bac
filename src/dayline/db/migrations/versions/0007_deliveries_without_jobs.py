"""Send deliveries from their table instead of from jobs: ordering key, receiver and claim.

Revision: 0007. Follows: 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dayline.db import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_delivery_lane", "delivery")
    op.execute("ALTER TABLE delivery RENAME COLUMN lane TO ordering_key")
    op.add_column("delivery", sa.Column("endpoint_key", sa.String(40), nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("claimed_until", columns.UtcTime))
    # The key is `w:` or `c:`, an address of 36 characters, and the session.
    op.execute("UPDATE delivery SET endpoint_key = substr(ordering_key, 1, 38)")
    with op.batch_alter_table("delivery") as batch:
        batch.alter_column("endpoint_key", server_default=None)
    op.create_index("ix_delivery_order", "delivery", ["ordering_key", "status", "event_number"])
