"""Delete a rep or an org with all of their recordings and derived data, and return one receipt."""

from __future__ import annotations

from dataclasses import dataclass, field

from dayline.analyses import repository as analyses
from dayline.clock import iso, now
from dayline.db.blobs import Blobs
from dayline.db.database import Database, Transaction
from dayline.db.records import SessionRecord
from dayline.domain.json_types import is_object
from dayline.idempotency import repository as idempotency
from dayline.orgs import deletion_repository as rows_of
from dayline.orgs.schemas import OrgReceipt
from dayline.sessions import deletion
from dayline.sessions import repository as sessions
from dayline.sessions.deletion_repository import count_rows_of_analysis
from dayline.sessions.schemas import OutsideReceipt, Receipt
from dayline.uploads import repository as uploads
from dayline.workflows.job_queue import JobQueue

LONGEST_SECONDS = 3600.0


@dataclass(slots=True)
class PeopleDeletion:
    """Delete one org, or one rep of it. `prepare` runs outside a transaction, `erase` inside; both can be repeated.

    Sessions go one by one, each with its own transaction, so that a large org does not block the database.
    """

    database: Database
    jobs: JobQueue
    blobs: Blobs
    partner_id: str
    org_id: str
    rep_id: str | None
    _counts: dict[str, int] = field(default_factory=dict[str, int], init=False)
    _outside: OutsideReceipt = field(default_factory=deletion.nothing_outside, init=False)

    def prepare(self) -> None:
        """Cancel and delete every session, and every analysis of its own, with all of their data."""
        counts: dict[str, int] = {}
        objects: list[str] = []
        records = 0
        with self.database.read() as tx:
            ids = rows_of.session_ids(tx, self.partner_id, self.org_id, self.rep_id)
        for session_id in ids:
            with self.database.read() as tx:
                session = sessions.get(tx, session_id)
            if session is None:
                continue
            outside = deletion.prepare(self.database, self.jobs, self.blobs, session)

            def erase(tx: Transaction, session: SessionRecord = session, outside: OutsideReceipt = outside) -> Receipt:
                return deletion.erase(tx, session, outside)

            gone = self.database.in_write(erase)
            for name, count in gone["rows"].items():
                counts[name] = counts.get(name, 0) + count
            objects += gone["objects"]
            records += gone["engine_records"]
        records += self._delete_calls(counts, objects)
        self._counts, self._outside = counts, {"objects": objects, "engine_records": records}

    def _delete_calls(self, counts: dict[str, int], objects: list[str]) -> int:
        """Delete analyses without a session with their uploads, and add to both. Return how many records of jobs."""
        with self.database.read() as tx:
            calls = rows_of.calls(tx, self.partner_id, self.org_id, self.rep_id)
        records = 0
        for analysis_id, file_key in calls:
            records += self.jobs.purge(f"analysis:{analysis_id}:") + self.jobs.purge(f"day:{analysis_id}:")
            for name, count in self.database.in_write(lambda tx, id=analysis_id: _delete_call(tx, id)).items():
                counts[name] = counts.get(name, 0) + count
            if file_key is not None and self.database.in_write(lambda tx, key=file_key: uploads.delete_unused(tx, key)):
                counts["upload"] = counts.get("upload", 0) + 1
                objects += [file_key] if self.blobs.delete(file_key) else []
        return records

    def erase(self, tx: Transaction) -> OrgReceipt:
        """Delete what is left: analyses without a session, playbooks, prompts, voices, memory, the rows themselves."""
        counts: dict[str, int] = dict(self._counts)
        for name, count in rows_of.delete_rows(tx, self.partner_id, self.org_id, self.rep_id).items():
            counts[name] = counts.get(name, 0) + count
        counts["idempotency"] = counts.get("idempotency", 0) + self._delete_answers(tx)
        tx.erased()
        return {
            "org_id": self.org_id,
            "rep_id": self.rep_id,
            "deleted_at": iso(now()),
            "sessions": counts.get("session", 0),
            "analyses": counts.get("analysis", 0),
            "rows": {name: count for name, count in sorted(counts.items()) if count},
            "objects": self._outside["objects"],
            "engine_records": self._outside["engine_records"],
        }

    def _delete_answers(self, tx: Transaction) -> int:
        """Delete kept answers to requests about the org or the rep: they hold names, emails, playbooks and prompts."""
        below = f"/v1/orgs/{self.org_id}" if self.rep_id is None else f"/v1/orgs/{self.org_id}/reps/{self.rep_id}"

        def is_about(path: str, body: object) -> bool:
            if path == below or path.startswith(f"{below}/"):
                return True
            if not is_object(body) or body.get("org_id") != self.org_id:
                return False
            return self.rep_id is None or body.get("rep_id") == self.rep_id

        return idempotency.delete_answers(tx, self.partner_id, is_about)


def _delete_call(tx: Transaction, analysis_id: str) -> dict[str, int]:
    """Delete an analysis without a session, with its events and deliveries. Return how many rows, by table."""
    counts = count_rows_of_analysis(tx, analysis_id)
    analyses.delete(tx, analysis_id)
    return counts
