"""Indexes for deliveries that are due, for deleting a session, and for sending news again.

Revision: 0003. Follows: 0002.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_delivery_due", "delivery", ["status", "next_attempt_at"]),
    ("ix_delivery_event", "delivery", ["event_id"]),
    ("ix_event_analysis", "event", ["analysis_id"]),
    ("ix_event_since", "event", ["partner_id", "created_at"]),
    ("ix_session_file", "session", ["file_key"]),
    ("ix_analysis_file", "analysis", ["file_key"]),
)


def upgrade() -> None:
    """Apply."""
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)
