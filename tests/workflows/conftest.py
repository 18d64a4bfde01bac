"""The real steps on a real database, without a worker: each test calls what the workflow engine would call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dayline.analyses.view import analysis_view
from dayline.auth import partners_repository as partners
from dayline.clock import now
from dayline.db.blobs import Blobs
from dayline.db.database import Database, open_database
from dayline.db.migrate import migrate
from dayline.ids import new_id
from dayline.scoring.rubric import RubricAnalyst
from dayline.sessions import service
from dayline.sessions.schemas import SessionRequest
from dayline.sessions.view import session_view
from dayline.workflows.job_queue import JobQueue, prepare_engine


@dataclass
class Lab:
    """One partner, and what steps work with. `computed` names what was given to a computing process."""

    database: Database
    jobs: JobQueue
    partner_id: str
    parts: Any = None
    computed: list[str] = field(default_factory=list)

    def submit(self, recording_url: str) -> str:
        request = SessionRequest(org_id="o", rep_id="r", recording_url=recording_url)
        with self.database.write() as tx:
            made = service.submit(tx, self.jobs, request, partner_id=self.partner_id, environment="sandbox")
        return made["id"]

    def run(self, work: Any, *arguments: Any) -> Any:
        self.computed.append(work.__name__)
        return work(*arguments)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    yield from _lab(f"sqlite:///{tmp_path / 'd.db'}", tmp_path)


@pytest.fixture
def postgres_lab(make_postgres: Callable[[], str], tmp_path: Path) -> Iterator[Lab]:
    yield from _lab(make_postgres(), tmp_path)


def _lab(url: str, tmp_path: Path) -> Iterator[Lab]:
    database = open_database(url)
    migrate(database)
    prepare_engine(database)
    made = Lab(database, JobQueue(database), new_id())
    moment = now()
    partner = partners.PartnerRecord(
        made.partner_id, "p", "", "internal", False, None, {}, None, "whsec_x", None, None, moment, moment
    )
    with database.write() as tx:
        partners.add(tx, partner)
    made.parts = SimpleNamespace(
        database=database, jobs=made.jobs, blobs=Blobs(str(tmp_path / "objects")), analyst=RubricAnalyst(),
        compute=made, second_opinion=None, voice_model="ge2e", session_view=session_view,
        analysis_view=analysis_view, scratch_of=lambda id: tmp_path / "scratch" / id,
    )  # fmt: skip
    yield made
    made.jobs.close()
    database.close()
