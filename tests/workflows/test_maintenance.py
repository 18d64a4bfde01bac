"""Maintenance deletes orphaned scratch, voices and sessions, and keeps those in use."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dayline.analyses import repository as analyses
from dayline.analyses import service as analyses_service
from dayline.analyses.schemas import AnalysisRequest
from dayline.clock import now
from dayline.db.blobs import Blobs
from dayline.domain.errors import Unavailable
from dayline.domain.status import SessionStatus
from dayline.domain.stored_json import SessionOptions
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.workflows.maintenance import Maintenance
from dayline.workflows.steps import finish


def test_scratch_is_deleted_when_nobody_works_on_it(environment: Any) -> None:
    blobs, scratch = environment.parts.blobs, environment.parts.scratch_folder
    running, ended = (environment.submit("mock://single-call") for _ in range(2))
    with environment.database.write() as tx:
        sessions.update(tx, ended, status=SessionStatus.FAILED)
    for owner in (running, ended, "nobody"):
        blobs.put(f"scratch/{owner}/chunk-00000.pcm", b"x")
        (scratch / owner).mkdir(parents=True)

    Maintenance(environment.parts).tidy()

    assert list(blobs.list_keys("scratch")) == [f"scratch/{running}/chunk-00000.pcm"]
    assert [p.name for p in scratch.iterdir()] == [running]


def test_what_a_lost_last_step_left_is_deleted(any_environment: Any, tmp_path: Path) -> None:
    environment = any_environment
    ended = now() - timedelta(hours=2)
    kept: dict[str, SessionOptions] = {
        "a day that may be tried again": {},
        "a day that runs": {},
        "a day that has just ended": {},
    }
    gone: dict[str, SessionOptions] = {
        "a completed day": {},
        "a failed day without speaker labels": {"skip_diarization": True},
    }
    ids = {name: environment.submit("mock://single-call") for name in (*kept, *gone)}
    call = calls_service_submit(environment)
    states = {
        "a day that may be tried again": ("failed", ended),
        "a day that has just ended": ("completed", now()),
        "a completed day": ("completed", ended),
        "a failed day without speaker labels": ("failed", ended),
    }
    with environment.database.write() as tx:
        for name, id in ids.items():
            chunks.add(tx, id, 0, start_seconds=0.0, end_seconds=1.0, speech_seconds=1.0)
            chunks.finish(tx, id, 0, utterances=[], voices=b"voices", notes={})
            sessions.update(tx, id, options=(kept | gone)[name])
            if name in states:
                status, moment = states[name]
                sessions.update(tx, id, status=SessionStatus(status), completed_at=moment)
        sessions.update(tx, call, status=SessionStatus.COMPLETED, completed_at=ended)

    Maintenance(environment.parts).tidy()

    with environment.database.read() as tx:
        assert {name for name, id in ids.items() if chunks.voices(tx, id)} == set(kept)
        assert sessions.get(tx, call) is None
        assert analyses.get(tx, call) is not None


def calls_service_submit(environment: Any) -> str:
    request = AnalysisRequest(org_id="o", rep_id="r", recording_url="mock://perfect-pitch")
    with environment.database.write() as tx:
        return analyses_service.submit(
            tx, environment.jobs, request, partner_id=environment.partner_id, environment="sandbox"
        )["id"]


def test_an_object_store_that_fails_at_the_end_keeps_no_voices(environment: Any) -> None:
    class Failing(Blobs):
        def delete_below(self, prefix: str) -> list[str]:
            raise Unavailable("The object store does not work right now.", part="object_store")

    id, call = environment.submit("mock://single-call"), calls_service_submit(environment)
    with environment.database.write() as tx:
        chunks.add(tx, id, 0, start_seconds=0.0, end_seconds=1.0, speech_seconds=1.0)
        chunks.finish(tx, id, 0, utterances=[], voices=b"voices", notes={})
        for ended in (id, call):
            sessions.update(tx, ended, status=SessionStatus.COMPLETED, completed_at=now())
    environment.change(blobs=Failing(str(environment.parts.blobs.folder)))
    for ended in (id, call):
        with pytest.raises(Unavailable):
            finish.clean(environment.parts, ended, 1)
    with environment.database.read() as tx:
        assert chunks.voices(tx, id) == []
        assert sessions.get(tx, call) is None
