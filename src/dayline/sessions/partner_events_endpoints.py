"""Server-sent events of all sessions and analyses of a partner, resumable."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Generator
from dataclasses import dataclass
from typing import Annotated

import anyio
from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from dayline.auth.principal import Principal
from dayline.clock import iso, monotonic_seconds
from dayline.db.database import Database, Transaction
from dayline.db.records import EventRecord, SessionRecord
from dayline.domain.errors import Unauthenticated
from dayline.domain.json_types import JsonObject
from dayline.http.authentication import still_valid
from dayline.http.dependencies import Reader, api_context, reading
from dayline.http.routing import api_router
from dayline.http.streams import StreamSlots, resume_after
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.sessions.view import progress_json
from dayline.webhooks import events_repository as events

router = api_router("/v1/events", "All-day sessions")

_BATCH = 50
_MOST_RUNNING = 100
"""Most running sessions whose progress is sent; the newest ones."""


@dataclass(frozen=True, slots=True)
class _Changes:
    """Events after the last one sent, running sessions, and how far their transcription is."""

    new_events: list[EventRecord]
    running: list[SessionRecord]
    spoken: dict[str, tuple[int, int]]


def _place(request: Request, who: Reader) -> Generator[Principal]:
    """Hold one of the partner's places until the stream has ended. Raises RateLimited."""
    slots: StreamSlots = request.app.state.streams
    with slots.taken(who.partner_id):
        yield who


def _start(request: Request, after: Annotated[int | None, Depends(resume_after)]) -> int:
    """Return the number after which the stream begins: that of the header, else the newest one."""
    with reading(request) as tx:
        return events.newest_settled(tx) if after is None else after


@router.get("", response_class=EventSourceResponse, summary="Follow everything live")
async def follow_partner(
    request: Request,
    who: Annotated[Principal, Depends(_place)],
    start: Annotated[int, Depends(_start)],
    include_data: Annotated[
        bool, Query(description="false leaves `data` out of events: read what they name where it is needed.")
    ] = True,
) -> AsyncIterable[ServerSentEvent]:
    """Events of every session and analysis of the key's partner and environment, as webhooks carry them.

    `ready` comes first, with the id to go on after. `progress` carries the progress of running sessions. Send the last
    id back as `Last-Event-ID`: nothing in between is lost. Without it the stream begins now. `end` comes when the key
    was revoked (`status`: `key_revoked`). People who are signed in get events without `data` and of their own days.
    """
    context, check, after = api_context(request), still_valid(request), start
    with_data = include_data and who.role is None
    shown: dict[str, JsonObject] = {}
    until = monotonic_seconds() + context.events_max_seconds
    yield ServerSentEvent(event="ready", id=str(after), data={})
    while monotonic_seconds() < until:
        try:
            changes = await run_in_threadpool(_read_changes, context.database, check, who, after)
        except Unauthenticated as error:
            yield ServerSentEvent(event="end", data={"status": error.code})
            return
        for record in changes.new_events:
            after = record.number
            yield ServerSentEvent(event=record.type, id=str(record.number), data=_event(record, with_data=with_data))
        if len(changes.new_events) == _BATCH:
            continue
        told = {row.id: _progress(row, changes.spoken.get(row.id)) for row in changes.running}
        for session_id, progress in told.items():
            if shown.get(session_id) != progress:
                yield ServerSentEvent(event="progress", data=progress)
        shown = told
        await anyio.sleep(context.events_poll_seconds)


def _read_changes(database: Database, check: Callable[[Transaction], None], who: Principal, after: int) -> _Changes:
    """Read events after a number and what runs. Raises Unauthenticated when the caller may not go on."""
    environment, visibility = who.environment, who.visibility
    with database.read() as tx:
        check(tx)
        new_events = events.of_partner(
            tx, who.partner_id, environment=environment, after=after, limit=_BATCH, visibility=visibility
        )
        running = sessions.running(
            tx, who.partner_id, environment=environment, limit=_MOST_RUNNING, visibility=visibility
        )
        return _Changes(new_events, running, chunks.progress_of(tx, [row.id for row in running]) if running else {})


def _event(record: EventRecord, *, with_data: bool) -> JsonObject:
    shown: JsonObject = {
        "id": record.id,
        "type": record.type,
        "created_at": iso(record.created_at),
        "session_id": record.session_id,
        "analysis_id": record.analysis_id,
    }
    return {**shown, "data": record.body} if with_data else shown


def _progress(session: SessionRecord, spoken: tuple[int, int] | None) -> JsonObject:
    return {"session_id": session.id, "status": session.status, **progress_json(session, spoken)}
