"""Analyses of one session that end at the same moment, on PostgreSQL: no deadlock, nothing left open."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dayline.analyses import repository as analyses
from dayline.domain.serialization import unpack_transcript
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.workflows.analysis import outcome
from dayline.workflows.analysis.run import analyze_conversation
from dayline.workflows.steps import finish

SESSIONS = 6


def test_analyses_that_end_together_do_not_block_each_other(postgres_environment: Any) -> None:
    environment = postgres_environment
    for _ in range(SESSIONS):
        session_id, ids = environment.up_to_analyses("mock://three-conversations")
        together = threading.Barrier(len(ids))
        with environment.database.read() as tx:
            talk = unpack_transcript(documents.get_json(tx, session_id, "transcript"))
            rows = [analyses.get(tx, id) for id in ids]
        judged = []
        for row in rows:
            assert row is not None
            assert row.start_seconds is not None
            assert row.end_seconds is not None
            judged.append(analyze_conversation(environment.parts, row, talk.slice(row.start_seconds, row.end_seconds)))

        def end(number: int, ids: Any = ids, judged: Any = judged, together: Any = together) -> None:
            together.wait()
            outcome.complete_analysis(environment.parts, ids[number], *judged[number])

        with ThreadPoolExecutor(len(ids)) as pool:
            for done in [pool.submit(end, number) for number in range(len(ids))]:
                done.result()
        with environment.database.read() as tx:
            assert analyses.count_open(tx, session_id) == 0
        finish.complete(environment.parts, session_id, 1)
        with environment.database.read() as tx:
            session = sessions.get(tx, session_id)
        assert session is not None
        assert session.status == "completed"
    with environment.database.read() as tx:
        query = "select deadlocks from pg_stat_database where datname = current_database()"
        assert tx.connection.exec_driver_sql(query).scalar() == 0
