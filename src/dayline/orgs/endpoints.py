"""Routes of orgs and reps."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from dayline.db.pagination import Position
from dayline.http.dependencies import caller, next_cursor, position, services
from dayline.http.pagination_params import Cursor, Limit
from dayline.idempotency.requests import perform
from dayline.orgs import repository as orgs
from dayline.orgs import service
from dayline.orgs.schemas import OrgPage, OrgRequest, OrgShown, RepPage, RepRequest, RepShown

router = APIRouter(prefix="/v1/orgs", tags=["Orgs and reps"])


@router.post("", response_model=OrgShown, summary="Make or change an org")
def put_org(request: Request, body: OrgRequest) -> Response:
    """The org_id decides: one that is there is changed in the fields that were sent."""
    who = caller(request)
    who.require_sight(body.org_id)
    return perform(request, lambda tx: service.put_org(tx, body, partner_id=who.partner_id))


@router.get("", response_model=OrgPage, summary="List orgs, newest first")
def list_orgs(request: Request, limit: Limit = 20, cursor: Cursor = None) -> Any:
    """Every org of the partner, also those that sprang into being with a submission."""
    who = caller(request)
    after = position(request, cursor, "")
    with services(request).database.read() as tx:
        rows = orgs.page_orgs(tx, who.partner_id, limit=limit + 1, after=after, visibility=who.visibility)
    last = Position(rows[limit - 1].created_at, rows[limit - 1].org_id) if len(rows) > limit else None
    found = [service.org_json(row) for row in rows[:limit]]
    return JSONResponse({"data": found, "next_cursor": next_cursor(request, last, "")})


@router.get("/{org_id}", response_model=OrgShown, summary="Read an org")
def get_org(request: Request, org_id: str) -> Any:
    """One org of the partner."""
    with services(request).database.read() as tx:
        return JSONResponse(service.org_json(service.org_of(tx, org_id, partner_id=caller(request).partner_id)))


@router.post("/{org_id}/reps", response_model=RepShown, summary="Make or change a rep")
def put_rep(request: Request, org_id: str, body: RepRequest) -> Response:
    """The rep_id decides: one that is there is changed in the fields that were sent."""
    who = caller(request)
    who.require_sight(org_id, body.rep_id)
    return perform(request, lambda tx: service.put_rep(tx, org_id, body, partner_id=who.partner_id))


@router.get("/{org_id}/reps", response_model=RepPage, summary="List an org's reps, newest first")
def list_reps(request: Request, org_id: str, limit: Limit = 20, cursor: Cursor = None) -> Any:
    """Every rep of the org, also those that sprang into being with a submission."""
    who = caller(request)
    after = position(request, cursor, "")
    with services(request).database.read() as tx:
        service.org_of(tx, org_id, partner_id=who.partner_id)
        rows = orgs.page_reps(tx, who.partner_id, org_id, limit=limit + 1, after=after, visibility=who.visibility)
        found = [service.rep_json(tx, row) for row in rows[:limit]]
    last = Position(rows[limit - 1].created_at, rows[limit - 1].rep_id) if len(rows) > limit else None
    return JSONResponse({"data": found, "next_cursor": next_cursor(request, last, "")})


@router.get("/{org_id}/reps/{rep_id}", response_model=RepShown, summary="Read a rep")
def get_rep(request: Request, org_id: str, rep_id: str) -> Any:
    """One rep of the org."""
    with services(request).database.read() as tx:
        found = service.rep_of(tx, org_id, rep_id, partner_id=caller(request).partner_id)
        return JSONResponse(service.rep_json(tx, found))
