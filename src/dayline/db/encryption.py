"""Encrypted columns of a database: set their cipher, and re-encrypt rows with its first key."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dayline.db.columns import CIPHER, EncryptedBytes, EncryptedText
from dayline.db.database import Database, Transaction
from dayline.db.failures import DatabaseUnusable
from dayline.db.statements import add_unless_there
from dayline.db.tables import metadata, setting
from dayline.security.encryption import Cipher, WrongKey

_CHECK = "encryption_check"


def is_encrypted(database: Database) -> bool:
    """Return whether a key has been used with this database."""
    with database.read() as tx:
        return _check_value(tx) is not None


def use_cipher(database: Database, cipher: Cipher) -> int:
    """Encrypt and decrypt with `cipher` from now on, and encrypt rows that are not under its first key.

    Returns how many rows were written. Raises DatabaseUnusable when the database was written with another key.
    """
    for engine in database.engines:
        setattr(engine.dialect, CIPHER, cipher)
    return database.in_write(lambda tx: _bring_under(tx, cipher))


def _bring_under(tx: Transaction, cipher: Cipher) -> int:
    check = cipher.encrypt(b"dayline").decode()
    # Processes that start together on an empty database may all come here; one of them inserts the row.
    if not add_unless_there(tx, setting, ["name"], {"name": _CHECK, "value": check}):
        written = _check_value(tx) or ""
        try:
            cipher.decrypt(written.encode())
        except WrongKey as error:
            raise DatabaseUnusable("the database was written with another key.") from error
        if not cipher.is_current(written.encode()):
            tx.run(sa.update(setting).where(setting.c.name == _CHECK).values(value=check))
    count = 0
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText | EncryptedBytes):
                count += _encrypt_column(tx, table, column, cipher)
    if count:
        tx.erased()
    return count


def _encrypt_column(tx: Transaction, table: sa.Table, column: sa.Column[Any], cipher: Cipher) -> int:
    """Write every value of a column again that is not encrypted with the first key."""
    keys = list(table.primary_key.columns)
    stored = sa.type_coerce(column, sa.Text if isinstance(column.type, EncryptedText) else sa.LargeBinary)
    count = 0
    for row in tx.run(sa.select(*keys, stored.label("stored")).where(column.is_not(None))).all():
        value = row.stored.encode() if isinstance(row.stored, str) else bytes(row.stored)
        if not value or cipher.is_current(value):
            continue
        plain = cipher.decrypt(value)
        same = [key == getattr(row, key.name) for key in keys]
        decoded = plain.decode() if isinstance(column.type, EncryptedText) else plain
        tx.run(sa.update(table).where(*same).values({column.name: decoded}))
        count += 1
    return count


def _check_value(tx: Transaction) -> str | None:
    return tx.run(sa.select(setting.c.value).where(setting.c.name == _CHECK)).scalar()
