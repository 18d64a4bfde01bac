"""Routes by which people add to a day: notes, names of voices, a new address of the recording."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Request, Response

from dayline.console import access_log
from dayline.db.database import Transaction
from dayline.domain.errors import Unavailable
from dayline.http.dependencies import Reader, Writer, api_context, reading
from dayline.http.responses import json_response
from dayline.http.routing import api_router, errors
from dayline.idempotency.requests import perform
from dayline.security.addresses import check_recording
from dayline.sessions import notes, people
from dayline.sessions.address_check import MOCK_DAYS
from dayline.sessions.loaders import session_of
from dayline.sessions.people_schemas import (
    NotePage,
    NoteRequest,
    NoteShown,
    RecordingAddress,
    SpeakerNames,
    SpeakersShown,
)
from dayline.sessions.schemas import SessionShown
from dayline.sessions.view import session_view

router = api_router("/v1/all-day-sessions/{session_id}", "All-day sessions", also=(409,))


@router.get("/notes", response_model=NotePage, summary="Read the notes of a session")
def list_notes(request: Request, who: Reader, session_id: str) -> Any:
    """Notes of the day that the caller may read."""
    with reading(request) as tx:
        found = notes.list_visible(tx, session_of(who, tx, session_id), who)
    return json_response({"data": found, "next_cursor": None})


@router.post("/notes", status_code=201, response_model=NoteShown, summary="Write a note")
def create_note(request: Request, who: Writer, session_id: str, body: NoteRequest) -> Response:
    """A note is signed with the person's name, or the key's id."""

    def work(tx: Transaction) -> NoteShown:
        session = session_of(who, tx, session_id, lock=True)
        made = notes.add(
            tx,
            session,
            who,
            at_seconds=body.at_seconds,
            segment_id=body.segment_id,
            text=body.text,
            visibility=body.visibility,
        )
        access_log.record(tx, who, "note_written", session_id=session_id, subject_id=made["id"])
        return made

    return perform(request, work, status=201)


@router.delete("/notes/{note_id}", status_code=204, response_class=Response, summary="Delete a note")
def delete_note(request: Request, who: Writer, session_id: str, note_id: str) -> Response:
    """Reps delete their own notes, coaches and keys any."""

    def work(tx: Transaction) -> None:
        notes.delete(tx, session_of(who, tx, session_id, lock=True), who, note_id)
        access_log.record(tx, who, "note_deleted", session_id=session_id, subject_id=note_id)

    return perform(request, work, status=204)


@router.patch("/speakers", response_model=SpeakersShown, summary="Name the voices of a session")
def name_speakers(request: Request, who: Writer, session_id: str, body: Annotated[SpeakerNames, Body()]) -> Response:
    """Names stand beside the labels: transcripts and analyses keep their labels."""
    return perform(request, lambda tx: people.name_speakers(tx, session_of(who, tx, session_id, lock=True), body))


@router.put(
    "/recording-url",
    response_model=SessionShown,
    responses=errors(422),
    summary="Give the recording a new address",
)
def replace_recording_url(request: Request, who: Writer, session_id: str, body: RecordingAddress) -> Response:
    """For an address that has expired. The file there must be the one that was processed: same size, same version."""
    context, url = api_context(request), body.recording_url
    check_recording(
        url,
        environment=who.environment,
        mocks=MOCK_DAYS,
        allowed=context.allow_networks,
        allow_http=context.allow_http,
    )
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
    if context.playback is None:
        raise Unavailable("This process cannot read recordings.")
    facts = context.playback.compare(session, url)

    def work(tx: Transaction) -> SessionShown:
        people.move_recording(tx, session_of(who, tx, session_id, lock=True), url, facts)
        return session_view(tx, session_id)

    return perform(request, work)
