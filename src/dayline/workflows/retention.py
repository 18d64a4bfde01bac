"""Apply the retention of transcripts and analyses of each org (`pii_policy.retain_transcript_days` and its sibling)."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TypeVar

from dayline.analyses import repository as analyses
from dayline.clock import now
from dayline.db.columns import is_damaged
from dayline.db.database import Database, Transaction
from dayline.domain.stored_json import StoredInterval, StoredSegment, without_quotes
from dayline.logs import get_log
from dayline.search import indexing
from dayline.search import repository as search_index
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.workflows import retention_repository as retention
from dayline.workflows.retention_repository import OrgPolicy

log = get_log(__name__)

_BATCH = 50
_Part = TypeVar("_Part", StoredInterval, StoredSegment)


def carry_out_retention(database: Database) -> int:
    """Delete what is older than its org allows. Return how many transcripts and results that were.

    Safe on several workers at once: all steps are deletions.
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
        # One emptying of the write-ahead log for all: for each deletion it would take most of the time.
        with database.write() as tx:
            search_index.erase_deleted(tx)
            tx.erased()
        log.info("retention_carried_out", deleted=count)
    return count


def _delete_transcripts(database: Database, policy: OrgPolicy, days: int) -> int:
    before, after_id = now() - timedelta(days=days), ""
    count = _delete_analyses(database, policy, "transcript", days)
    while True:
        with database.read() as tx:
            ids = retention.sessions_with_transcript(tx, policy, before=before, after_id=after_id, limit=_BATCH)
        for session_id in ids:
            database.in_write(lambda tx, id=session_id: _delete_transcript(tx, id))
        count += len(ids)
        if len(ids) < _BATCH:
            return count
        after_id = ids[-1]


def _delete_analyses(database: Database, policy: OrgPolicy, part: str, days: int) -> int:
    before, count, after_id = now() - timedelta(days=days), 0, ""
    while True:
        with database.read() as tx:
            ids = retention.analyses_with(tx, policy, part, before=before, after_id=after_id, limit=_BATCH)
        for analysis_id in ids:
            database.in_write(lambda tx, id=analysis_id: _delete_part(tx, id, part))
        count += len(ids)
        if len(ids) < _BATCH:
            return count
        after_id = ids[-1]


def _delete_transcript(tx: Transaction, session_id: str) -> None:
    sessions.lock(tx, session_id)
    retention.delete_transcript(tx, session_id)
    _delete_quotes(tx, session_id)
    indexing.clear_words(tx, session_id)


def _delete_quotes(tx: Transaction, session_id: str) -> None:
    """Take the words that reasons quote out of segments, timeline, other conversations and all revisions."""
    for segment in segments.list_all(tx, session_id):
        segments.update(tx, segment.id, reasons=without_quotes(segment.reasons))
    for name in ("timeline", "others"):
        parts: list[StoredInterval] | None = None
        try:
            parts = documents.get_json(tx, session_id, name)
        except (zlib.error, ValueError):
            # It may hold quotes that nobody can find any more, and must not keep other days from their retention.
            log.error("document_damaged", session_id=session_id, document=name)
            retention.delete_document(tx, session_id, name)
        if parts is not None:
            documents.put_json(tx, session_id, name, [_without_quotes(part) for part in parts])
    for revision in segments.list_revisions(tx, session_id):
        if not is_damaged(revision.segments):
            kept = [_without_quotes(part) for part in revision.segments]
            segments.update_revision(tx, session_id, revision.number, segments=kept)
        if not is_damaged(revision.timeline):
            timeline = [_without_quotes(part) for part in revision.timeline]
            segments.update_revision(tx, session_id, revision.number, timeline=timeline)


def _without_quotes(part: _Part) -> _Part:
    shortened = part.copy()
    shortened["reasons"] = without_quotes(part["reasons"])
    return shortened


def _delete_part(tx: Transaction, analysis_id: str, part: str) -> None:
    analysis = analyses.get(tx, analysis_id)
    parent_id = analysis.parent_session_id if analysis is not None else None
    sessions.lock(tx, parent_id or analysis_id)
    retention.delete_part(tx, analysis_id, part)
    if parent_id is not None and analysis is not None and analysis.is_current:
        indexing.refresh(tx, parent_id, analysis.segment_id)
