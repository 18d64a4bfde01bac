"""Delete a session with all data derived from it, and return a receipt."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta

from dayline.clock import iso, monotonic_seconds, now
from dayline.db.blobs import Blobs
from dayline.db.database import Database, Transaction
from dayline.db.records import SessionRecord
from dayline.domain.status import SessionStatus
from dayline.idempotency import repository as idempotency
from dayline.search import repository as search_index
from dayline.sessions import deletion_repository as erasure
from dayline.sessions import repository as sessions
from dayline.sessions.schemas import OutsideReceipt, Receipt
from dayline.sessions.service import stop
from dayline.uploads import repository as uploads
from dayline.workflows.enqueue import count_running, delete_day_jobs
from dayline.workflows.job_queue import JobQueue
from dayline.workflows.worker_context import scratch_prefix

_BEFORE = timedelta(minutes=10)
STOP_SECONDS = 6.0
_LOOK_SECONDS = 0.1


def nothing_outside() -> OutsideReceipt:
    """Return the receipt of a deletion that has removed nothing yet."""
    return {"objects": [], "engine_records": 0}


def prepare(database: Database, jobs: JobQueue, blobs: Blobs, session: SessionRecord) -> OutsideReceipt:
    """Stop the work on a session and delete what lies outside our tables. May be repeated.

    Returns {objects, engine_records}. Waits up to 6 s for workers to end, so that none writes afterwards.
    """
    with database.write() as tx:
        current = sessions.get(tx, session.id, lock=True)
        if current is not None and not SessionStatus(current.status).is_terminal:
            stop(tx, jobs, current)
    with database.read() as tx:
        analysis_ids = erasure.analysis_ids(tx, session.id)
        is_only_user = session.file_key is not None and erasure.users_of_file(tx, session.file_key) == 1
    _wait_until_quiet(jobs, session.id, analysis_ids)
    objects = blobs.delete_below(scratch_prefix(session.id))
    if session.file_key is not None and is_only_user and blobs.delete(session.file_key):
        objects.append(session.file_key)
    records = delete_day_jobs(jobs, session.id, analysis_ids)
    return {"objects": objects, "engine_records": records}


def erase(tx: Transaction, session: SessionRecord, outside: OutsideReceipt) -> Receipt:
    """Delete every row of a session and return the receipt. `outside` is what `prepare` returned."""
    sessions.lock(tx, session.id)
    rows = erasure.count_rows(tx, session.id)
    rows["idempotency"] = delete_answers(tx, session.partner_id, session.id, since=session.created_at)
    if session.file_key is not None and erasure.users_of_file(tx, session.file_key) == 1:
        rows["upload"] = int(uploads.delete(tx, session.file_key))
    sessions.delete(tx, session.id)
    search_index.erase_deleted(tx)
    tx.erased()
    return {
        "id": session.id,
        "deleted_at": iso(now()),
        "rows": {name: count for name, count in rows.items() if count},
        "objects": outside["objects"],
        "engine_records": outside["engine_records"],
    }


def delete_answers(tx: Transaction, owner: str, id: str, *, since: datetime) -> int:
    """Delete kept answers to idempotent requests that name a session or an analysis. Return how many.

    By path or body: the answer to a note, for one, does not name its session.
    since: when the object was created; the key of the request that created it was claimed shortly before.
    """

    def is_about(path: str, body: object) -> bool:
        return id in path or id in json.dumps(body)

    return idempotency.delete_answers(tx, owner, is_about, since=since - _BEFORE)


def _wait_until_quiet(jobs: JobQueue, session_id: str, analysis_ids: list[str]) -> None:
    give_up = monotonic_seconds() + STOP_SECONDS
    pause = threading.Event()
    while count_running(jobs, session_id, analysis_ids) and monotonic_seconds() < give_up:
        pause.wait(_LOOK_SECONDS)
