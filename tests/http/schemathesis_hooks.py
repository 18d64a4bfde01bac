"""What a schema cannot say, so that a valid request may rightly be refused.

A cursor is made by the service; valid requests are sent without one, invalid requests keep theirs, so that cursors are
tried too. Consent was given at some time in the past; valid requests that date it into the future say a day gone by.
Time zones have names of the IANA database.
"""

from __future__ import annotations

from datetime import UTC, datetime

import schemathesis

PAST = "2026-01-02T03:04:05Z"


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.query:
        case.query.pop("cursor", None)
    if isinstance(case.body, dict) and isinstance(case.body.get("timezone"), str):
        case.body["timezone"] = "Europe/Berlin"
    consent = case.body.get("consent") if isinstance(case.body, dict) else None
    if isinstance(consent, dict) and _lies_ahead(consent.get("given_at")):
        consent["given_at"] = PAST


def _lies_ahead(moment):
    return isinstance(moment, str) and moment[:4] >= str(datetime.now(UTC).year)
