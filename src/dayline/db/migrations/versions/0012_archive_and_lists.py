"""Archived orgs, reps and analyses; when a key was used last; unique partner names; indexes for filtered lists.

Revision: 0012. Follows: 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dayline.db import columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_session_rep", "session", ["partner_id", "org_id", "rep_id", "created_at", "id"]),
    ("ix_session_org", "session", ["partner_id", "org_id", "created_at", "id"]),
    ("ix_session_state", "session", ["partner_id", "status", "created_at", "id"]),
    ("ix_analysis_org", "analysis", ["partner_id", "org_id", "created_at", "id"]),
    ("ix_analysis_state", "analysis", ["partner_id", "status", "created_at", "id"]),
)


def upgrade() -> None:
    """Apply. Of partners with the same name the oldest keeps it; the others get the beginning of their id behind it."""
    for table in ("org", "rep", "analysis"):
        op.add_column(table, sa.Column("archived_at", columns.UtcTime(), nullable=True))
    op.add_column("api_key", sa.Column("last_used_at", columns.UtcTime(), nullable=True))
    op.execute(
        "UPDATE partner SET name = name || ' (' || substr(id, 1, 8) || ')' WHERE EXISTS (SELECT 1 FROM partner p "
        "WHERE p.name = partner.name AND (p.created_at < partner.created_at "
        "OR (p.created_at = partner.created_at AND p.id < partner.id)))"
    )
    op.create_index("uq_partner_name", "partner", ["name"], unique=True)
    for name, table, names in _INDEXES:
        op.create_index(name, table, names)
