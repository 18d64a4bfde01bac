"""Routes of the detector's memory of an org."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from dayline.http.dependencies import caller, services
from dayline.idempotency.requests import perform
from dayline.orgs import detector_memory
from dayline.orgs.schemas import DetectorMemoryReceipt, DetectorMemoryShown

router = APIRouter(prefix="/v1/orgs/{org_id}/detector-memory", tags=["Orgs and reps"])


@router.get("", response_model=DetectorMemoryShown, summary="Read what the detector remembers of an org")
def get_detector_memory(request: Request, org_id: str) -> Any:
    """How many earlier days and word stems help to find this org's conversations. Stems are kept as hashes, no text."""
    with services(request).database.read() as tx:
        return JSONResponse(detector_memory.shown(tx, org_id, partner_id=caller(request).partner_id))


@router.delete("", response_model=DetectorMemoryReceipt, summary="Delete what the detector remembers of an org")
def delete_detector_memory(request: Request, org_id: str) -> Response:
    """The sessions that were counted so far are not counted again. Later ones are, unless the org switches it off."""
    who = caller(request)
    return perform(request, lambda tx: detector_memory.forget(tx, org_id, partner_id=who.partner_id))
