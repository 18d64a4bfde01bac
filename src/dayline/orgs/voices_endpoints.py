"""Routes of a rep's voice."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from dayline.domain.errors import Unavailable
from dayline.http.dependencies import Reader, Writer, api_context, reading
from dayline.http.responses import json_response
from dayline.http.routing import api_router, errors
from dayline.idempotency.requests import perform
from dayline.orgs import voices
from dayline.orgs.enrolment import MOST_SECONDS, Enrolled
from dayline.orgs.schemas import VoiceRequest, VoiceShown

router = api_router("/v1/orgs/{org_id}/reps/{rep_id}/voice", "Orgs and reps")


@router.post("", response_model=VoiceShown, responses=errors(422), summary="Enrol a rep's voice")
def enrol_voice(request: Request, who: Writer, org_id: str, rep_id: str, body: VoiceRequest) -> Response:
    """Computes a voice print from an uploaded recording of the rep alone, and stores it in place of the one before.

    Only with the rep's consent, which is kept with it. It identifies the rep in days from then on. The
    recording is deleted with this request, whether its voice was kept or refused.
    """
    context = api_context(request)
    enroll = context.enroll
    if enroll is None:
        raise Unavailable("This installation enrols no voices.")
    voices.check_consent(body.consent)
    found: list[Enrolled] = []

    def enrol() -> None:
        found.append(
            voices.measure(
                context.database, context.blobs, enroll, org_id, rep_id, body.file_key, partner_id=who.partner_id
            )
        )

    return perform(
        request,
        lambda tx: voices.keep(tx, context.blobs, org_id, rep_id, found[0], body, partner_id=who.partner_id),
        before=enrol,
        lasts_seconds=MOST_SECONDS,
    )


@router.get("", response_model=VoiceShown, summary="Read whether a rep's voice is enrolled")
def get_voice(request: Request, who: Reader, org_id: str, rep_id: str) -> Any:
    """When, from how much speech, and under which consent; never the voice itself."""
    with reading(request) as tx:
        return json_response(voices.shown(tx, org_id, rep_id, partner_id=who.partner_id))


@router.delete("", status_code=204, response_class=Response, summary="Delete a rep's voice")
def delete_voice(request: Request, who: Writer, org_id: str, rep_id: str) -> Response:
    """Days from now on are processed without it."""
    return perform(request, lambda tx: voices.delete_voice(tx, org_id, rep_id, partner_id=who.partner_id), status=204)
