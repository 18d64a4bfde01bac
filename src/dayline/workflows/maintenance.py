"""Hourly maintenance: ended jobs, stale leases, old idempotency records, orphaned scratch, retention, uploads."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta

from dayline.analyses import repository as analyses
from dayline.clock import now
from dayline.db.database import Transaction
from dayline.domain.status import AnalysisStatus, SessionStatus
from dayline.idempotency import repository as idempotency
from dayline.logs import get_log
from dayline.search import indexing
from dayline.search import repository as search_index
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.uploads import repository as uploads
from dayline.workflows import step_start_repository as step_starts
from dayline.workflows.lease_repository import delete_stale
from dayline.workflows.retention import carry_out_retention
from dayline.workflows.worker_context import WorkerContext, scratch_prefix

log = get_log(__name__)

_EVERY_SECONDS = 3600.0
_KEEP_JOBS = timedelta(days=2)
_KEEP_UNUSED_UPLOADS = timedelta(days=1)
_KEEP_STEP_STARTS = timedelta(days=30)
_CLEANED_WITHIN = timedelta(hours=1)
_STALE_LEASE_SECONDS = 86_400.0
_DAYS_AT_ONCE = 20
_ENDED = (AnalysisStatus.COMPLETED, AnalysisStatus.FAILED)


def _index(tx: Transaction, session_id: str) -> None:
    sessions.lock(tx, session_id)
    indexing.index_session(tx, session_id)


class Maintenance:
    """A thread of every worker. Safe on several workers at once: all steps are deletions."""

    def __init__(self, parts: WorkerContext, *, every_seconds: float = _EVERY_SECONDS) -> None:
        self._parts, self._every_seconds = parts, every_seconds
        self._halt = threading.Event()

    def start(self) -> None:
        """Run now, and then every hour."""
        threading.Thread(target=self._go_on, daemon=True, name="maintenance").start()

    def stop(self) -> None:
        """Stop the thread."""
        self._halt.set()

    def tidy(self) -> None:
        """Run every step once."""
        parts = self._parts
        before = (now() - _KEEP_JOBS).isoformat()
        while parts.jobs.delete_finished(before_iso=before) and not self._halt.is_set():
            pass
        parts.jobs.purge("delivery:")  # version 0.1.0 sent webhooks by jobs; their rows are sent without
        with parts.database.write() as tx:
            delete_stale(tx, _STALE_LEASE_SECONDS)
            idempotency.delete_expired(tx)
            step_starts.delete_before(tx, now() - _KEEP_STEP_STARTS)
        carry_out_retention(parts.database)
        self._fill_search_index()
        if not parts.database.truncate_log():
            log.warning("write_ahead_log_not_emptied")
        self._expire_uploads()
        self._clean_ended()
        for owner_id in self._scratch_owners():
            if self._is_over(owner_id):
                parts.blobs.delete_below(scratch_prefix(owner_id))
                shutil.rmtree(parts.scratch_of(owner_id), ignore_errors=True)
                log.info("orphaned_scratch_deleted", owner_id=owner_id)

    def _fill_search_index(self) -> None:
        """Put days into the search index that are not in it: from before an upgrade, or written by older workers."""
        database = self._parts.database
        while not self._halt.is_set():
            with database.read() as tx:
                ids = search_index.unindexed(tx, limit=_DAYS_AT_ONCE)
            if not ids:
                database.in_write(search_index.set_filled)
                return
            for session_id in ids:
                database.in_write(lambda tx, id=session_id: _index(tx, id))
                if self._halt.is_set():
                    return

    def _expire_uploads(self) -> None:
        """Delete uploads that were not submitted within a day after their link was issued."""
        parts = self._parts
        with parts.database.read() as tx:
            keys = uploads.unused(tx, before=now() - _KEEP_UNUSED_UPLOADS, limit=1000)
        for file_key in keys:
            if parts.database.in_write(lambda tx, key=file_key: uploads.delete_unused(tx, key)):
                parts.blobs.delete(file_key)
                log.info("unused_upload_deleted", file_key=file_key)

    def _clean_ended(self) -> None:
        """Delete what the last step of a session did not, because its job was lost after the session had ended."""
        database, before = self._parts.database, now() - _CLEANED_WITHIN
        database.in_write(lambda tx: sessions.delete_ended_calls(tx, before=before))
        with database.read() as tx:
            ids = chunks.with_voices_of_no_use(tx, before=before, limit=1000)
        for session_id in ids:
            database.in_write(lambda tx, id=session_id: chunks.delete_voices(tx, id))

    def _scratch_owners(self) -> set[str]:
        local = self._parts.scratch_folder
        folders = {path.name for path in local.iterdir()} if local.is_dir() else set[str]()
        return folders | {key.split("/")[1] for key in self._parts.blobs.list_keys("scratch")}

    def _is_over(self, owner_id: str) -> bool:
        """Return whether neither a session nor an analysis of that id is still worked on."""
        with self._parts.database.read() as tx:
            session, analysis = sessions.get(tx, owner_id), analyses.get(tx, owner_id)
        if session is not None:
            return SessionStatus(session.status).is_terminal
        return analysis is None or analysis.status in _ENDED

    def _go_on(self) -> None:
        while True:
            try:
                self.tidy()
            except Exception as error:  # noqa: BLE001 - maintenance must outlive any trouble of the database or the bucket
                log.warning("maintenance_failed", error=f"{type(error).__name__}: {error}")
            if self._halt.wait(self._every_seconds):
                return
