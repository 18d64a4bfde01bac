"""Routes of playbooks and their versions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from dayline.db.pagination import Position
from dayline.http.dependencies import Reader, Writer, next_cursor, position, reading
from dayline.http.pagination_params import Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.http.schemas import Id
from dayline.idempotency.requests import perform
from dayline.playbooks import repository as playbooks
from dayline.playbooks import service
from dayline.playbooks.schemas import (
    PlaybookChange,
    PlaybookPage,
    PlaybookRequest,
    PlaybookShown,
    VersionPage,
    VersionShown,
)

router = api_router("/v1/orgs/{org_id}/playbooks", "Playbooks and prompts")


@router.post("", response_model=PlaybookShown, summary="Add a playbook")
def create_playbook(request: Request, who: Writer, org_id: str, body: PlaybookRequest) -> Response:
    """It applies to analyses from now on: the rep's newest active one goes before the org's."""
    return perform(request, lambda tx: service.add(tx, org_id, body, partner_id=who.partner_id))


@router.get("", response_model=PlaybookPage, summary="List an org's playbooks, newest first")
def list_playbooks(
    request: Request,
    who: Reader,
    org_id: str,
    limit: Limit = 20,
    cursor: Cursor = None,
    rep_id: Annotated[Id | None, Query(description="Only those of this rep.")] = None,
    is_active: Annotated[bool | None, Query(description="Only those that are active, or not.")] = None,
) -> Any:
    """Playbooks without their text; deleted ones are left out."""
    scope = f"{rep_id}|{is_active}"
    after = position(request, cursor, scope)
    with reading(request) as tx:
        service.check_scope(tx, who.partner_id, org_id, None)
        rows = playbooks.page(
            tx, who.partner_id, org_id, limit=limit + 1, after=after, rep_id=rep_id, is_active=is_active
        )
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    found = [service.listed_json(row) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, scope)})


@router.get("/{playbook_id}", response_model=PlaybookShown, summary="Read a playbook")
def get_playbook(request: Request, who: Reader, org_id: str, playbook_id: str) -> Any:
    """A playbook at its newest version, with its text."""
    with reading(request) as tx:
        found = service.owned(tx, org_id, playbook_id, partner_id=who.partner_id)
    return json_response(service.playbook_json(found))


@router.patch("/{playbook_id}", response_model=PlaybookShown, summary="Change a playbook")
def change_playbook(request: Request, who: Writer, org_id: str, playbook_id: str, body: PlaybookChange) -> Response:
    """Makes a new version and keeps the old. Analyses that are done stay with the version they used."""
    return perform(request, lambda tx: service.change(tx, org_id, playbook_id, body, partner_id=who.partner_id))


@router.delete("/{playbook_id}", status_code=204, response_class=Response, summary="Delete a playbook")
def delete_playbook(request: Request, who: Writer, org_id: str, playbook_id: str) -> Response:
    """It no longer applies and is not found. Analyses that used it stay unchanged."""
    return perform(request, lambda tx: service.delete(tx, org_id, playbook_id, partner_id=who.partner_id), status=204)


@router.get("/{playbook_id}/versions", response_model=VersionPage, summary="List a playbook's versions, newest first")
def list_versions(
    request: Request, who: Reader, org_id: str, playbook_id: str, limit: Limit = 20, cursor: Cursor = None
) -> Any:
    """Versions without their text."""
    after = position(request, cursor, "")
    with reading(request) as tx:
        record = service.owned(tx, org_id, playbook_id, partner_id=who.partner_id)
        rows = playbooks.versions(tx, record.id, limit=limit + 1, below=int(after.id) if after else None)
    last = Position(rows[limit - 1].created_at, str(rows[limit - 1].version)) if len(rows) > limit else None
    found = [service.listed_version_json(row) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, "")})


@router.get("/{playbook_id}/versions/{version}", response_model=VersionShown, summary="Read one version of a playbook")
def get_version(
    request: Request, who: Reader, org_id: str, playbook_id: str, version: Annotated[int, Path(ge=1, le=2**31 - 2)]
) -> Any:
    """A playbook as it stood then."""
    with reading(request) as tx:
        return json_response(service.version_of(tx, org_id, playbook_id, version, partner_id=who.partner_id))
