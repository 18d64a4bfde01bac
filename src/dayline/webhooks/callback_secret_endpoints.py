"""Routes of the secret that signs deliveries to callback_url addresses."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from dayline.auth import service
from dayline.auth.schemas import CallbackSecret

# Reading needs the scope to write: with the secret, events can be forged.
from dayline.http.dependencies import Writer, reading
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.idempotency.requests import perform

router = api_router("/v1/callback-secret", "Webhooks")


@router.get("", response_model=CallbackSecret, summary="Read the callback secret")
def get_callback_secret(request: Request, who: Writer) -> Any:
    """Verify deliveries to a `callback_url` with it. Needs the scope partner:write."""
    with reading(request) as tx:
        return json_response(service.callback_secret(tx, who.partner_id))


@router.post("/rotate", response_model=CallbackSecret, summary="Make a new callback secret")
def rotate_callback_secret(request: Request, who: Writer) -> Response:
    """Deliveries carry signatures of both secrets for 24 hours."""
    return perform(
        request,
        lambda tx: service.rotate_callback_secret(tx, who.partner_id),
        shown_once=("signing_secret",),
    )
