"""Large parts of a session, one per name: transcript, utterances, peaks, timeline, strip, voices, others."""

from __future__ import annotations

import zlib
from typing import Any

import sqlalchemy as sa

from dayline.db.columns import read_json, write_json
from dayline.db.database import Transaction
from dayline.db.tables import document
from dayline.domain.serialization import PackedTranscript, without_words
from dayline.domain.stored_json import StoredInterval
from dayline.sessions.strip import strip_of


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
    return None if body is None else unpack_json(body)


def unpack_json(body: bytes) -> Any:
    """Return the JSON that `put_json` stored as these bytes."""
    return read_json(zlib.decompress(body))


def get_json_of(tx: Transaction, session_ids: list[str], name: str) -> dict[str, Any]:
    """Return stored JSON of one name by session; sessions without it are left out."""
    query = sa.select(document.c.session_id, document.c.body)
    rows: Any = tx.run(query.where(document.c.session_id.in_(session_ids), document.c.name == name))
    return {row[0]: unpack_json(row[1]) for row in rows}


def put_transcript(tx: Transaction, session_id: str, packed: PackedTranscript) -> None:
    """Store a transcript, and its utterances without words for readers that show a whole day.

    The words of 12 hours are 8 MB of JSON, which take longer to parse than everything else that such a reader needs.
    """
    put_json(tx, session_id, "transcript", packed)
    put_json(tx, session_id, "utterances", without_words(packed))


def put_timeline(tx: Transaction, session_id: str, timeline: list[StoredInterval]) -> None:
    """Store a day's timeline and its strip for lists."""
    put_json(tx, session_id, "timeline", timeline)
    put_json(tx, session_id, "strip", strip_of(timeline))


def names(tx: Transaction, session_id: str) -> list[str]:
    """Return the names that a session has documents under."""
    query = sa.select(document.c.name).where(document.c.session_id == session_id).order_by(document.c.name)
    return [row[0] for row in tx.run(query)]
