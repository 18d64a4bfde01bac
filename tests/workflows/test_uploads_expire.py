"""Uploads that no session uses are deleted; others are kept."""

from __future__ import annotations

from datetime import timedelta

from dayline.analyses.schemas import AnalysisRequest
from dayline.analyses.service import submit as submit_analysis
from dayline.clock import now
from dayline.sessions import repository as sessions
from dayline.sessions import service
from dayline.sessions.deletion_repository import users_of_file
from dayline.sessions.schemas import SessionRequest
from dayline.uploads import repository as uploads
from dayline.workflows.maintenance import Maintenance


def test_an_upload_that_nobody_submits_is_deleted_after_a_day(any_environment):
    environment, moment = any_environment, now()
    keys = {name: f"uploads/{environment.partner_id}/{name}/day.mp3" for name in ("old", "submitted", "new")}
    with environment.database.write() as tx:
        for name, key in keys.items():
            made = moment - timedelta(hours=1 if name == "new" else 25)
            uploads.add(
                tx, uploads.UploadRecord(key, environment.partner_id, "day.mp3", "audio/mpeg", None, made, made)
            )
            environment.parts.blobs.put(key, b"sound")
        request = SessionRequest(org_id="o", rep_id="r", file_key=keys["submitted"])
        service.submit(tx, environment.jobs, request, partner_id=environment.partner_id, environment="production")

    Maintenance(environment.parts).tidy()

    assert {n for n, key in keys.items() if environment.parts.blobs.size_bytes(key) is not None} == {"submitted", "new"}
    with environment.database.read() as tx:
        assert {n for n, key in keys.items() if uploads.get(tx, key)} == {"submitted", "new"}


def test_an_upload_counts_every_session_once(environment):
    key, moment = f"uploads/{environment.partner_id}/x/call.mp3", now()
    with environment.database.write() as tx:
        uploads.add(
            tx, uploads.UploadRecord(key, environment.partner_id, "call.mp3", "audio/mpeg", None, moment, moment)
        )
        request = AnalysisRequest(org_id="o", rep_id="r", file_key=key)
        made = submit_analysis(
            tx, environment.jobs, request, partner_id=environment.partner_id, environment="production"
        )
        assert sessions.get(tx, made["id"]) is not None
        assert users_of_file(tx, key) == 1
        day = SessionRequest(org_id="o", rep_id="r", file_key=key)
        service.submit(tx, environment.jobs, day, partner_id=environment.partner_id, environment="production")
        assert users_of_file(tx, key) == 2
