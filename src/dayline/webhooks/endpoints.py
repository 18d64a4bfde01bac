"""Routes of webhook endpoints."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from dayline.db.pagination import Position
from dayline.http.dependencies import Reader, Writer, api_context, next_cursor, position, reading
from dayline.http.pagination_params import Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.idempotency.requests import perform
from dayline.security.addresses import check_address
from dayline.webhooks import repository as webhooks
from dayline.webhooks import service
from dayline.webhooks.loaders import endpoint_of
from dayline.webhooks.schemas import (
    TestFired,
    WebhookChange,
    WebhookPage,
    WebhookRequest,
    WebhookShown,
    WebhookWithSecret,
)

router = api_router("/v1/webhooks", "Webhooks")


@router.post("", status_code=201, response_model=WebhookWithSecret, summary="Register an endpoint")
def create_webhook(request: Request, who: Writer, body: WebhookRequest) -> Response:
    """The answer holds `signing_secret`, which is shown this one time.

    The endpoint gets events of the key's environment: of recordings with a live key, of scripted ones with a sandbox
    key.
    """
    _check(request, body.url)
    return perform(
        request,
        lambda tx: service.register(tx, body, partner_id=who.partner_id, environment=who.environment),
        status=201,
        shown_once=("signing_secret",),
    )


@router.get("", response_model=WebhookPage, summary="List endpoints, newest first")
def list_webhooks(request: Request, who: Reader, limit: Limit = 20, cursor: Cursor = None) -> Any:
    """Every endpoint of the key's partner and environment, disabled ones included."""
    after = position(request, cursor, who.environment)
    with reading(request) as tx:
        rows = webhooks.page(tx, who.partner_id, who.environment, limit=limit + 1, after=after)
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    found = [service.webhook_json(row) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, who.environment)})


@router.get("/{webhook_id}", response_model=WebhookShown, summary="Read an endpoint")
def get_webhook(request: Request, who: Reader, webhook_id: str) -> Any:
    """An endpoint, and why it is disabled if it is."""
    with reading(request) as tx:
        return json_response(service.webhook_json(endpoint_of(who, tx, webhook_id)))


@router.patch("/{webhook_id}", response_model=WebhookShown, summary="Change an endpoint")
def change_webhook(request: Request, who: Writer, webhook_id: str, body: WebhookChange) -> Response:
    """Fields that are not sent stay as they are. `is_active: true` enables a disabled endpoint again."""
    if "url" in body.model_fields_set:
        _check(request, body.url)
    return perform(request, lambda tx: service.change(tx, endpoint_of(who, tx, webhook_id, lock=True), body))


@router.delete("/{webhook_id}", status_code=204, response_class=Response, summary="Delete an endpoint")
def delete_webhook(request: Request, who: Writer, webhook_id: str) -> Response:
    """Pending deliveries to it are cancelled and its secrets are erased."""
    return perform(request, lambda tx: service.delete(tx, endpoint_of(who, tx, webhook_id, lock=True)), status=204)


@router.post("/{webhook_id}/rotate-secret", response_model=WebhookWithSecret, summary="Make a new signing secret")
def rotate_webhook_secret(request: Request, who: Writer, webhook_id: str) -> Response:
    """Deliveries carry signatures of both secrets for 24 hours, so that receivers have time to change over."""
    return perform(
        request,
        lambda tx: service.rotate_secret(tx, endpoint_of(who, tx, webhook_id, lock=True)),
        shown_once=("signing_secret",),
    )


@router.post("/{webhook_id}/test", status_code=202, response_model=TestFired, summary="Send a test event")
def test_webhook(request: Request, who: Writer, webhook_id: str) -> Response:
    """A `webhook.test` goes to this endpoint only, whichever events it has enabled."""
    return perform(request, lambda tx: service.fire_test(tx, endpoint_of(who, tx, webhook_id)), status=202)


def _check(request: Request, url: str) -> None:
    context = api_context(request)
    check_address(url, "url", allowed=context.allow_networks, allow_http=context.allow_http)
