"""Routes of the secret that signs deliveries to callback_url addresses."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from dayline.auth import service
from dayline.auth.schemas import CallbackSecret
from dayline.http.dependencies import WRITE, caller, require_scope, services
from dayline.idempotency.requests import perform

# Reading asks for the right to write: whoever knows the secret can forge news.
router = APIRouter(prefix="/v1/callback-secret", tags=["Webhooks"], dependencies=[Depends(require_scope(WRITE))])


@router.get("", response_model=CallbackSecret, summary="Read the callback secret")
def get_callback_secret(request: Request) -> Any:
    """Verify deliveries to a `callback_url` with it. Needs the scope partner:write."""
    with services(request).database.read() as tx:
        return JSONResponse(service.callback_secret(tx, caller(request).partner_id))


@router.post("/rotate", response_model=CallbackSecret, summary="Make a new callback secret")
def rotate_callback_secret(request: Request) -> Response:
    """Deliveries carry signatures of both secrets for 24 hours."""
    who = caller(request)
    return perform(
        request,
        lambda tx: service.rotate_callback_secret(tx, who.partner_id),
        shown_once=("signing_secret",),
    )
