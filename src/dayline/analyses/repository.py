"""Rows of analyses, single ones and the children of sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Unpack

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.records import AnalysisChanges, AnalysisRecord, to_record, to_records
from dayline.db.statements import add_record, newest_first
from dayline.db.tables import analysis
from dayline.db.visibility import EVERYTHING, Visibility
from dayline.domain.status import AnalysisStatus

_LIGHT = [analysis.c[name] for name in AnalysisRecord.__slots__]
_OPEN = [AnalysisStatus.QUEUED.value, AnalysisStatus.PROCESSING.value]


def add(tx: Transaction, record: AnalysisRecord) -> None:
    """Insert an analysis."""
    add_record(tx, analysis, record)


def get(tx: Transaction, analysis_id: str, *, partner_id: str | None = None) -> AnalysisRecord | None:
    """Return an analysis without its large parts, or None when it is not there or another partner's."""
    query = sa.select(*_LIGHT).where(analysis.c.id == analysis_id)
    if partner_id is not None:
        query = query.where(analysis.c.partner_id == partner_id)
    row = tx.run(query).first()
    return to_record(AnalysisRecord, row) if row else None


def large_parts(tx: Transaction, analysis_id: str) -> tuple[Any, Any]:
    """Return (transcript, result) of an analysis; None for what is not there yet."""
    row = tx.run(sa.select(analysis.c.transcript, analysis.c.result).where(analysis.c.id == analysis_id)).first()
    return (row.transcript, row.result) if row else (None, None)


def children(tx: Transaction, session_id: str, *, current_only: bool = True) -> list[AnalysisRecord]:
    """Return the analyses of a session's segments in the order of the day."""
    query = sa.select(*_LIGHT).where(analysis.c.parent_session_id == session_id)
    if current_only:
        query = query.where(analysis.c.is_current.is_(True))
    return to_records(AnalysisRecord, tx.run(query.order_by(analysis.c.start_seconds, analysis.c.id)))


def count_open(tx: Transaction, session_id: str) -> int:
    """Return how many of a session's current analyses have not ended."""
    query = sa.select(sa.func.count()).where(
        analysis.c.parent_session_id == session_id, analysis.c.is_current.is_(True), analysis.c.status.in_(_OPEN)
    )
    return int(tx.run(query).scalar() or 0)


def count_current(tx: Transaction, session_id: str) -> int:
    """Return how many current analyses a session has."""
    query = sa.select(sa.func.count()).where(
        analysis.c.parent_session_id == session_id, analysis.c.is_current.is_(True)
    )
    return int(tx.run(query).scalar() or 0)


def update_open(tx: Transaction, analysis_id: str, **values: Unpack[AnalysisChanges]) -> bool:
    """Change an analysis that has not ended. Returns False when it has ended, or is gone."""
    statement = sa.update(analysis).where(analysis.c.id == analysis_id, analysis.c.status.in_(_OPEN)).values(**values)
    return tx.run(statement).rowcount == 1


def count_attempt(tx: Transaction, analysis_id: str) -> bool:
    """Count one more job that ended without an outcome. Returns False when the analysis has ended, or is gone."""
    statement = sa.update(analysis).where(analysis.c.id == analysis_id, analysis.c.status.in_(_OPEN))
    return tx.run(statement.values(attempts=analysis.c.attempts + 1)).rowcount == 1


def update(tx: Transaction, analysis_id: str, **values: Unpack[AnalysisChanges]) -> None:
    """Change an analysis whatever its status."""
    tx.run(sa.update(analysis).where(analysis.c.id == analysis_id).values(**values))


def page(
    tx: Transaction,
    partner_id: str,
    *,
    limit: int,
    environment: str | None = None,
    after: Position | None = None,
    org_id: str | None = None,
    rep_id: str | None = None,
    status: str | None = None,
    parent_session_id: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    min_score: float | None = None,
    archived: bool = False,
    visibility: Visibility = EVERYTHING,
) -> list[AnalysisRecord]:
    """Return up to `limit` analyses, newest first, older than `after`."""
    query = sa.select(*_LIGHT).where(analysis.c.partner_id == partner_id, analysis.c.is_current.is_(True))
    query = query.where(analysis.c.archived_at.is_not(None) if archived else analysis.c.archived_at.is_(None))
    query = visibility.limit(query, analysis.c.org_id, analysis.c.rep_id)
    equal = ((analysis.c.org_id, org_id), (analysis.c.rep_id, rep_id), (analysis.c.status, status))
    for column, value in (
        *equal,
        (analysis.c.parent_session_id, parent_session_id),
        (analysis.c.environment, environment),
    ):
        if value is not None:
            query = query.where(column == value)
    if created_after is not None:
        query = query.where(analysis.c.created_at > created_after)
    if created_before is not None:
        query = query.where(analysis.c.created_at < created_before)
    if min_score is not None:
        query = query.where(analysis.c.overall_score >= min_score)
    query = newest_first(query, analysis.c.created_at, analysis.c.id, after=after, limit=limit)
    return to_records(AnalysisRecord, tx.run(query))


def delete(tx: Transaction, analysis_id: str) -> bool:
    """Delete one analysis."""
    return tx.run(sa.delete(analysis).where(analysis.c.id == analysis_id)).rowcount == 1
