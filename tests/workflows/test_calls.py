"""A single call goes through the session's workflow, and partners see an analysis and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dayline.analyses import lifecycle, service
from dayline.analyses import repository as analyses
from dayline.analyses.schemas import AnalysisRequest, AnalysisShown, RescoreRequest
from dayline.analyses.view import analysis_view
from dayline.domain.errors import InvalidRecording
from dayline.domain.status import AnalysisStatus
from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.sessions import repository as sessions
from dayline.workflows import calls
from dayline.workflows import queue_repository as queues
from dayline.workflows.steps import analyze, begin, ingest


def submit(environment: Any, **fields: Any) -> str:
    request = AnalysisRequest(org_id="o", rep_id="r", callback_url="https://example.com/hook", **fields)
    with environment.database.write() as tx:
        return service.submit(tx, environment.jobs, request, partner_id=environment.partner_id, environment="sandbox")[
            "id"
        ]


def shown(environment: Any, id: str) -> AnalysisShown:
    with environment.database.read() as tx:
        return analysis_view(tx, id)


def events_of(tx: Any, id: str) -> list[Any]:
    query = f"select type, session_id from event where analysis_id = '{id}' or session_id = '{id}' order by number"
    return [tuple(row) for row in tx.connection.exec_driver_sql(query)]


def test_a_scripted_call_ends_as_an_analysis_without_a_session(any_environment: Any) -> None:
    id = submit(any_environment, recording_url="mock://perfect-pitch")
    any_environment.run_to_end(id)
    done = shown(any_environment, id)
    assert (done["status"], done["parent_session_id"], done["segment_id"]) == ("completed", None, None)
    assert done["analysis"] is not None
    assert done["analysis"]["overall_score"] > 0
    assert done["transcript"] is not None
    assert len(done["transcript"]["utterances"]) > 5
    with any_environment.database.read() as tx:
        assert sessions.get(tx, id) is None
        assert events_of(tx, id) == [("analysis.completed", None)]


def test_partners_do_not_see_the_session_of_a_call(environment: Any) -> None:
    id = submit(environment, recording_url="mock://poor-pitch")
    day = environment.submit("mock://single-call")
    with environment.database.read() as tx:
        assert sessions.get(tx, id) is not None
        assert sessions.get(tx, id, partner_id=environment.partner_id) is None
        assert [s.id for s in sessions.page(tx, environment.partner_id, limit=10)] == [day]
        assert sessions.count_by_status(tx) == {"queued": 1}


def test_a_recorded_call_is_transcribed_in_chunks(environment: Any, short_visit: bytes, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(short_visit)
    environment.recordings[""] = path
    id = submit(environment, recording_url="https://example.com/call.wav", options={"skip_diarization": True})
    environment.run_to_end(id)
    done = shown(environment, id)
    assert done["status"] == "completed", done["error"]
    assert done["duration_seconds"] == pytest.approx(48.0, abs=0.5)
    assert done["transcript"] is not None
    assert done["transcript"]["utterances"]
    assert [job for job, _ in environment.jobs_named("chunk")] == [f"chunk:{id}:1:0:1"]
    assert list(environment.parts.blobs.list_keys("scratch")) == []


def test_a_call_that_cannot_be_read_fails_with_the_reason(environment: Any) -> None:
    def refuse(_url: str) -> Transcript:
        raise InvalidRecording("The transcript at example.com cannot be read.")

    environment.change(fetch_transcript=refuse)
    id = submit(environment, transcript_url="https://example.com/t.json")
    environment.run_to_end(id)
    failed = shown(environment, id)
    assert failed["error"] is not None
    assert (failed["status"], failed["error"]["code"]) == ("failed", "invalid_recording_url")
    with environment.database.read() as tx:
        assert sessions.get(tx, id) is None
        assert events_of(tx, id) == [("analysis.failed", None)]


def test_a_transcript_is_scored_as_it_is(environment: Any) -> None:
    text = "good morning this is jo from north star roofing may i ask when your roof was last looked at"
    words = tuple(Word(w, float(i), i + 0.5, 1.0, "REP") for i, w in enumerate(text.split()))
    talk = Transcript((Utterance(0.0, float(len(words)), text, "REP", 1.0, words),), duration_seconds=60.0)
    environment.change(fetch_transcript=lambda _url: talk)
    id = submit(environment, transcript_url="https://example.com/t.json")
    environment.run_to_end(id)
    done = shown(environment, id)
    assert done["status"] == "completed", done["error"]
    assert done["transcript"] is not None
    assert [u["transcript"] for u in done["transcript"]["utterances"]] == [text]
    assert done["duration_seconds"] == 60.0


def test_an_analysis_that_was_ended_from_outside_stops_its_session(environment: Any) -> None:
    id = submit(environment, recording_url="mock://perfect-pitch")
    begin.begin(environment.parts, id, 1)
    ingest.ingest(environment.parts, id, 1)
    assert shown(environment, id)["status"] == "processing"
    with environment.database.write() as tx:
        analyses.delete(tx, id)
    environment.run_to_end(id)
    with environment.database.read() as tx:
        assert sessions.get(tx, id) is None
    assert environment.jobs_named("analysis") == []


def test_a_call_that_an_older_version_queued_gets_its_session(environment: Any) -> None:
    id = submit(environment, recording_url="mock://average-pitch")
    with environment.database.write() as tx:
        sessions.delete(tx, id)
    environment.jobs.purge(f"day:{id}:")
    calls.adopt_call(environment.parts, id)
    calls.adopt_call(environment.parts, id)
    environment.run_to_end(id)
    assert shown(environment, id)["status"] == "completed"


def test_a_call_is_scored_again_from_the_transcript_that_is_kept(any_environment: Any) -> None:
    id = submit(any_environment, recording_url="mock://perfect-pitch")
    any_environment.run_to_end(id)
    first = shown(any_environment, id)
    assert first["analysis"] is not None
    with any_environment.database.write() as tx:
        analysis = analyses.get(tx, id)
        assert analysis is not None
        wanted = {"prompt_overrides": [{"title": "Price", "content": "Was a price named?"}]}
        request = RescoreRequest.model_validate(wanted)
        assert lifecycle.rescore(tx, any_environment.jobs, analysis, request)["id"] == id
        assert [lost for lost, _ in queues.stranded_analyses(tx)] == []
    queued = shown(any_environment, id)
    assert (queued["status"], queued["analysis"], queued["overall_score"]) == ("queued", None, None)
    assert [job for job, _ in any_environment.jobs_named("analysis")][-1] == f"analysis:{id}:2"
    analyze.analyze(any_environment.parts, id, 2)
    again = shown(any_environment, id)
    assert (again["status"], again["analysis"] is not None) == ("completed", True)
    assert again["analysis"] is not None
    assert again["transcript"] == first["transcript"]
    assert [answer["title"] for answer in again["analysis"]["prompt_answers"]] == ["Price"]
    same = ("overall_score", "objections", "next_steps", "offers", "outcome", "words_per_minute", "talk_ratio")
    assert {name: again["analysis"][name] for name in same} == {name: first["analysis"][name] for name in same}
    with any_environment.database.read() as tx:
        assert events_of(tx, id) == [("analysis.completed", None)] * 2


def test_a_call_whose_second_scoring_is_lost_is_queued_again(environment: Any) -> None:
    id = submit(environment, recording_url="mock://perfect-pitch")
    environment.run_to_end(id)
    environment.jobs.purge(f"analysis:{id}:")
    with environment.database.write() as tx:
        analyses.update(tx, id, status=AnalysisStatus.QUEUED)
        assert [lost for lost, _ in queues.stranded_analyses(tx)] == [id]
