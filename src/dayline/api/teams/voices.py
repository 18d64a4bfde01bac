"""Routes of a rep's voice."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from dayline.api.dependencies import caller, services
from dayline.api.door.idempotency import perform
from dayline.core.errors import Unavailable
from dayline.orgs import voices
from dayline.orgs.schemas import VoiceRequest, VoiceShown

router = APIRouter(prefix="/v1/orgs/{org_id}/reps/{rep_id}/voice", tags=["Orgs and reps"])


@router.post("", response_model=VoiceShown, summary="Enrol a rep's voice")
def enrol_voice(request: Request, org_id: str, rep_id: str, body: VoiceRequest) -> Response:
    """Hears an uploaded recording of the rep alone and keeps how the voice sounds, in place of the one before.

    Only with the rep's consent, which is kept with it. Days of this rep are then told by it who the rep is.
    """
    who, parts = caller(request), services(request)
    with parts.database.read() as tx:
        voices.check(tx, org_id, rep_id, body, partner_id=who.partner_id)
    if parts.enroll is None:
        raise Unavailable("This installation enrols no voices.")
    # Heard before the transaction begins: it takes seconds, and others want to write meanwhile.
    heard = parts.enroll(who.partner_id, body.file_key)
    return perform(request, lambda tx: voices.keep(tx, org_id, rep_id, heard, body.consent, partner_id=who.partner_id))


@router.get("", response_model=VoiceShown, summary="Read whether a rep's voice is enrolled")
def get_voice(request: Request, org_id: str, rep_id: str) -> Any:
    """When, from how much speech, and under which consent; never the voice itself."""
    with services(request).database.read() as tx:
        return JSONResponse(voices.shown(tx, org_id, rep_id, partner_id=caller(request).partner_id))


@router.delete("", status_code=204, response_class=Response, summary="Forget a rep's voice")
def delete_voice(request: Request, org_id: str, rep_id: str) -> Response:
    """Days from now on are worked on without it."""
    who = caller(request)
    return perform(request, lambda tx: voices.forget(tx, org_id, rep_id, partner_id=who.partner_id), status=204)
