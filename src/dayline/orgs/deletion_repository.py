"""Rows of every table that belong to an org or to one rep of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.tables import analysis, metadata, session


def session_ids(tx: Transaction, partner_id: str, org_id: str, rep_id: str | None) -> list[str]:
    """Return the ids of all sessions, those of single analyses included."""
    return [row[0] for row in tx.run(sa.select(session.c.id).where(*_of(session, partner_id, org_id, rep_id)))]


def calls(tx: Transaction, partner_id: str, org_id: str, rep_id: str | None) -> list[tuple[str, str | None]]:
    """Return (id, file key) of the analyses without a session of an org or a rep."""
    query = sa.select(analysis.c.id, analysis.c.file_key)
    query = query.where(*_of(analysis, partner_id, org_id, rep_id), analysis.c.parent_session_id.is_(None))
    return [(row.id, row.file_key) for row in tx.run(query)]


def delete_rows(tx: Transaction, partner_id: str, org_id: str, rep_id: str | None) -> dict[str, int]:
    """Delete the rows of an org or a rep in every table that names them. Return how many, by table."""
    counts: dict[str, int] = {}
    for table in reversed(metadata.sorted_tables):
        if {"partner_id", "org_id"} <= set(table.c.keys()) and (rep_id is None or "rep_id" in table.c):
            where = _of(table, partner_id, org_id, rep_id)
            counts[table.name] = tx.run(sa.delete(table).where(*where)).rowcount
    return counts


def _of(table: sa.Table, partner_id: str, org_id: str, rep_id: str | None) -> list[Any]:
    where: list[Any] = [table.c.partner_id == partner_id, table.c.org_id == org_id]
    return where if rep_id is None else [*where, table.c.rep_id == rep_id]
