"""Routes by which people correct a day, and look again at one conversation."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from dayline.console import access_log
from dayline.db.database import Transaction
from dayline.http.dependencies import Reader, Writer, api_context, reading
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.idempotency.requests import perform
from dayline.sessions import service
from dayline.sessions.corrections.schemas import (
    CorrectionPreview,
    Corrections,
    RestoreRequest,
    RevisionPage,
    RevisionWithTimeline,
)
from dayline.sessions.corrections.service import correct, preview, restore, revision_of, revisions_of
from dayline.sessions.loaders import session_of
from dayline.sessions.schemas import AnalysisHandle, AnalyzeSegment, SessionShown

router = api_router("/v1/all-day-sessions/{session_id}", "All-day sessions")


@router.patch("/segments", response_model=SessionShown | CorrectionPreview, summary="Correct a session's segments")
def correct_segments(
    request: Request,
    who: Writer,
    session_id: str,
    body: Corrections,
    dry_run: Annotated[bool, Query(description="true says what would be analysed again, and changes nothing.")] = False,
) -> Response:
    """All changes are made, in their order, or none. Only touched conversations are analysed again."""
    context = api_context(request)
    if dry_run:
        with reading(request) as tx:
            return json_response(preview(tx, session_of(who, tx, session_id), body))

    def work(tx: Transaction) -> SessionShown:
        shown = correct(tx, context.jobs, session_of(who, tx, session_id, lock=True), body, author=who.author)
        access_log.record(tx, who, "corrected", session_id=session_id)
        return shown

    return perform(request, work)


@router.post("/revisions/{number}/restore", response_model=SessionShown, summary="Bring back an earlier revision")
def restore_revision(
    request: Request,
    who: Writer,
    session_id: str,
    number: Annotated[int, Path(ge=0, le=2**31 - 1)],
    body: RestoreRequest | None = None,
) -> Response:
    """Segments, confidences, reasons and analyses are again what they were then, as a new revision.

    Nothing is analysed again, unless an analysis of then was deleted.
    """
    context, expected = api_context(request), None if body is None else body.revision

    def work(tx: Transaction) -> SessionShown:
        session = session_of(who, tx, session_id, lock=True)
        shown = restore(tx, context.jobs, session, number, expected=expected, author=who.author)
        access_log.record(tx, who, "corrected", session_id=session_id)
        return shown

    return perform(request, work)


@router.post(
    "/segments/{segment_id}/analyze",
    status_code=202,
    response_model=AnalysisHandle,
    summary="Analyse one segment on demand",
)
def analyze_segment(
    request: Request, who: Writer, session_id: str, segment_id: str, body: AnalyzeSegment | None = None
) -> Response:
    """Also below the threshold, with another playbook or other prompts. Nothing is transcribed again."""
    context, wanted = api_context(request), body or AnalyzeSegment()
    return perform(
        request,
        lambda tx: service.analyze_segment(
            tx, context.jobs, session_of(who, tx, session_id, lock=True), segment_id, wanted
        ),
        status=202,
    )


@router.get("/revisions", response_model=RevisionPage, summary="List the revisions of a session's segments")
def list_revisions(request: Request, who: Reader, session_id: str) -> Any:
    """Every state that the segments went through, newest first. Revision 0 is what was detected."""
    with reading(request) as tx:
        found = revisions_of(tx, session_of(who, tx, session_id))
    shown = [{name: row[name] for name in ("number", "author", "created_at", "changes", "segments")} for row in found]
    return json_response({"data": shown[::-1], "next_cursor": None})


@router.get("/revisions/{number}", response_model=RevisionWithTimeline, summary="Read one revision")
def get_revision(
    request: Request, who: Reader, session_id: str, number: Annotated[int, Path(ge=0, le=2**31 - 1)]
) -> Any:
    """One state of the segments with the timeline that belongs to it."""
    with reading(request) as tx:
        row = revision_of(tx, session_of(who, tx, session_id), number)
    shown = ("number", "author", "created_at", "changes", "segments", "timeline")
    return json_response({name: row[name] for name in shown})
