"""Endpoints and events belong to an environment, so that made-up days stay away from live endpoints.

Revision: 0002. Follows: 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Endpoints that stand already take news of production."""
    for table in ("webhook", "event"):
        column = sa.Column("environment", sa.String(length=16), nullable=False, server_default="production")
        op.add_column(table, column)
    for table, key in (("session", "session_id"), ("analysis", "analysis_id")):
        op.execute(
            f"UPDATE event SET environment = 'sandbox' "  # noqa: S608 - two constants of ours
            f"WHERE {key} IN (SELECT id FROM {table} WHERE environment = 'sandbox')"
        )
