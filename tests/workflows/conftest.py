"""The real steps on a real database, without a worker: each test calls what the workflow engine would call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from dayline.analyses.view import analysis_view
from dayline.asr.registry import SpeechConfig
from dayline.asr.transcriber_pool import TranscriberPool
from dayline.audio.ports import IngestLimits, LocalFile
from dayline.auth import partners_repository as partners
from dayline.clock import now
from dayline.db.blobs import Blobs
from dayline.db.database import Database, open_database
from dayline.db.records import SessionRecord
from dayline.ids import new_id
from dayline.processes.compute_pool import ComputePool
from dayline.scoring.rubric import RubricAnalyst
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.sessions import service
from dayline.sessions.schemas import SessionRequest
from dayline.sessions.view import session_view
from dayline.workflows.job_queue import JobQueue
from dayline.workflows.session_workflow import Attempt, Steps, run_session
from dayline.workflows.step_runner import patient_step, session_step
from dayline.workflows.steps import analyze, begin, detect, finish, ingest, speakers, transcribe, wait
from dayline.workflows.worker_context import WorkerContext


class ComputeHere:
    """Runs numeric work in the test's own process and remembers the names of what it ran."""

    processes = 0

    def __init__(self) -> None:
        self.ran: list[str] = []

    def run(
        self, work: Any, *arguments: Any, timeout_seconds: float = 0.0, should_stop: Any = None, owner: str = ""
    ) -> Any:
        del timeout_seconds, should_stop, owner
        self.ran.append(work.__name__)
        return work(*arguments)

    def close(self) -> None:
        pass


@dataclass
class StepEnvironment:
    """One partner, and the context that steps work with. Recordings are files that `recordings` names by file key."""

    partner_id: str
    parts: WorkerContext
    compute: ComputeHere
    recordings: dict[str, Path] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.parts.database

    @property
    def jobs(self) -> JobQueue:
        return self.parts.jobs

    @property
    def computed(self) -> list[str]:
        return self.compute.ran

    def change(self, **values: Any) -> None:
        """Replace fields of the context."""
        self.parts = replace(self.parts, **values)

    def submit(self, recording_url: str, *, partner_id: str | None = None) -> str:
        request = SessionRequest(org_id="o", rep_id="r", recording_url=recording_url)
        with self.database.write() as tx:
            made = service.submit(
                tx, self.jobs, request, partner_id=partner_id or self.partner_id, environment="sandbox"
            )
        return made["id"]

    def add_partner(self) -> str:
        moment, id = now(), new_id()
        partner = partners.PartnerRecord(
            id, f"p-{id}", "", "internal", False, None, {}, None, "whsec_x", None, None, moment, moment
        )
        with self.database.write() as tx:
            partners.add(tx, partner)
        return id

    def up_to_analyses(self, recording_url: str) -> tuple[str, list[str]]:
        """Submit a session and run its steps until its analyses are queued. Return its id and theirs."""
        id = self.submit(recording_url)
        for step in (begin.begin, ingest.ingest, speakers.name_the_speakers, detect.detect, analyze.start_analyses):
            step(self.parts, id, 1)
        with self.database.read() as tx:
            found = segments.list_all(tx, id)
        analysis_ids = [segment.analysis_id for segment in found if segment.analysis_id is not None]
        assert len(analysis_ids) == len(found)
        return id, analysis_ids

    def run_to_end(self, session_id: str) -> None:
        """Run every step of a session, and the jobs of its chunks and analyses while it waits for them."""
        name_steps = {
            "begin": begin.begin, "ingest": ingest.ingest, "name_the_speakers": speakers.name_the_speakers,
            "detect": detect.detect, "start_analyses": analyze.start_analyses, "complete": finish.complete,
            "clean": finish.clean,
        }  # fmt: skip
        steps = Steps(
            **{name: session_step(step, self.parts) for name, step in name_steps.items()},
            chunks_left=patient_step(wait.chunks_left, self.parts),
            analyses_left=patient_step(wait.analyses_left, self.parts),
            postpone=patient_step(finish.postpone, self.parts),
            fail=patient_step(finish.fail, self.parts),
        )
        done: set[str] = set()

        def work(_seconds: float) -> None:
            for id, _ in [*self.jobs_named("chunk"), *self.jobs_named("analysis")]:
                if id not in done:
                    done.add(id)
                    kind, owner, *numbers = id.split(":")
                    if kind == "chunk":
                        run, number, attempt = map(int, numbers)
                        transcribe.transcribe_chunk(self.parts, owner, run, number, attempt)
                    else:
                        analyze.analyze(self.parts, owner, int(numbers[0]))

        session = self.session(session_id)
        run_session(session_id, session.run, Attempt(session.attempts + 1), steps, work, self.parts.retry)

    def session(self, id: str) -> SessionRecord:
        with self.database.read() as tx:
            found = sessions.get(tx, id)
        assert found is not None
        return found

    def jobs_named(self, name: str) -> list[tuple[str, str]]:
        """(id, status) of every job of that name, oldest first."""
        table = "workflow_status" if self.database.is_sqlite else "dbos.workflow_status"
        query = f"select workflow_uuid, status from {table} where name = '{name}' order by created_at, workflow_uuid"
        with self.database.read() as tx:
            return [(row[0], row[1]) for row in tx.connection.exec_driver_sql(query)]


@pytest.fixture
def environment(make_migrated_sqlite: Callable[[Path], str], tmp_path: Path) -> Iterator[StepEnvironment]:
    yield from _environment(make_migrated_sqlite(tmp_path / "d.db"), tmp_path)


@pytest.fixture
def postgres_environment(make_migrated_postgres: Callable[[], str], tmp_path: Path) -> Iterator[StepEnvironment]:
    yield from _environment(make_migrated_postgres(), tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_environment(request: pytest.FixtureRequest) -> StepEnvironment:
    return request.getfixturevalue("environment" if request.param == "sqlite" else "postgres_environment")


def _environment(url: str, tmp_path: Path) -> Iterator[StepEnvironment]:
    database = open_database(url, busy_seconds=0.1)
    compute = ComputeHere()
    recordings: dict[str, Path] = {}
    recognisers = TranscriberPool(SpeechConfig(engine="fake"), 1)
    context = WorkerContext(
        database=database,
        blobs=Blobs(str(tmp_path / "objects")),
        jobs=JobQueue(database),
        open_source=lambda recording, _folder, _should_stop: LocalFile(recordings[recording.file_key or ""]),
        fetch_transcript=lambda url: pytest.fail(f"nothing may fetch {url}"),
        recognisers=recognisers,
        compute=cast(ComputePool, compute),
        analyst=RubricAnalyst(),
        reader=None,
        session_view=session_view,
        analysis_view=analysis_view,
        scratch_folder=tmp_path / "scratch",
        day_limits=IngestLimits(min_seconds=1.0),
        call_limits=IngestLimits(min_seconds=1.0),
    )
    made = StepEnvironment("", context, compute, recordings)
    made.partner_id = made.add_partner()
    yield made
    recognisers.close()
    context.jobs.close()
    database.close()
