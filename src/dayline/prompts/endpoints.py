"""Routes of an org's prompts."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from dayline.db.pagination import Position
from dayline.http.dependencies import Reader, Writer, next_cursor, position, reading
from dayline.http.pagination_params import Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.idempotency.requests import perform
from dayline.playbooks.schemas import PromptChange, PromptPage, PromptRequest, PromptShown
from dayline.playbooks.service import check_scope
from dayline.prompts import repository as prompts
from dayline.prompts import service

router = api_router("/v1/orgs/{org_id}/prompts", "Playbooks and prompts")


@router.post("", response_model=PromptShown, summary="Add a prompt")
def create_prompt(request: Request, who: Writer, org_id: str, body: PromptRequest) -> Response:
    """It applies to every analysis of the org from now on, while it is active."""
    return perform(request, lambda tx: service.add(tx, org_id, body, partner_id=who.partner_id))


@router.get("", response_model=PromptPage, summary="List an org's prompts, newest first")
def list_prompts(request: Request, who: Reader, org_id: str, limit: Limit = 20, cursor: Cursor = None) -> Any:
    """Every prompt of the org; deleted ones are left out."""
    after = position(request, cursor, "")
    with reading(request) as tx:
        check_scope(tx, who.partner_id, org_id, None)
        rows = prompts.page(tx, who.partner_id, org_id, limit=limit + 1, after=after)
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    found = [service.prompt_json(row) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, "")})


@router.patch("/{prompt_id}", response_model=PromptShown, summary="Change a prompt")
def change_prompt(request: Request, who: Writer, org_id: str, prompt_id: str, body: PromptChange) -> Response:
    """Fields that are not sent stay as they are."""
    return perform(request, lambda tx: service.change(tx, org_id, prompt_id, body, partner_id=who.partner_id))


@router.delete("/{prompt_id}", status_code=204, response_class=Response, summary="Delete a prompt")
def delete_prompt(request: Request, who: Writer, org_id: str, prompt_id: str) -> Response:
    """It no longer applies to analyses."""
    return perform(request, lambda tx: service.delete(tx, org_id, prompt_id, partner_id=who.partner_id), status=204)
