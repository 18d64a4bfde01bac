"""Small values that an installation generates once, such as the key that signs its own links."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.statements import add_unless_there
from dayline.db.tables import setting


def get_or_make(tx: Transaction, name: str, make: Callable[[], str]) -> str:
    """Return the value under `name`, made by `make` the first time. Call it in a write transaction."""
    query = sa.select(setting.c.value).where(setting.c.name == name)
    value = tx.run(query).scalar()
    if value is None:
        value = make()
        if not add_unless_there(tx, setting, ["name"], {"name": name, "value": value}):
            value = str(tx.run(query).scalar_one())  # another process was first
    return value
