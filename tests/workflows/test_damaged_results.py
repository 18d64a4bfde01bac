"""A conversation whose stored result cannot be read is analysed again, as the error says, and holds up nothing."""

from __future__ import annotations

import zlib
from typing import Any

import sqlalchemy as sa

from dayline.db.tables import analysis
from dayline.sessions import service
from dayline.sessions.schemas import AnalyzeSegment
from dayline.sessions.view import session_view
from dayline.workflows.analysis.outcome import rollup_of
from dayline.workflows.steps import analyze


def test_a_damaged_result_is_replaced(environment: Any) -> None:
    id = environment.submit("mock://back-to-back")
    environment.run_to_end(id)
    with environment.database.read() as tx:
        segments = session_view(tx, id)["segments"]
    broken = sa.type_coerce(zlib.compress(b'{"overall_score": '), sa.LargeBinary)
    with environment.database.write() as tx:
        tx.run(sa.update(analysis).where(analysis.c.parent_session_id == id).values(result=broken))
    with environment.database.read() as tx:
        assert rollup_of(tx, id)["analyzed"] == 0
    for segment in segments:
        with environment.database.write() as tx:
            session = service.owned(tx, id, partner_id=environment.partner_id, lock=True)
            again = service.analyze_segment(tx, environment.jobs, session, segment["id"], AnalyzeSegment())
        analyze.analyze(environment.parts, again["id"], 1)
    with environment.database.read() as tx:
        day = session_view(tx, id)
    assert [s["status"] for s in day["segments"]] == ["analyzed", "analyzed"]
    assert day["rollup"] is not None
    assert day["rollup"]["analyzed"] == 2
