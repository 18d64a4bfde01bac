"""Routes of orgs and reps."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from dayline.db.pagination import Position
from dayline.http.dependencies import Principal, Reader, Writer, api_context, next_cursor, position, reading
from dayline.http.pagination_params import Archived, Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.idempotency.requests import perform
from dayline.orgs import repository as orgs
from dayline.orgs import service
from dayline.orgs.deletion import LONGEST_SECONDS, PeopleDeletion
from dayline.orgs.schemas import OrgPage, OrgReceipt, OrgRequest, OrgShown, RepPage, RepRequest, RepShown

router = api_router("/v1/orgs", "Orgs and reps")


@router.post("", response_model=OrgShown, summary="Make or change an org")
def put_org(request: Request, who: Writer, body: OrgRequest) -> Response:
    """Upserts by org_id: only the fields that were sent change in an existing one."""
    who.require_sight(body.org_id)
    return perform(request, lambda tx: service.put_org(tx, body, partner_id=who.partner_id))


@router.get("", response_model=OrgPage, summary="List orgs, newest first")
def list_orgs(
    request: Request, who: Reader, limit: Limit = 20, cursor: Cursor = None, archived: Archived = False
) -> Any:
    """Every org of the partner, including those that a submission created."""
    scope = "archived" if archived else ""
    after = position(request, cursor, scope)
    with reading(request) as tx:
        rows = orgs.page_orgs(
            tx, who.partner_id, limit=limit + 1, after=after, archived=archived, visibility=who.visibility
        )
    last = Position(rows[limit - 1].created_at, rows[limit - 1].org_id) if len(rows) > limit else None
    found = [service.org_json(row) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, scope)})


@router.get("/{org_id}", response_model=OrgShown, summary="Read an org")
def get_org(request: Request, who: Reader, org_id: str) -> Any:
    """One org of the partner."""
    with reading(request) as tx:
        return json_response(service.org_json(service.org_of(tx, org_id, partner_id=who.partner_id)))


@router.post("/{org_id}/reps", response_model=RepShown, summary="Make or change a rep")
def put_rep(request: Request, who: Writer, org_id: str, body: RepRequest) -> Response:
    """Upserts by rep_id: only the fields that were sent change in an existing one."""
    who.require_sight(org_id, body.rep_id)
    return perform(request, lambda tx: service.put_rep(tx, org_id, body, partner_id=who.partner_id))


@router.get("/{org_id}/reps", response_model=RepPage, summary="List an org's reps, newest first")
def list_reps(
    request: Request,
    who: Reader,
    org_id: str,
    limit: Limit = 20,
    cursor: Cursor = None,
    archived: Archived = False,
) -> Any:
    """Every rep of the org, including those that a submission created."""
    scope = "archived" if archived else ""
    after = position(request, cursor, scope)
    with reading(request) as tx:
        service.org_of(tx, org_id, partner_id=who.partner_id)
        rows = orgs.page_reps(
            tx,
            who.partner_id,
            org_id,
            limit=limit + 1,
            after=after,
            archived=archived,
            visibility=who.visibility,
        )
        found = [service.rep_json(tx, row) for row in rows[:limit]]
    last = Position(rows[limit - 1].created_at, rows[limit - 1].rep_id) if len(rows) > limit else None
    return json_response({"data": found, "next_cursor": next_cursor(request, last, scope)})


@router.get("/{org_id}/reps/{rep_id}", response_model=RepShown, summary="Read a rep")
def get_rep(request: Request, who: Reader, org_id: str, rep_id: str) -> Any:
    """One rep of the org."""
    with reading(request) as tx:
        found = service.rep_of(tx, org_id, rep_id, partner_id=who.partner_id)
        return json_response(service.rep_json(tx, found))


@router.post("/{org_id}/archive", response_model=OrgShown, summary="Archive an org")
def archive_org(request: Request, who: Writer, org_id: str) -> Response:
    """It is no longer found, and lists leave it out unless `archived=true`. Creating it again restores it."""
    return perform(request, lambda tx: service.archive_org(tx, org_id, partner_id=who.partner_id))


@router.post("/{org_id}/reps/{rep_id}/archive", response_model=RepShown, summary="Archive a rep")
def archive_rep(request: Request, who: Writer, org_id: str, rep_id: str) -> Response:
    """It is no longer found, and lists leave it out unless `archived=true`. Creating it again restores it."""
    return perform(request, lambda tx: service.archive_rep(tx, org_id, rep_id, partner_id=who.partner_id))


@router.delete("/{org_id}", response_model=OrgReceipt, summary="Delete an org and all of its data")
def delete_org(request: Request, who: Writer, org_id: str) -> Response:
    """Every session, analysis, playbook, prompt, voice and rep of the org, archived ones included, with one receipt."""
    return _delete(request, who, org_id, None)


@router.delete("/{org_id}/reps/{rep_id}", response_model=OrgReceipt, summary="Delete a rep and all of their data")
def delete_rep(request: Request, who: Writer, org_id: str, rep_id: str) -> Response:
    """Every session and analysis of the rep, the rep's playbooks and voice, with one receipt."""
    return _delete(request, who, org_id, rep_id)


def _delete(request: Request, who: Principal, org_id: str, rep_id: str | None) -> Response:
    context = api_context(request)
    deletion = PeopleDeletion(context.database, context.jobs, context.blobs, who.partner_id, org_id, rep_id)

    def before() -> None:
        with reading(request) as tx:
            service.exists(tx, org_id, rep_id, partner_id=who.partner_id)
        deletion.prepare()

    return perform(request, deletion.erase, before=before, lasts_seconds=LONGEST_SECONDS)
