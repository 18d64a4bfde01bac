"""Uploads that nobody submits are deleted; those that a session uses stay."""

from __future__ import annotations

from datetime import timedelta

from dayline.clock import now
from dayline.sessions import service
from dayline.sessions.schemas import SessionRequest
from dayline.uploads import repository as uploads
from dayline.workflows.maintenance import Maintenance


def test_an_upload_that_nobody_submits_is_deleted_after_a_day(any_lab):
    lab, moment = any_lab, now()
    keys = {name: f"uploads/{lab.partner_id}/{name}/day.mp3" for name in ("old", "submitted", "new")}
    with lab.database.write() as tx:
        for name, key in keys.items():
            made = moment - timedelta(hours=1 if name == "new" else 25)
            uploads.add(tx, uploads.UploadRecord(key, lab.partner_id, "day.mp3", "audio/mpeg", None, made, made))
            lab.parts.blobs.put(key, b"sound")
        request = SessionRequest(org_id="o", rep_id="r", file_key=keys["submitted"])
        service.submit(tx, lab.jobs, request, partner_id=lab.partner_id, environment="production")

    Maintenance(lab.parts).tidy()

    assert {n for n, key in keys.items() if lab.parts.blobs.size_bytes(key) is not None} == {"submitted", "new"}
    with lab.database.read() as tx:
        assert {n for n, key in keys.items() if uploads.get(tx, key)} == {"submitted", "new"}
