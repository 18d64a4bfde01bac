"""A day that is retried goes on from where it ended: nothing that was done is done again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dayline.analyses.view import analysis_view
from dayline.insight.rubric import RubricAnalyst
from dayline.kit.clock import now
from dayline.kit.ids import new_id
from dayline.pipeline.engine.jobs import JobQueue, prepare_engine
from dayline.pipeline.steps import analyze, begin, detect, finish, ingest, speakers
from dayline.sessions import service
from dayline.sessions.schemas import SessionRequest
from dayline.sessions.view import session_view
from dayline.store.blobs import Blobs
from dayline.store.days import analyses, documents, segments
from dayline.store.db import open_database
from dayline.store.outbox import events
from dayline.store.schema import migrate
from dayline.store.tenants import partners


def test_only_what_was_cut_off_is_analysed_again(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'd.db'}")
    migrate(database)
    prepare_engine(database)
    jobs = JobQueue(database)
    computed: list[str] = []

    def run_here(work: Any, *arguments: Any) -> Any:
        computed.append(work.__name__)
        return work(*arguments)

    parts: Any = SimpleNamespace(
        database=database, jobs=jobs, blobs=Blobs(str(tmp_path / "objects")), analyst=RubricAnalyst(),
        compute=SimpleNamespace(run=run_here), second_opinion=None, voice_model="ge2e",
        session_view=session_view, analysis_view=analysis_view, scratch_of=lambda id: tmp_path / "scratch" / id,
    )  # fmt: skip
    moment, partner_id = now(), new_id()
    request = SessionRequest(org_id="o", rep_id="r", recording_url="mock://three-conversations")
    with database.write() as tx:
        partners.add(
            tx,
            partners.PartnerRecord(
                partner_id, "p", "", "internal", False, None, {}, None, "whsec_x", None, None, moment, moment
            ),
        )
        id = service.submit(tx, jobs, request, partner_id=partner_id, environment="sandbox")["id"]

    def until_analyses(run: int) -> list[Any]:
        for step in (begin.begin, ingest.ingest, speakers.name_the_speakers, detect.detect, analyze.start_analyses):
            step(parts, id, run)
        with database.read() as tx:
            return segments.list_all(tx, id)

    first = until_analyses(1)
    assert [row.status for row in first] == ["analyzing"] * 3
    analyze.analyze(parts, first[0].analysis_id, 1)
    with database.write() as tx:
        kept = documents.get(tx, id, "transcript")
        service.cancel(tx, jobs, service.owned(tx, id, partner_id=partner_id))
        service.retry(tx, jobs, service.owned(tx, id, partner_id=partner_id))
    assert computed == ["find_in_child"]

    second = until_analyses(2)
    assert computed == ["find_in_child"]
    assert [row.id for row in second] == [row.id for row in first]
    assert [row.status for row in second] == ["analyzed", "analyzing", "analyzing"]
    assert second[0].analysis_id == first[0].analysis_id
    until_analyses(2)  # a worker that died may have left the same steps behind
    for row in second[1:]:
        analyze.analyze(parts, row.analysis_id, 1)
    finish.complete(parts, id, 2)
    with database.read() as tx:
        day = session_view(tx, id)
        assert documents.get(tx, id, "transcript") == kept
        assert len(analyses.children(tx, id, current_only=False)) == 5
        told = [event.type for event in events.of_session(tx, id)]
    assert (day["status"], day["segments_analyzed"], day["rollup"]["conversations"]) == ("completed", 3, 3)
    assert told.count("analysis.completed") == 3
    assert told.count("all_day_session.detected") == 2
    jobs.close()
    database.close()
