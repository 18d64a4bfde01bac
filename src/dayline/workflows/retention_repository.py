"""Queries and deletions of the retention job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.db.database import Transaction
from dayline.db.tables import analysis, chunk, document, event, org, session
from dayline.domain.json_types import JsonObject
from dayline.domain.status import AnalysisStatus, SessionStatus
from dayline.domain.stored_json import PiiPolicy
from dayline.sessions import repository as sessions

_SPEECH_DOCUMENTS = ("transcript", "utterances", "voices")
_ENDED_SESSIONS = [status.value for status in SessionStatus if status.is_terminal]
_ENDED_ANALYSES = [AnalysisStatus.COMPLETED.value, AnalysisStatus.FAILED.value]


@dataclass(frozen=True, slots=True)
class OrgPolicy:
    """Retention of one org.

    transcript_days, analysis_days: days after the end; None for no limit.
    """

    partner_id: str
    org_id: str
    transcript_days: int | None
    analysis_days: int | None


def policies(tx: Transaction) -> list[OrgPolicy]:
    """Return the orgs that limit how long something is kept."""
    found: list[OrgPolicy] = []
    for row in tx.run(sa.select(org.c.partner_id, org.c.org_id, org.c.pii_policy).where(org.c.pii_policy.is_not(None))):
        policy: PiiPolicy = row.pii_policy or {}
        days = policy.get("retain_transcript_days"), policy.get("retain_analysis_days")
        if days != (None, None):
            found.append(OrgPolicy(row.partner_id, row.org_id, *days))
    return found


def sessions_with_transcript(
    tx: Transaction, policy: OrgPolicy, *, before: datetime, after_id: str, limit: int
) -> list[str]:
    """Return sessions that ended before a moment and still have a transcript or speech of their own, by their ids.

    after_id: the last id of the batch before; looking from the first row again would read every row once per batch.
    """
    has_document = sa.exists().where(document.c.session_id == session.c.id, document.c.name.in_(_SPEECH_DOCUMENTS))
    has_chunk = sa.exists().where(chunk.c.session_id == session.c.id)
    query = sa.select(session.c.id).where(*_ended_sessions(policy, before), sa.or_(has_document, has_chunk))
    return [row.id for row in tx.run(query.where(session.c.id > after_id).order_by(session.c.id).limit(limit))]


def analyses_with(
    tx: Transaction, policy: OrgPolicy, part: str, *, before: datetime, after_id: str, limit: int
) -> list[str]:
    """Return analyses that ended before a moment and still have a `transcript` or a `result`, by their ids."""
    query = sa.select(analysis.c.id).where(
        analysis.c.partner_id == policy.partner_id,
        analysis.c.org_id == policy.org_id,
        analysis.c.status.in_(_ENDED_ANALYSES),
        sa.func.coalesce(analysis.c.completed_at, analysis.c.created_at) < before,
        analysis.c[part].is_not(None),
        analysis.c.id > after_id,
    )
    return [row.id for row in tx.run(query.order_by(analysis.c.id).limit(limit))]


def delete_transcript(tx: Transaction, session_id: str) -> None:
    """Delete a session's transcript, chunks and speaker vectors, and the events that may quote it."""
    tx.run(sa.delete(document).where(document.c.session_id == session_id, document.c.name.in_(_SPEECH_DOCUMENTS)))
    tx.run(sa.delete(chunk).where(chunk.c.session_id == session_id))
    tx.run(sa.delete(event).where(event.c.session_id == session_id))


def delete_document(tx: Transaction, session_id: str, name: str) -> None:
    """Delete one document of a session."""
    tx.run(sa.delete(document).where(document.c.session_id == session_id, document.c.name == name))


def delete_part(tx: Transaction, analysis_id: str, part: str) -> None:
    """Delete the `transcript` or the `result` of an analysis, and the events that carry it."""
    values: JsonObject = {part: sa.null()}
    parent = tx.run(sa.select(analysis.c.parent_session_id).where(analysis.c.id == analysis_id)).scalar()
    sessions.lock(tx, parent or analysis_id)
    if part == "result":
        values["overall_score"] = None
        if parent is not None:
            tx.run(sa.update(session).where(session.c.id == parent).values(rollup=sa.null()))
    tx.run(sa.update(analysis).where(analysis.c.id == analysis_id).values(**values))
    of_parent = event.c.session_id == parent if parent is not None else sa.false()
    tx.run(sa.delete(event).where(sa.or_(event.c.analysis_id == analysis_id, of_parent)))


def _ended_sessions(policy: OrgPolicy, before: datetime) -> tuple[Any, ...]:
    return (
        session.c.partner_id == policy.partner_id,
        session.c.org_id == policy.org_id,
        session.c.status.in_(_ENDED_SESSIONS),
        sa.func.coalesce(session.c.completed_at, session.c.updated_at) < before,
    )
