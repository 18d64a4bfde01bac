"""How Alembic runs our migrations: on the connection that the caller hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from dayline.db import columns
from dayline.db.tables import metadata


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types by their names."""
    if kind == "type":
        if isinstance(item, columns.UtcTime | columns.PackedJson):
            return f"columns.{type(item).__name__}()"
        if item is columns.Json:
            return "columns.Json"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
    version_table="schema_version",
    include_object=lambda _o, name, kind, _r, _c: kind != "table" or name in metadata.tables,
)
with context.begin_transaction():
    context.run_migrations()
