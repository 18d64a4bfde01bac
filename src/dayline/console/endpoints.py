"""Routes of the console: signing in and out, invitations, open sessions."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from dayline.clock import iso
from dayline.console import access_log, service
from dayline.console.schemas import ConsoleSessionPage, LinkRequest, LinkShownOnce, SignIn
from dayline.db.database import Transaction
from dayline.http.browser import clear_cookie, session_token, set_cookie
from dayline.http.dependencies import AdminKey, AnyKey, api_context, reading
from dayline.http.responses import json_response
from dayline.http.routing import SignInRoute, api_router
from dayline.idempotency.requests import perform
from dayline.logs import get_log

router = api_router("/v1/console", "Console")
_sign_in = api_router("/v1/console", "Console", route_class=SignInRoute)
log = get_log(__name__)


@_sign_in.post("/session", status_code=204, response_class=Response, summary="Sign in to the console")
def sign_in(request: Request, body: SignIn) -> Response:
    """Exchanges the token of a sign-in link, or a key, for a session cookie.

    Works from the console's own pages, over https or on this machine. A session that the browser had before ends.
    """
    context = api_context(request)
    before = session_token(request.headers, context.base_url)
    if body.token is not None:
        token = body.token
        signed_in = context.database.in_write(lambda tx: service.sign_in_by_link(tx, token))
    else:
        signed_in = service.sign_in_by_key(context.database, body.key or "")
    if before is not None:
        context.database.in_write(lambda tx: service.end_session_of(tx, before))
    log.info("console_signed_in", visitor_id=signed_in.visitor.id, role=signed_in.visitor.role)
    response = Response(status_code=204)
    set_cookie(response, context.base_url, signed_in.token, max_age_seconds=signed_in.max_age_seconds)
    return response


@router.delete("/session", status_code=204, response_class=Response, summary="Sign out of the console")
def sign_out(request: Request, who: AnyKey) -> Response:
    """The cookie stops working. A request with a key changes nothing."""
    context = api_context(request)
    visitor_id = who.visitor_id
    if visitor_id is not None:

        def end(tx: Transaction) -> None:
            service.sign_out(tx, visitor_id)
            access_log.record(tx, who, "signed_out")

        context.database.in_write(end)
    response = Response(status_code=204)
    clear_cookie(response, context.base_url)
    return response


@router.get("/sessions", response_model=ConsoleSessionPage, summary="List open console sessions")
def list_console_sessions(request: Request, who: AnyKey) -> Any:
    """A person sees their own, a key those of its partner, an operator all."""
    with reading(request) as tx:
        rows = service.list_visible(tx, who)
    shown = [
        {
            "id": row.id,
            "name": row.name,
            "role": row.role,
            "partner_id": row.partner_id,
            "org_ids": row.org_ids,
            "rep_id": row.rep_id,
            "key_id": row.key_id,
            "is_current": row.id == who.visitor_id,
            "seen_at": iso(row.seen_at),
            "expires_at": iso(row.expires_at),
            "created_at": iso(row.created_at),
        }
        for row in rows
    ]
    return json_response({"data": shown, "next_cursor": None})


@router.delete(
    "/sessions/{console_session_id}", status_code=204, response_class=Response, summary="End a console session"
)
def end_console_session(request: Request, who: AnyKey, console_session_id: str) -> Response:
    """Requests with its cookie are refused from the next one on."""

    def end(tx: Transaction) -> None:
        service.revoke(tx, who, console_session_id)
        access_log.record(tx, who, "sign_in_ended", subject_id=console_session_id)

    return perform(request, end, status=204)


@router.post(
    "/links",
    status_code=201,
    response_model=LinkShownOnce,
    summary="Invite a person to the console",
)
def create_console_link(request: Request, who: AdminKey, body: LinkRequest) -> Response:
    """Makes a sign-in link that works once within 72 hours. Needs an admin key or the role operator."""
    context = api_context(request)

    def work(tx: Transaction) -> LinkShownOnce:
        link = service.make_link(
            tx,
            role=body.role,
            partner_id=body.partner_id,
            org_ids=body.org_ids,
            rep_id=body.rep_id,
            name=body.name,
            life=service.INVITATION_LIFE,
        )
        access_log.record(tx, who, "invited", subject_id=link.id)
        url = service.link_url(context.base_url, link.token)
        return {"id": link.id, "url": url, "role": body.role, "expires_at": iso(link.expires_at)}

    return perform(request, work, status=201, shown_once=("url",))


router.routes.extend(_sign_in.routes)
