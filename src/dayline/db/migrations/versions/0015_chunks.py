"""Name the table of chunks by the word that everything else uses.

Revision: 0015. Follows: 0014.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. SQLite cannot rename constraints; their names mean nothing there."""
    op.rename_table("span", "chunk")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE chunk RENAME CONSTRAINT pk_span TO pk_chunk")
        op.execute("ALTER TABLE chunk RENAME CONSTRAINT fk_span_session_id TO fk_chunk_session_id")
