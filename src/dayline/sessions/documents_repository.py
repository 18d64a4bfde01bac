"""Large parts of a session, one per name: transcript, profile, peaks, timeline."""

from __future__ import annotations

import zlib
from typing import Any

import sqlalchemy as sa

from dayline.db.columns import read_json, write_json
from dayline.db.database import Transaction
from dayline.db.tables import document


def put(tx: Transaction, session_id: str, name: str, body: bytes) -> None:
    """Store bytes under a name, in place of what stood there."""
    where = (document.c.session_id == session_id, document.c.name == name)
    if tx.run(sa.update(document).where(*where).values(body=body)).rowcount == 0:
        tx.run(sa.insert(document).values(session_id=session_id, name=name, body=body))


def get(tx: Transaction, session_id: str, name: str) -> bytes | None:
    """Return the bytes under a name."""
    query = sa.select(document.c.body).where(document.c.session_id == session_id, document.c.name == name)
    return tx.run(query).scalar()


def put_json(tx: Transaction, session_id: str, name: str, value: Any) -> None:
    """Store JSON, packed."""
    put(tx, session_id, name, zlib.compress(write_json(value), 6))


def get_json(tx: Transaction, session_id: str, name: str) -> Any:
    """Return stored JSON, or None."""
    body = get(tx, session_id, name)
    return None if body is None else read_json(zlib.decompress(body))


def names(tx: Transaction, session_id: str) -> list[str]:
    """Return the names that a session has documents under."""
    query = sa.select(document.c.name).where(document.c.session_id == session_id).order_by(document.c.name)
    return [row[0] for row in tx.run(query)]
