"""Routes that take, list, stop and delete all-day sessions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from dayline.api.answers import CreatedAfter, CreatedBefore, Cursor, Limit
from dayline.api.days.owned import session_of
from dayline.api.dependencies import caller, next_cursor, position, services
from dayline.api.door.idempotency import perform
from dayline.core.addresses import check_address, check_recording
from dayline.core.fields import Id
from dayline.kit.pages import Position
from dayline.pipeline.mocks import DAYS
from dayline.sessions import service
from dayline.sessions.erase import erase, prepare
from dayline.sessions.schemas import Receipt, SessionAccepted, SessionPage, SessionRequest, SessionShown, Status
from dayline.sessions.view import session_json, session_view
from dayline.store.days import segments, sessions

router = APIRouter(prefix="/v1/all-day-sessions", tags=["All-day sessions"])

MOCK_DAYS = tuple(f"mock://{name}" for name in DAYS)


@router.post(
    "",
    status_code=202,
    response_model=SessionAccepted,
    summary="Submit a long-form recording for boundary detection + per-segment analysis",
)
def submit_session(request: Request, body: SessionRequest) -> Response:
    """Takes one recording of up to a whole working day and answers at once; the work happens afterwards."""
    who, parts = caller(request), services(request)
    check_recording(
        body.recording_url,
        environment=who.environment,
        mocks=MOCK_DAYS,
        allowed=parts.allow_networks,
        allow_http=parts.allow_http,
    )
    check_address(
        body.options.callback_url, "options.callback_url", allowed=parts.allow_networks, allow_http=parts.allow_http
    )
    return perform(
        request,
        lambda tx: service.submit(tx, parts.jobs, body, partner_id=who.partner_id, environment=who.environment),
        status=202,
    )


@router.get("", response_model=SessionPage, summary="List sessions, newest first")
def list_sessions(
    request: Request,
    limit: Limit = 20,
    cursor: Cursor = None,
    org_id: Annotated[Id | None, Query()] = None,
    rep_id: Annotated[Id | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
) -> Any:
    """Sessions of the key's partner and environment. Keep the filters while following `next_cursor`."""
    who = caller(request)
    scope = f"{who.environment}|{org_id}|{rep_id}|{status}|{created_after}|{created_before}"
    after = position(request, cursor, scope)
    with services(request).database.read() as tx:
        rows = sessions.page(
            tx,
            who.partner_id,
            environment=who.environment,
            limit=limit + 1,
            after=after,
            org_id=org_id,
            rep_id=rep_id,
            status=status,
            created_after=created_after,
            created_before=created_before,
        )
        parts_of = segments.of_sessions(tx, [row.id for row in rows[:limit]])
        found = [session_json(row, parts_of[row.id]) for row in rows[:limit]]
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    return JSONResponse({"data": found, "next_cursor": next_cursor(request, last, scope)})


@router.get("/{session_id}", response_model=SessionShown, summary="Read a session")
def get_session(request: Request, session_id: str) -> Any:
    """Status, progress, segments, rollup: everything about a session but its transcript."""
    with services(request).database.read() as tx:
        session_of(request, tx, session_id)
        return JSONResponse(session_view(tx, session_id))


@router.post("/{session_id}/cancel", response_model=SessionShown, summary="Cancel a session")
def cancel_session(request: Request, session_id: str) -> Response:
    """Work stops within seconds. The session is then `failed` with the error code `cancelled`."""
    parts = services(request)
    return perform(
        request,
        lambda tx: service.cancel(tx, parts.jobs, session_of(request, tx, session_id, lock=True)),
    )


@router.post("/{session_id}/retry", status_code=202, response_model=SessionAccepted, summary="Retry a failed session")
def retry_session(request: Request, session_id: str) -> Response:
    """The session goes on from where it failed: what was transcribed is not transcribed again."""
    parts = services(request)
    return perform(
        request,
        lambda tx: service.retry(tx, parts.jobs, session_of(request, tx, session_id, lock=True)),
        status=202,
    )


@router.delete("/{session_id}", response_model=Receipt, summary="Delete a session and everything made of it")
def delete_session(request: Request, session_id: str) -> Response:
    """A running session is cancelled first. The receipt names every kind of row and every object removed."""
    parts = services(request)
    outside: dict[str, Any] = {}

    def before() -> None:
        with parts.database.read() as tx:
            session = session_of(request, tx, session_id)
        outside.update(prepare(parts.database, parts.jobs, parts.blobs, session))

    return perform(
        request,
        lambda tx: erase(tx, session_of(request, tx, session_id, lock=True), outside),
        before=before,
    )
