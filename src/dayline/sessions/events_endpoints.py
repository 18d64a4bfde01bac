"""Server-sent events of one session, resumable after a broken connection."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable
from typing import Annotated

import anyio
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from dayline.clock import iso, monotonic_seconds
from dayline.db.database import Database, Transaction
from dayline.db.records import EventRecord, SessionRecord
from dayline.domain.errors import Unauthenticated
from dayline.domain.json_types import JsonObject
from dayline.domain.status import SessionStatus
from dayline.http.authentication import still_valid
from dayline.http.dependencies import Reader, api_context, reading
from dayline.http.routing import api_router
from dayline.http.streams import resume_after
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.sessions.loaders import session_of
from dayline.sessions.view import progress_json
from dayline.webhooks import events_repository as events

router = api_router("/v1/all-day-sessions/{session_id}", "All-day sessions")

_BATCH = 50


def _session(request: Request, who: Reader, session_id: str) -> SessionRecord:
    """Find the session before the stream begins, so that a missing one is a plain 404."""
    with reading(request) as tx:
        return session_of(who, tx, session_id)


@router.get("/events", response_class=EventSourceResponse, summary="Follow a session live")
async def follow_session(
    request: Request,
    session: Annotated[SessionRecord, Depends(_session)],
    last_seen: Annotated[int | None, Depends(resume_after)],
) -> AsyncIterable[ServerSentEvent]:
    """Named events as webhooks carry them, `progress` in between, and `end` when the session has ended.

    The id of a named event can be sent back as `Last-Event-ID`; nothing in between is lost. `end` also comes when the
    key of the stream was revoked (`status`: `key_revoked`) or the session was deleted (`status`: `deleted`).
    """
    context = api_context(request)
    check = still_valid(request)
    shown: JsonObject | None = None
    after = last_seen or 0
    until = monotonic_seconds() + context.events_max_seconds
    while monotonic_seconds() < until:
        try:
            current, counts, new_events = await run_in_threadpool(
                _read_changes, context.database, check, session.id, after
            )
        except Unauthenticated as error:
            yield ServerSentEvent(event="end", data={"status": error.code})
            return
        if current is None:
            yield ServerSentEvent(event="end", data={"status": "deleted"})
            return
        for record in new_events:
            after = record.number
            yield ServerSentEvent(event=record.type, id=str(record.number), data=_event(record))
        if len(new_events) == _BATCH:
            continue
        progress: JsonObject = {"status": current.status, **progress_json(current, counts)}
        if progress != shown:
            shown = progress
            yield ServerSentEvent(event="progress", data=progress)
        if SessionStatus(current.status).is_terminal:
            yield ServerSentEvent(event="end", data={"status": current.status})
            return
        await anyio.sleep(context.events_poll_seconds)


def _read_changes(
    database: Database, check: Callable[[Transaction], None], session_id: str, after: int
) -> tuple[SessionRecord | None, tuple[int, int] | None, list[EventRecord]]:
    """Read the session and its events after a number. Raises Unauthenticated when the caller may not go on."""
    with database.read() as tx:
        check(tx)
        # The row first: an event that ends the session is written with the row, so it is among those read after it.
        session = sessions.get(tx, session_id)
        counts = chunks.progress_of(tx, [session_id]).get(session_id)
        return session, counts, events.of_session(tx, session_id, after=after, limit=_BATCH)


def _event(record: EventRecord) -> JsonObject:
    return {"id": record.id, "type": record.type, "created_at": iso(record.created_at), "data": record.body}
