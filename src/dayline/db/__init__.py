"""Database engine, tables, migrations and object storage."""
