"""Indexes of lists of analyses that hold the score, for the filter `min_score`.

Revision: 0018. Follows: 0017.
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_analysis_list", ["partner_id", "created_at", "id", "overall_score"]),
    ("ix_analysis_org", ["partner_id", "org_id", "created_at", "id", "overall_score"]),
)


def upgrade() -> None:
    """Apply."""
    for name, columns in _INDEXES:
        op.drop_index(name, "analysis")
        op.create_index(name, "analysis", columns)
