"""Routes of the delivery log, and of sending events again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response

from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.domain.stored_json import DeliveryState
from dayline.http.dependencies import Reader, Writer, next_cursor, position, reading
from dayline.http.pagination_params import Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.http.schemas import Moment
from dayline.idempotency.requests import perform
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks import replay
from dayline.webhooks.loaders import endpoint_of
from dayline.webhooks.schemas import DeliveryPage, DeliveryShown, Replayed

router = api_router("/v1/webhooks/{webhook_id}", "Webhooks")


@router.get("/deliveries", response_model=DeliveryPage, summary="Read the delivery log, newest first")
def list_deliveries(
    request: Request,
    who: Reader,
    webhook_id: str,
    limit: Limit = 20,
    cursor: Cursor = None,
    status: Annotated[DeliveryState | None, Query(description="Only deliveries of this status.")] = None,
) -> Any:
    """Every delivery to an endpoint with all its attempts.

    `callback` in place of an endpoint's id shows what went to the callback_url of single requests.
    """
    scope = f"{who.environment}|{status}"
    after = position(request, cursor, scope)
    with reading(request) as tx:
        if webhook_id == replay.CALLBACK:
            rows = deliveries.page_of_callbacks(
                tx, who.partner_id, who.environment, status=status, limit=limit + 1, after=after
            )
        else:
            endpoint = endpoint_of(who, tx, webhook_id)
            rows = deliveries.page(tx, webhook_id=endpoint.id, status=status, limit=limit + 1, after=after)
        tries = deliveries.attempts_of(tx, [row.id for row in rows[:limit]])
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    found = [replay.delivery_json(row, tries[row.id]) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, scope)})


@router.post(
    "/deliveries/{delivery_id}/replay", status_code=202, response_model=DeliveryShown, summary="Send a delivery again"
)
def replay_delivery(request: Request, who: Writer, webhook_id: str, delivery_id: str) -> Response:
    """A new delivery of the same event, under the same `webhook-id`."""

    def again(tx: Transaction) -> DeliveryShown:
        if webhook_id != replay.CALLBACK:
            endpoint_of(who, tx, webhook_id)
        return replay.replay_one(tx, webhook_id, delivery_id, partner_id=who.partner_id, environment=who.environment)

    return perform(request, again, status=202)


@router.post("/replay", status_code=202, response_model=Replayed, summary="Send everything since a moment again")
def replay_webhook(
    request: Request,
    who: Writer,
    webhook_id: str,
    since: Annotated[Moment, Query(description="Events from this moment on, oldest first.")],
) -> Response:
    """Includes events from while the endpoint was disabled. 500 events a call: continue from `next_since`."""
    return perform(
        request,
        lambda tx: replay.replay_since(tx, endpoint_of(who, tx, webhook_id), since),
        status=202,
    )
