"""What tests write into days, and ask of the search index directly."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.database import Database
from dayline.db.tables import search_entry
from dayline.domain.serialization import pack_transcript
from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.search.indexing import index_session
from dayline.sessions import documents_repository as documents


def put_words(database: Database, session_id: str, *lines: tuple[float, str, str]) -> None:
    """Put (seconds, speaker, text) in place of what was said on a day; every word lasts half a second."""
    said: list[Utterance] = []
    for at, speaker, text in lines:
        words = [Word(w, at + n / 2, at + n / 2 + 0.4, 0.9, speaker) for n, w in enumerate(text.split())]
        said.append(Utterance(at, at + len(words) / 2, text, speaker, 0.9, tuple(words)))
    with database.write() as tx:
        documents.put_transcript(tx, session_id, pack_transcript(Transcript(tuple(said), 3600.0)))
        index_session(tx, session_id)


def count_entries(database: Database, session_id: str) -> int:
    """Return how many conversations of a day are in the index."""
    with database.read() as tx:
        query = sa.select(sa.func.count()).select_from(search_entry).where(search_entry.c.session_id == session_id)
        return int(tx.run(query).scalar() or 0)
