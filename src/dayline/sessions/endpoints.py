"""Routes that take, list, stop and delete all-day sessions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from starlette.concurrency import run_in_threadpool

from dayline.console import access_log
from dayline.db.database import Transaction
from dayline.db.records import SessionRecord
from dayline.http.authentication import check_key, check_key_state
from dayline.http.dependencies import Reader, Writer, api_context, next_cursor, position, read_for, reading
from dayline.http.pagination_params import CreatedAfter, CreatedBefore, Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router, errors
from dayline.http.schemas import Id
from dayline.idempotency.requests import perform, perform_shortly
from dayline.orgs.repository import has_rep_and_key
from dayline.sessions import service
from dayline.sessions.address_check import check_addresses
from dayline.sessions.deletion import erase, nothing_outside, prepare
from dayline.sessions.listing import Filters, list_page
from dayline.sessions.loaders import checked, session_and_key, session_of
from dayline.sessions.schemas import (
    Receipt,
    SessionAccepted,
    SessionPage,
    SessionRequest,
    SessionShown,
    Status,
    SummaryPage,
)
from dayline.sessions.view import session_view, view_of

router = api_router("/v1/all-day-sessions", "All-day sessions")

_SHORT_PAGE = 20
"""Longer pages are read in a thread: a hundred sessions of many segments take tens of milliseconds."""


@router.post(
    "",
    status_code=202,
    response_model=SessionAccepted,
    responses=errors(422),
    summary="Submit a long-form recording for boundary detection + per-segment analysis",
)
async def submit_session(request: Request, who: Writer, body: SessionRequest) -> Response:
    """Takes one recording of up to a whole working day and answers at once; the work happens afterwards."""
    context = api_context(request)
    who.require_sight(body.org_id, body.rep_id)
    check_addresses(body, environment=who.environment, allowed=context.allow_networks, allow_http=context.allow_http)

    def submit(tx: Transaction) -> SessionAccepted:
        known = _rep_and_key(request, who, tx, body)
        return service.submit(
            tx, context.jobs, body, partner_id=who.partner_id, environment=who.environment, is_rep_known=known
        )

    return await perform_shortly(request, submit, status=202, checks_key=True)


def _rep_and_key(request: Request, who: Writer, tx: Transaction, body: SessionRequest) -> bool:
    """Return whether the rep of a submission is known, after checking that the caller's key still works.

    One statement for both. Where the key was checked before, the rep is looked for by the submission.
    """
    if request.state.is_checked:
        return False
    is_known, state = has_rep_and_key(tx, who.partner_id, body.org_id, body.rep_id, key_id=who.key_id)
    check_key_state(request, state)
    return is_known


@router.get("", response_model=SessionPage | SummaryPage, summary="List sessions, newest first")
async def list_sessions(
    request: Request,
    who: Reader,
    limit: Limit = 20,
    cursor: Cursor = None,
    org_id: Annotated[Id | None, Query()] = None,
    rep_id: Annotated[Id | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    view: Annotated[Literal["full", "summary"], Query(description="How much of each session.")] = "full",
) -> Any:
    """Sessions of the key's partner and environment. Keep the filters while following `next_cursor`.

    `view=summary` leaves out segments, options and usage and adds `strip`: the day as at most 200 runs of a label.
    """
    filters = Filters(org_id, rep_id, status, created_after, created_before, who.visibility, view == "summary")
    scope = filters.scope(who.environment)
    after = position(request, cursor, scope)

    def read(tx: Transaction) -> Any:
        return list_page(tx, who.partner_id, environment=who.environment, limit=limit, after=after, filters=filters)

    is_short = limit <= _SHORT_PAGE and not filters.is_summary
    found, last = await read_for(request, read, is_short=is_short)
    return json_response({"data": found, "next_cursor": next_cursor(request, last, scope)})


@router.get("/{session_id}", response_model=SessionShown, summary="Read a session")
async def get_session(request: Request, who: Reader, session_id: str) -> Any:
    """Status, progress, segments, rollup: everything about a session but its transcript."""

    def read(tx: Transaction) -> tuple[SessionRecord, SessionShown]:
        session = _session_and_key(request, who, tx, session_id)
        return session, view_of(tx, session)

    session, shown = await read_for(request, read, checks_key=True)
    if who.visitor_id is not None:
        shown = await run_in_threadpool(_look_for_person, request, who, session, shown)
    return json_response(shown)


def _look_for_person(request: Request, who: Reader, session: SessionRecord, shown: SessionShown) -> SessionShown:
    """Return a session for a person in the console: it says whether its recording can be played; the view is logged."""
    context = api_context(request)
    if context.playback is not None and context.playback.look(context.database, session):
        with reading(request) as tx:
            shown = session_view(tx, session.id)
    access_log.record_view(context.database, who, "day_viewed", session_id=session.id)
    return shown


def _session_and_key(request: Request, who: Reader, tx: Transaction, session_id: str) -> SessionRecord:
    """Return a session of the caller after checking that the caller's key still works, by one statement for both."""
    found = None if request.state.is_checked else session_and_key(who, tx, session_id)
    if found is None:
        check_key(request, tx)
        return session_of(who, tx, session_id)
    session, state = found
    check_key_state(request, state)
    return checked(who, session)


@router.post("/{session_id}/cancel", response_model=SessionShown, summary="Cancel a session")
def cancel_session(request: Request, who: Writer, session_id: str) -> Response:
    """Work stops within seconds. The session is then `failed` with the error code `cancelled`."""
    context = api_context(request)
    return perform(
        request,
        lambda tx: service.cancel(tx, context.jobs, session_of(who, tx, session_id, lock=True)),
    )


@router.post("/{session_id}/retry", status_code=202, response_model=SessionAccepted, summary="Retry a failed session")
def retry_session(request: Request, who: Writer, session_id: str) -> Response:
    """The session goes on from where it failed: what was transcribed, found and analysed is not done again."""
    context = api_context(request)
    return perform(
        request,
        lambda tx: service.retry(tx, context.jobs, session_of(who, tx, session_id, lock=True)),
        status=202,
    )


@router.delete("/{session_id}", response_model=Receipt, summary="Delete a session and everything made of it")
def delete_session(request: Request, who: Writer, session_id: str) -> Response:
    """A running session is cancelled first. The receipt names every kind of row and every object removed."""
    context = api_context(request)
    outside = nothing_outside()

    def before() -> None:
        with reading(request) as tx:
            session = session_of(who, tx, session_id)
        outside.update(prepare(context.database, context.jobs, context.blobs, session))

    return perform(
        request,
        lambda tx: erase(tx, session_of(who, tx, session_id, lock=True), outside),
        before=before,
    )
