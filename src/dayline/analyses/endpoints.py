"""Routes of analyses: single conversations, and the children of all-day sessions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response

from dayline.analyses import lifecycle, service
from dayline.analyses import repository as analyses
from dayline.analyses.schemas import (
    AnalysisAccepted,
    AnalysisPage,
    AnalysisRequest,
    AnalysisShown,
    RescoreRequest,
    Status,
)
from dayline.analyses.view import analysis_json, with_large_parts
from dayline.console import access_log
from dayline.db.pagination import Position
from dayline.http.dependencies import Reader, Writer, api_context, next_cursor, position, reading
from dayline.http.pagination_params import Archived, CreatedAfter, CreatedBefore, Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router, errors
from dayline.http.schemas import Id, Uuid
from dayline.idempotency.requests import perform
from dayline.security.addresses import check_address, check_recording
from dayline.sessions.loaders import analysis_of
from dayline.sessions.schemas import Receipt
from dayline.workflows.sandbox.scripts import CALLS

router = api_router("/v1/analyses", "Analyses")

MOCK_CALLS = tuple(f"mock://{name}" for name in CALLS)


@router.post(
    "", status_code=202, response_model=AnalysisAccepted, responses=errors(422), summary="Analyse one conversation"
)
def submit_analysis(request: Request, who: Writer, body: AnalysisRequest) -> Response:
    """Takes one conversation of 10 seconds to 60 minutes, or its transcript, and answers at once."""
    context = api_context(request)
    who.require_sight(body.org_id, body.rep_id)
    if body.transcript_url is None or who.environment == "sandbox":
        check_recording(
            body.recording_url,
            environment=who.environment,
            mocks=MOCK_CALLS,
            allowed=context.allow_networks,
            allow_http=context.allow_http,
        )
    for url, field in ((body.transcript_url, "transcript_url"), (body.callback_url, "callback_url")):
        check_address(url, field, allowed=context.allow_networks, allow_http=context.allow_http)
    return perform(
        request,
        lambda tx: service.submit(tx, context.jobs, body, partner_id=who.partner_id, environment=who.environment),
        status=202,
    )


@router.get("", response_model=AnalysisPage, summary="List analyses, newest first")
def list_analyses(
    request: Request,
    who: Reader,
    limit: Limit = 20,
    cursor: Cursor = None,
    org_id: Annotated[Id | None, Query()] = None,
    rep_id: Annotated[Id | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    parent_session_id: Annotated[Uuid | None, Query(description="Children of this session.")] = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    min_score: Annotated[float | None, Query(ge=0, le=100, description="Lowest overall_score.")] = None,
    archived: Archived = False,
) -> Any:
    """Analyses without transcript and result. Superseded ones are left out; they stay readable by their id."""
    filters = (org_id, rep_id, status, parent_session_id, created_after, created_before, min_score, archived)
    scope = "|".join(map(str, (who.environment, *filters)))
    after = position(request, cursor, scope)
    with reading(request) as tx:
        rows = analyses.page(
            tx,
            who.partner_id,
            environment=who.environment,
            limit=limit + 1,
            after=after,
            org_id=org_id,
            rep_id=rep_id,
            status=status,
            parent_session_id=parent_session_id,
            created_after=created_after,
            created_before=created_before,
            min_score=min_score,
            archived=archived,
            visibility=who.visibility,
        )
    last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    found = [analysis_json(row) for row in rows[:limit]]
    return json_response({"data": found, "next_cursor": next_cursor(request, last, scope)})


@router.get("/{analysis_id}", response_model=AnalysisShown, summary="Read an analysis")
def get_analysis(request: Request, who: Reader, analysis_id: str) -> Any:
    """An analysis with its transcript and its result."""
    with reading(request) as tx:
        analysis = analysis_of(who, tx, analysis_id)
        shown = with_large_parts(tx, analysis)
    access_log.record_view(
        api_context(request).database,
        who,
        "conversation_viewed",
        session_id=analysis.parent_session_id,
        subject_id=analysis_id,
    )
    return json_response(shown)


@router.post("/{analysis_id}/cancel", response_model=AnalysisShown, summary="Cancel an analysis")
def cancel_analysis(request: Request, who: Writer, analysis_id: str) -> Response:
    """Work stops within seconds. The analysis is then `failed` with the error code `cancelled`; a session goes on."""
    context = api_context(request)
    return perform(request, lambda tx: lifecycle.cancel(tx, context.jobs, analysis_of(who, tx, analysis_id)))


@router.post("/{analysis_id}/archive", response_model=AnalysisShown, summary="Archive an analysis")
def archive_analysis(request: Request, who: Writer, analysis_id: str) -> Response:
    """Lists leave it out unless `archived=true`; it stays readable by its id."""
    return perform(request, lambda tx: lifecycle.set_archived(tx, analysis_of(who, tx, analysis_id), archived=True))


@router.post("/{analysis_id}/restore", response_model=AnalysisShown, summary="Restore an archived analysis")
def restore_analysis(request: Request, who: Writer, analysis_id: str) -> Response:
    """Lists show it again."""
    return perform(request, lambda tx: lifecycle.set_archived(tx, analysis_of(who, tx, analysis_id), archived=False))


@router.post(
    "/{analysis_id}/rescore", status_code=202, response_model=AnalysisAccepted, summary="Score a conversation again"
)
def rescore_analysis(request: Request, who: Writer, analysis_id: str, body: RescoreRequest | None = None) -> Response:
    """By another playbook or other prompts, from the transcript that is there: nothing is transcribed again.

    A session's conversation gets a new analysis; an analysis of its own keeps its id and is scored again.
    """
    context, wanted = api_context(request), body or RescoreRequest()
    return perform(
        request,
        lambda tx: lifecycle.rescore(tx, context.jobs, analysis_of(who, tx, analysis_id), wanted),
        status=202,
    )


@router.delete("/{analysis_id}", response_model=Receipt, summary="Delete an analysis and all data derived from it")
def delete_analysis(request: Request, who: Writer, analysis_id: str) -> Response:
    """A running analysis is cancelled first. Of a session's conversation the segment stays and can be analysed again.

    The receipt names every kind of row and every object that was removed.
    """
    context = api_context(request)
    deletion = lifecycle.Deletion(context.database, context.jobs, context.blobs)

    def before() -> None:
        with reading(request) as tx:
            analysis = analysis_of(who, tx, analysis_id)
        deletion.prepare(analysis)

    return perform(request, lambda tx: deletion.erase(tx, analysis_of(who, tx, analysis_id)), before=before)
