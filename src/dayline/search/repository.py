"""Rows of the search index, and the queries that find them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from dayline.db import search_format
from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.records import to_records
from dayline.db.statements import newest_first
from dayline.db.tables import analysis, search_entry, segment, session, setting
from dayline.db.visibility import Visibility
from dayline.domain.json_types import JsonObject
from dayline.domain.status import SessionKind
from dayline.search.text import Query, tokens_of

_FILLED = "search_filled"
_MATCH = sa.text("SELECT rowid FROM search_index WHERE search_index MATCH :search_query")

Line = list[Any]
"""One utterance: [start_ms, end_ms, speaker, text, [[character, start_ms] of each word, in order]]."""


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """One conversation of a day as the index holds it.

    recorded_at: when its day was recorded, else submitted. sort_key: orders conversations of one day.
    """

    partner_id: str
    session_id: str
    segment_id: str
    recorded_at: datetime
    sort_key: str
    title: str | None
    people: list[str]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that holds the words of a query, with the present state of its conversation."""

    session_id: str
    segment_id: str
    org_id: str
    rep_id: str
    recorded_at: datetime
    sort_key: str
    title: str | None
    people: list[str]
    lines: list[Line]
    start_seconds: float
    end_seconds: float
    analysis_id: str | None
    overall_score: int | None


_FOUND = (
    *(
        search_entry.c[name]
        for name in ("session_id", "segment_id", "recorded_at", "sort_key", "title", "people", "lines")
    ),
    session.c.org_id,
    session.c.rep_id,
    segment.c.start_seconds,
    segment.c.end_seconds,
    segment.c.analysis_id,
    analysis.c.overall_score,
)


def keep_only(tx: Transaction, session_id: str, segment_ids: list[str]) -> None:
    """Delete the entries of a session but those of these conversations."""
    gone = sa.delete(search_entry).where(search_entry.c.session_id == session_id)
    tx.run(gone.where(search_entry.c.segment_id.not_in(segment_ids)))


def put(tx: Transaction, entry: SearchEntry) -> None:
    """Write one entry, in place of the one of the same conversation."""
    values: JsonObject = {name: getattr(entry, name) for name in entry.__slots__}
    terms = sorted({token for text in _texts(entry) for token in _tokens(text)})
    written = " ".join([_scope(entry.partner_id), *terms])
    if tx.is_postgres:
        values["terms"] = sa.cast(_quoted(written.split(), " "), TSVECTOR())
    else:
        values["terms"] = written
    changed = sa.update(search_entry).where(search_entry.c.segment_id == entry.segment_id).values(**values)
    if tx.run(changed).rowcount == 0:
        tx.run(sa.insert(search_entry).values(**values))


def of_session(tx: Transaction, session_id: str, segment_id: str | None = None) -> list[SearchEntry]:
    """Return the entries of a session, or of one of its conversations."""
    query = sa.select(*(search_entry.c[name] for name in SearchEntry.__slots__))
    query = query.where(search_entry.c.session_id == session_id)
    if segment_id is not None:
        query = query.where(search_entry.c.segment_id == segment_id)
    return to_records(SearchEntry, tx.run(query))


def find(
    tx: Transaction,
    partner_id: str,
    query: Query,
    *,
    environment: str,
    limit: int,
    visibility: Visibility,
    after: Position | None = None,
    org_id: str | None = None,
    rep_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Found]:
    """Return up to `limit` conversations that hold every word of a query, the newest first.

    Words of a phrase are found in any order; the caller checks the order.
    """
    found = sa.select(*_FOUND).join(segment, segment.c.id == search_entry.c.segment_id)
    found = found.join(session, session.c.id == search_entry.c.session_id)
    found = found.outerjoin(analysis, analysis.c.id == segment.c.analysis_id)
    found = found.where(search_entry.c.partner_id == partner_id, session.c.environment == environment)
    found = visibility.limit(found, session.c.org_id, session.c.rep_id)
    if org_id is not None:
        found = found.where(session.c.org_id == org_id)
    if rep_id is not None:
        found = found.where(session.c.rep_id == rep_id)
    if since is not None:
        found = found.where(search_entry.c.recorded_at >= since)
    if until is not None:
        found = found.where(search_entry.c.recorded_at < until)
    if tx.is_postgres:
        wanted = " & ".join(_postgres_word(word, is_prefix) for word, is_prefix in _words(query, partner_id))
        found = found.where(search_entry.c.terms.op("@@")(sa.cast(wanted, TSQUERY())))
    else:
        wanted = " AND ".join(f'"{word}"{"*" if is_prefix else ""}' for word, is_prefix in _words(query, partner_id))
        matching = _MATCH.bindparams(search_query=wanted).columns(sa.column("rowid"))
        found = found.where(search_entry.c.number.in_(matching))
    page = newest_first(found, search_entry.c.recorded_at, search_entry.c.sort_key, after=after, limit=limit)
    return to_records(Found, tx.run(page))


def unindexed(tx: Transaction, *, limit: int) -> list[str]:
    """Return days of which a conversation is not in the index, the newest first."""
    missing = sa.exists().where(
        segment.c.session_id == session.c.id,
        segment.c.id.not_in(sa.select(search_entry.c.segment_id).where(search_entry.c.session_id == session.c.id)),
    )
    query = sa.select(session.c.id).where(session.c.kind == SessionKind.DAY.value, missing)
    return [row[0] for row in tx.run(query.order_by(session.c.created_at.desc()).limit(limit))]


def is_filled(tx: Transaction) -> bool:
    """Return whether every day from before the index existed has been put into it."""
    return tx.run(sa.select(setting.c.value).where(setting.c.name == _FILLED)).first() is not None


def set_filled(tx: Transaction) -> None:
    """Note that no day is missing."""
    if not is_filled(tx):
        tx.run(sa.insert(setting).values(name=_FILLED, value="1"))


def erase_deleted(tx: Transaction) -> None:
    """Take the words of deleted entries out of SQLite's index."""
    if not tx.is_postgres:
        search_format.erase_deleted(search_format.runner(tx.connection))


def _texts(entry: SearchEntry) -> Iterable[str]:
    yield entry.title or ""
    yield from entry.people
    for line in entry.lines:
        yield line[3]


def _tokens(text: str) -> Iterable[str]:
    return (token.text for token in tokens_of(text))


def _scope(partner_id: str) -> str:
    """Return the token that every entry of a partner has and every query of this partner asks for."""
    return "partner" + partner_id.replace("-", "").lower()


def _words(query: Query, partner_id: str) -> list[tuple[str, bool]]:
    words = [(_scope(partner_id), False)]
    for term in query.terms:
        words += [(word, False) for word in term.tokens[:-1]]
        words.append((term.tokens[-1], term.is_prefix))
    return words


def _postgres_word(word: str, is_prefix: bool) -> str:
    return _quoted([word], "") + (":*" if is_prefix else "")


def _quoted(words: list[str], between: str) -> str:
    """Return words as lexemes of PostgreSQL. Tokens hold letters, digits and marks only, so nothing needs escaping."""
    return between.join(f"'{word}'" for word in words)
