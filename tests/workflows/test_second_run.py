"""A retried day continues where it ended and repeats nothing."""

from __future__ import annotations

from typing import Any

from dayline.analyses import repository as analyses
from dayline.sessions import documents_repository as documents
from dayline.sessions import segments_repository as segments
from dayline.sessions import service
from dayline.sessions.view import session_view
from dayline.webhooks import events_repository as events
from dayline.workflows.steps import analyze, begin, detect, finish, ingest, speakers


def test_only_what_was_cut_off_is_analysed_again(environment: Any) -> None:
    parts, database = environment.parts, environment.database
    id = environment.submit("mock://three-conversations")

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
        service.cancel(tx, environment.jobs, service.owned(tx, id, partner_id=environment.partner_id))
        service.retry(tx, environment.jobs, service.owned(tx, id, partner_id=environment.partner_id))

    second = until_analyses(2)
    assert environment.computed == ["find_in_child", "score_in_child"]
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
    assert day["rollup"] is not None
    assert (day["status"], day["segments_analyzed"], day["rollup"]["conversations"]) == ("completed", 3, 3)
    assert told.count("analysis.completed") == 3
    assert told.count("all_day_session.detected") == 2
