"""What a schema cannot say, so that a valid request may rightly be refused.

A cursor and a place of the seek table are made by the service; valid requests are sent without one, invalid requests
keep theirs, so that they are tried too. A clip lies inside of its recording and is short. Consent was given at some
time in the past; valid requests that date it into the future say a day gone by. Time zones have names of the IANA
database. Ranges and appointments end after they start. Upload addresses of a service without TLS are no recording
addresses: those begin with https.
"""

from __future__ import annotations

from datetime import UTC, datetime

import schemathesis

CLIPS = ("/audio/clip", "/shared/{token}/audio")
PAST = "2026-01-02T03:04:05Z"


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.query:
        for made_by_the_service in ("cursor", "from_byte"):
            case.query.pop(made_by_the_service, None)
        _put_in_order(case.query)
        if case.operation.path.endswith(CLIPS) and "end" in case.query:
            case.query["start"], case.query["end"] = 1.0, 5.0
    if case.headers and "range" in case.headers:
        case.headers["range"] = "bytes=0-9"
    if isinstance(case.body, dict) and isinstance(case.body.get("timezone"), str):
        case.body["timezone"] = "Europe/Berlin"
    for field in ("recording_url", "transcript_url"):
        if isinstance(case.body, dict) and str(case.body.get(field)).startswith("http://"):
            case.body[field] = "https://recordings.example.com/day.m4a"
    options = case.body.get("options") if isinstance(case.body, dict) else None
    for appointment in (options or {}).get("appointments") or [] if isinstance(options, dict) else []:
        _put_appointment_in_order(appointment)
    consent = case.body.get("consent") if isinstance(case.body, dict) else None
    if isinstance(consent, dict) and _lies_ahead(consent.get("given_at")):
        consent["given_at"] = PAST


def _put_in_order(query):
    if query.get("end") is None or "start" not in query:
        return
    try:
        start, end = float(query["start"]), float(query["end"])
    except (TypeError, ValueError):
        return
    if end <= start:
        query["start"], query["end"] = (end, start) if end < start else (0, end)


def _put_appointment_in_order(appointment):
    if isinstance(appointment.get("start_seconds"), int | float):
        appointment["start_seconds"], appointment["end_seconds"] = 10.0, 70.0
    if isinstance(appointment.get("starts_at"), str):
        appointment["starts_at"], appointment["ends_at"] = PAST, "2026-01-02T04:04:05Z"


def _lies_ahead(moment):
    return isinstance(moment, str) and moment[:4] >= str(datetime.now(UTC).year)
