"""INSERTs that are compiled once and handed to the driver as text.

Half of the processor time of an INSERT of a wide row goes into looking the compiled statement up and preparing its
execution, also when the statement is the same each time. For SQLite only: its places are numbered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

_Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Insert:
    """SQL of one INSERT and, per place, the name of its value and what turns it into the driver's form."""

    text: str
    places: tuple[tuple[str, _Processor | None], ...]

    def parameters(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(values[name] if convert is None else convert(values[name]) for name, convert in self.places)


class CompiledInserts:
    """Keeps the SQL of INSERTs by table and set of columns. Safe to use from many threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], _Insert | None] = {}

    def on(self, connection: sa.Connection) -> Any:
        """Return `connection` with these INSERTs; every other statement goes through unchanged.

        For the workflow engine, which keeps the SQL of its own INSERTs on PostgreSQL but not on SQLite.
        """
        return _Connection(connection, self)

    def execute(self, connection: sa.Connection, statement: Any, values: dict[str, Any]) -> sa.CursorResult[Any]:
        """Execute an INSERT of one row."""
        insert = self.find(connection, statement, values)
        if insert is None:
            return connection.execute(statement, values)
        return connection.exec_driver_sql(insert.text, insert.parameters(values))

    def find(self, connection: sa.Connection, statement: sa.Insert, values: Mapping[str, Any]) -> _Insert | None:
        """Return the SQL of an INSERT, or None when it needs more than the values that are given."""
        key = statement.table.name, tuple(values)
        if key not in self._known:
            self._known[key] = _compiled(connection, statement, values)
        return self._known[key]


class _Connection:
    """What the engine uses of a connection."""

    def __init__(self, connection: sa.Connection, inserts: CompiledInserts) -> None:
        self._connection, self._inserts = connection, inserts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: Any, values: dict[str, Any] | None = None) -> sa.CursorResult[Any]:
        """Execute one statement."""
        if isinstance(statement, sa.Insert) and isinstance(values, dict):
            return self._inserts.execute(self._connection, statement, values)
        return self._connection.execute(statement, values)


def _compiled(connection: sa.Connection, statement: sa.Insert, values: Mapping[str, Any]) -> _Insert | None:
    dialect = connection.dialect
    schemas = connection.get_execution_options().get("schema_translate_map")
    compiled = statement.compile(
        dialect=dialect,
        column_keys=list(values),
        schema_translate_map=schemas,
        render_schema_translate=schemas is not None,
    )
    assert isinstance(compiled, SQLCompiler)
    if not compiled.positional or set(compiled.binds) != set(values) or compiled.positiontup is None:
        return None
    places = [
        (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in compiled.positiontup
    ]
    return _Insert(compiled.string, tuple(places))
