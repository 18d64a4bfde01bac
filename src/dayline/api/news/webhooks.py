"""Routes of webhook endpoints."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from dayline.api.answers import Cursor, Limit
from dayline.api.dependencies import caller, next_cursor, position, services
from dayline.api.door.idempotency import perform
from dayline.core.addresses import check_address
from dayline.kit.pages import Position
from dayline.store.outbox import webhooks
from dayline.webhooks import service
from dayline.webhooks.schemas import (
    TestFired,
    WebhookChange,
    WebhookPage,
    WebhookRequest,
    WebhookShown,
    WebhookWithSecret,
)

router = APIRouter(prefix="/v1/webhooks", tags=["Webhooks"])


@router.post("", status_code=201, response_model=WebhookWithSecret, summary="Register an endpoint")
def create_webhook(request: Request, body: WebhookRequest) -> Response:
    """The answer holds `signing_secret`, which is shown this one time."""
    who = caller(request)
    _check(request, body.url)
    return perform(
        request,
        lambda tx: service.register(tx, body, partner_id=who.partner_id),
        status=201,
        shown_once=("signing_secret",),
    )


@router.get("", response_model=WebhookPage, summary="List endpoints, newest first")
def list_webhooks(request: Request, limit: Limit = 20, cursor: Cursor = None) -> Any:
    """Every endpoint of the partner, disabled ones included."""
    who = caller(request)
    after = position(request, cursor, "")
    with services(request).database.read() as tx:
        rows = webhooks.page(tx, who.partner_id, limit=limit + 1, after=after)
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    found = [service.webhook_json(row) for row in rows[:limit]]
    return JSONResponse({"data": found, "next_cursor": next_cursor(request, last, "")})


@router.get("/{webhook_id}", response_model=WebhookShown, summary="Read an endpoint")
def get_webhook(request: Request, webhook_id: str) -> Any:
    """An endpoint, and why it is disabled if it is."""
    with services(request).database.read() as tx:
        return JSONResponse(service.webhook_json(service.owned(tx, webhook_id, partner_id=caller(request).partner_id)))


@router.patch("/{webhook_id}", response_model=WebhookShown, summary="Change an endpoint")
def change_webhook(request: Request, webhook_id: str, body: WebhookChange) -> Response:
    """Fields that are not sent stay. `is_active: true` takes a disabled endpoint up again."""
    who = caller(request)
    if "url" in body.model_fields_set:
        _check(request, body.url)
    return perform(request, lambda tx: service.change(tx, webhook_id, body, partner_id=who.partner_id))


@router.delete("/{webhook_id}", status_code=204, response_class=Response, summary="Delete an endpoint")
def delete_webhook(request: Request, webhook_id: str) -> Response:
    """Nothing is sent to it any more, not even what is on its way."""
    who = caller(request)
    return perform(request, lambda tx: service.delete(tx, webhook_id, partner_id=who.partner_id), status=204)


@router.post("/{webhook_id}/rotate-secret", response_model=WebhookWithSecret, summary="Make a new signing secret")
def rotate_webhook_secret(request: Request, webhook_id: str) -> Response:
    """Deliveries carry signatures of both secrets for 24 hours, so that receivers can change over in peace."""
    who = caller(request)
    return perform(
        request,
        lambda tx: service.rotate_secret(tx, webhook_id, partner_id=who.partner_id),
        shown_once=("signing_secret",),
    )


@router.post("/{webhook_id}/test", status_code=202, response_model=TestFired, summary="Send a test event")
def test_webhook(request: Request, webhook_id: str) -> Response:
    """A `webhook.test` goes to this endpoint only, whichever events it has enabled."""
    who = caller(request)
    return perform(request, lambda tx: service.fire_test(tx, webhook_id, partner_id=who.partner_id), status=202)


def _check(request: Request, url: str) -> None:
    parts = services(request)
    check_address(url, "url", allowed=parts.allow_networks, allow_http=parts.allow_http)
