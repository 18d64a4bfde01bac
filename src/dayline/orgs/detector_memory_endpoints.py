"""Routes of the detector's memory of an org."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from dayline.http.dependencies import Reader, Writer, reading
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.idempotency.requests import perform
from dayline.orgs import detector_memory
from dayline.orgs.schemas import DetectorMemoryReceipt, DetectorMemoryShown

router = api_router("/v1/orgs/{org_id}/detector-memory", "Orgs and reps")


@router.get("", response_model=DetectorMemoryShown, summary="Read what the detector remembers of an org")
def get_detector_memory(request: Request, who: Reader, org_id: str) -> Any:
    """How many earlier days and word stems help to find this org's conversations. Stems are kept as hashes, no text."""
    with reading(request) as tx:
        return json_response(detector_memory.shown(tx, org_id, partner_id=who.partner_id))


@router.delete("", response_model=DetectorMemoryReceipt, summary="Delete what the detector remembers of an org")
def delete_detector_memory(request: Request, who: Writer, org_id: str) -> Response:
    """The sessions that were counted so far are not counted again. Later ones are, unless the org switches it off."""
    return perform(request, lambda tx: detector_memory.delete_memory(tx, org_id, partner_id=who.partner_id))
