"""Orphaned scratch goes, scratch of work in progress stays."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from dayline.auth import partners_repository as partners
from dayline.clock import now
from dayline.db.blobs import Blobs
from dayline.db.database import open_database
from dayline.db.migrate import migrate
from dayline.ids import new_id
from dayline.sessions import repository as sessions
from dayline.sessions import service
from dayline.sessions.schemas import SessionRequest
from dayline.workflows.job_queue import JobQueue, prepare_engine
from dayline.workflows.maintenance import Maintenance


def test_scratch_is_deleted_when_nobody_works_on_it(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'd.db'}")
    migrate(database)
    prepare_engine(database)
    jobs, blobs = JobQueue(database), Blobs(str(tmp_path / "objects"))
    scratch = tmp_path / "scratch"
    moment, partner_id = now(), new_id()
    partner = partners.PartnerRecord(
        partner_id, "p", "", "internal", False, None, {}, None, "whsec_x", None, None, moment, moment
    )
    request = SessionRequest(org_id="o", rep_id="r", recording_url="https://example.com/day.mp3")
    with database.write() as tx:
        partners.add(tx, partner)
        running, ended = (
            service.submit(tx, jobs, request, partner_id=partner_id, environment="production")["id"] for _ in range(2)
        )
        sessions.update(tx, ended, status="failed")
    for owner in (running, ended, "nobody"):
        blobs.put(f"scratch/{owner}/chunk-00000.pcm", b"x")
        (scratch / owner).mkdir(parents=True)
    parts = SimpleNamespace(
        database=database, jobs=jobs, blobs=blobs, scratch_folder=scratch, scratch_of=lambda owner: scratch / owner
    )

    Maintenance(cast(Any, parts)).tidy()

    assert list(blobs.list_keys("scratch")) == [f"scratch/{running}/chunk-00000.pcm"]
    assert [p.name for p in scratch.iterdir()] == [running]
    jobs.close()
    database.close()
