"""Routes of the installation's operator: partners and their keys. Admin keys only."""

from __future__ import annotations

from fastapi import Request, Response

from dayline.auth import service
from dayline.auth.schemas import KeyRequest, KeyShownOnce, PartnerRequest, PartnerShown
from dayline.http.dependencies import DEFAULT_SCOPES
from dayline.http.routing import admin_router
from dayline.idempotency.requests import perform

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
