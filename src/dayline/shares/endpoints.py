"""Routes that make, list and revoke share links."""

from __future__ import annotations

from fastapi import Request, Response

from dayline.console import access_log
from dayline.db.database import Transaction
from dayline.http.dependencies import Reader, Writer, api_context, reading
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.idempotency.requests import perform
from dayline.sessions.loaders import session_of
from dayline.shares import repository as shares
from dayline.shares import service
from dayline.shares.schemas import SharePage, ShareRequest, ShareShownOnce

router = api_router("/v1/all-day-sessions/{session_id}", "Share links", also=(409,))


@router.post(
    "/segments/{segment_id}/shares", status_code=201, response_model=ShareShownOnce, summary="Share a conversation"
)
def create_share(request: Request, who: Writer, session_id: str, segment_id: str, body: ShareRequest) -> Response:
    """Makes a link that shows this one conversation to whoever has it, without a key. The org must allow links."""
    base_url = api_context(request).base_url

    def work(tx: Transaction) -> ShareShownOnce:
        session = session_of(who, tx, session_id, lock=True)
        made = service.make(tx, session, segment_id, who, body, base_url=base_url)
        access_log.record(tx, who, "share_made", session_id=session_id, subject_id=made.id)
        return made

    return perform(request, work, status=201, shown_once=("url",))


@router.get("/shares", response_model=SharePage, summary="List the share links of a session")
def list_shares(request: Request, who: Reader, session_id: str) -> Response:
    """Open and closed ones, newest first, with how often each was opened."""
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
        found = [service.shown(record) for record in shares.list_all(tx, session.id)]
    return json_response(SharePage(data=found, next_cursor=None))


@router.delete("/shares/{share_id}", status_code=204, response_class=Response, summary="Revoke a share link")
def revoke_share(request: Request, who: Writer, session_id: str, share_id: str) -> Response:
    """The link stops working with the next request. It stays in the list."""

    def work(tx: Transaction) -> None:
        service.revoke(tx, session_of(who, tx, session_id, lock=True), share_id)
        access_log.record(tx, who, "share_revoked", session_id=session_id, subject_id=share_id)

    return perform(request, work, status=204)
