"""Routes of the installation's operator: partners and their keys. Admin keys only."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.auth import service
from dayline.auth.schemas import (
    KeyPage,
    KeyRequest,
    KeyShownOnce,
    PartnerPage,
    PartnerRequest,
    PartnerShown,
    QueueState,
    WorkerList,
)
from dayline.db.pagination import Position
from dayline.http.dependencies import DEFAULT_SCOPES, api_context, next_cursor, position, reading
from dayline.http.pagination_params import Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import admin_router
from dayline.http.schemas import Uuid
from dayline.idempotency.requests import perform
from dayline.workflows import lease_repository as leases
from dayline.workflows import queue_repository as queues

router = admin_router("/v1/admin")


@router.post("/partners", status_code=201, response_model=PartnerShown, summary="Add a partner")
def create_partner(request: Request, body: PartnerRequest) -> Response:
    """A partner is a tenant: nothing of one can be seen by another."""
    return perform(request, lambda tx: service.create(tx, body), status=201)


@router.post("/partners/{partner_id}/suspend", response_model=PartnerShown, summary="Suspend a partner")
def suspend_partner(request: Request, partner_id: str) -> Response:
    """None of its keys work until it is resumed. What is being worked on goes on."""
    return perform(request, lambda tx: service.suspend(tx, partner_id))


@router.post("/partners/{partner_id}/resume", response_model=PartnerShown, summary="Resume a partner")
def resume_partner(request: Request, partner_id: str) -> Response:
    """Its keys work again, but for those that were revoked."""
    return perform(request, lambda tx: service.resume(tx, partner_id))


@router.post("/api-keys", status_code=201, response_model=KeyShownOnce, summary="Make a key")
def create_key(request: Request, body: KeyRequest) -> Response:
    """The answer holds the key, which is shown this one time; only a hash of it is kept."""
    return perform(
        request,
        lambda tx: service.create_key(tx, body, default_scopes=DEFAULT_SCOPES),
        status=201,
        shown_once=("key",),
    )


@router.delete("/api-keys/{id}", status_code=204, response_class=Response, summary="Revoke a key")
def revoke_key(request: Request, id: str) -> Response:
    """Requests with it are refused from the next one on."""
    return perform(request, lambda tx: service.revoke_key(tx, id), status=204)


@router.get("/partners", response_model=PartnerPage, summary="List partners, newest first")
def list_partners(request: Request, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Every tenant of the installation, suspended ones included."""
    after = position(request, cursor, "partners")
    with reading(request) as tx:
        rows = partners.page(tx, limit=limit + 1, after=after)
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    found = [service.partner_json(row) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, "partners")})


@router.get("/partners/{partner_id}", response_model=PartnerShown, summary="Read a partner")
def get_partner(request: Request, partner_id: str) -> Response:
    """One tenant of the installation."""
    with reading(request) as tx:
        return json_response(service.partner_json(service.owned(tx, partner_id)))


@router.get("/api-keys", response_model=KeyPage, summary="List keys, newest first")
def list_keys(
    request: Request,
    limit: Limit = 20,
    cursor: Cursor = None,
    partner_id: Annotated[Uuid | None, Query(description="Only keys of this partner.")] = None,
) -> Response:
    """Keys without their secrets, revoked ones included. `last_used_at` is exact to ten minutes."""
    after = position(request, cursor, f"keys|{partner_id}")
    with reading(request) as tx:
        rows = keys.page(tx, limit=limit + 1, after=after, partner_id=partner_id)
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    found = [service.key_json(row) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, f"keys|{partner_id}")})


@router.get("/queue", response_model=QueueState, summary="Read the lengths of the queues")
def get_queue(request: Request) -> Response:
    """Per queue: jobs that wait, jobs that are worked on, and how long the oldest one has been waiting."""
    with reading(request) as tx:
        return json_response({"queues": queues.state(tx)})


@router.get("/workers", response_model=WorkerList, summary="List the workers")
def list_workers(request: Request) -> Response:
    """Workers with a lease: when it was renewed, and whether that is recent enough to count as alive."""
    with reading(request) as tx:
        return json_response({"workers": leases.list_all(tx, api_context(request).lease_seconds)})
