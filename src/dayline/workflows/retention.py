"""Carry out how long an org keeps transcripts and analyses (`pii_policy.retain_transcript_days` and its sibling)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from dayline.clock import now
from dayline.db.database import Database, Transaction
from dayline.logs import get_log
from dayline.sessions import repository as sessions
from dayline.workflows import retention_repository as retention
from dayline.workflows.retention_repository import OrgPolicy

log = get_log(__name__)

_BATCH = 50


def carry_out_retention(database: Database) -> int:
    """Delete what is older than its org allows. Return how many transcripts and results that were.

    Several workers at once are harmless: everything here is a deletion.
    """
    with database.read() as tx:
        policies = retention.policies(tx)
    count = 0
    for policy in policies:
        if policy.transcript_days is not None:
            count += _delete_transcripts(database, policy, policy.transcript_days)
        if policy.analysis_days is not None:
            count += _delete_analyses(database, policy, "result", policy.analysis_days)
    if count:
        log.info("retention_carried_out", deleted=count)
    return count


def _delete_transcripts(database: Database, policy: OrgPolicy, days: int) -> int:
    before = now() - timedelta(days=days)
    count = _delete_analyses(database, policy, "transcript", days)
    while True:
        with database.read() as tx:
            ids = retention.sessions_with_transcript(tx, policy, before=before, limit=_BATCH)
        for session_id in ids:
            database.in_write(lambda tx, id=session_id: _delete(tx, id, lambda: retention.delete_transcript(tx, id)))
        count += len(ids)
        if len(ids) < _BATCH:
            return count


def _delete_analyses(database: Database, policy: OrgPolicy, part: str, days: int) -> int:
    before, count = now() - timedelta(days=days), 0
    while True:
        with database.read() as tx:
            ids = retention.analyses_with(tx, policy, part, before=before, limit=_BATCH)
        for analysis_id in ids:
            database.in_write(lambda tx, id=analysis_id: _delete(tx, None, lambda: retention.delete_part(tx, id, part)))
        count += len(ids)
        if len(ids) < _BATCH:
            return count


def _delete(tx: Transaction, session_id: str | None, work: Callable[[], None]) -> None:
    if session_id is not None:
        sessions.lock(tx, session_id)
    work()
    tx.erased()
