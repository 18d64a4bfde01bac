"""A title that a person gave stays when its conversation is analysed (again)."""

from __future__ import annotations

from typing import Any

from dayline.sessions import service
from dayline.sessions.corrections.schemas import Corrections
from dayline.sessions.corrections.service import correct
from dayline.sessions.schemas import AnalyzeSegment
from dayline.sessions.view import session_view
from dayline.workflows.steps import analyze


def test_an_analysis_leaves_the_title_of_a_person(environment: Any) -> None:
    id = environment.submit("mock://back-to-back")
    environment.run_to_end(id)

    def view() -> Any:
        with environment.database.read() as tx:
            return session_view(tx, id)

    def owned(tx: Any) -> Any:
        return service.owned(tx, id, partner_id=environment.partner_id, lock=True)

    first, second = view()["segments"]
    changes = [
        {"op": "adjust", "segment_id": first["id"], "title": "With Teresa Smith"},
        {"op": "adjust", "segment_id": second["id"], "end_seconds": second["end_seconds"] - 5},
    ]
    wanted = Corrections.model_validate({"revision": 0, "changes": changes})
    with environment.database.write() as tx:
        correct(tx, environment.jobs, owned(tx), wanted, author="test")
    with environment.database.write() as tx:
        service.analyze_segment(tx, environment.jobs, owned(tx), first["id"], AnalyzeSegment())
    for segment in view()["segments"]:
        analyze.analyze(environment.parts, segment["analysis_id"], 1)
    day = view()
    assert [s["status"] for s in day["segments"]] == ["analyzed", "analyzed"]
    assert [s["title"] for s in day["segments"]] == ["With Teresa Smith", second["title"]]
    assert "With Teresa Smith" in day["rollup"]["summary"]
