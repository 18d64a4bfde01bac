"""Tools for whole days: submit, follow, list, read, correct."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from dayline.auth.principal import READ, WRITE
from dayline.domain.json_types import JsonObject
from dayline.domain.stored_json import StoredInterval
from dayline.domain.transcript import Transcript
from dayline.http.schemas import Address, FreeObject, Id, Moment, ResponseModel
from dayline.mcp.context import Ask, IdempotencyKey, ToolContext, checked
from dayline.sessions import service
from dayline.sessions.address_check import check_addresses
from dayline.sessions.captions import to_txt
from dayline.sessions.corrections.schemas import AnyChange, Corrections
from dayline.sessions.corrections.service import correct
from dayline.sessions.listing import Filters, list_page
from dayline.sessions.schemas import (
    FileKey,
    Options,
    SessionAccepted,
    SessionPage,
    SessionRequest,
    SessionShown,
    Status,
)
from dayline.sessions.view import session_view

Limit = Annotated[int, Field(ge=1, le=100, description="How many rows at most.")]
Cursor = Annotated[str | None, Field(min_length=1, max_length=512, description="`next_cursor` of the page before.")]
SessionId = Annotated[str, Field(description="Id of the day, as submit_day and list_days give it.")]
AtSeconds = Annotated[float | None, Field(ge=0, allow_inf_nan=False, description="Seconds on the recording's clock.")]
Characters = Annotated[int, Field(ge=1_000, le=1_000_000, description="Longest transcript in one answer.")]


class DayRead(ResponseModel):
    """What happened in a window of a day, and what was said in it.

    `transcript` is a line per turn, `[hh:mm:ss] speaker: text`. When it had to end early, `next_start_seconds` is
    the start of the window that goes on; else it is null.
    """

    session_id: str
    revision: int
    start_seconds: float
    end_seconds: float
    timeline: list[StoredInterval]
    transcript: str
    next_start_seconds: float | None


class DayTools:
    """The tools; models read the docstrings of the methods."""

    def __init__(self, tools: ToolContext) -> None:
        self._tools = tools

    def submit_day(
        self,
        ask: Ask,
        org_id: Annotated[Id, Field(description="Your id of the org. It is created when it does not exist.")],
        rep_id: Annotated[Id, Field(description="Your id of the rep whose day was recorded.")],
        recording_url: Annotated[
            Address | None, Field(description="Publicly reachable HTTPS URL of the audio; mock:// for sandbox keys.")
        ] = None,
        file_key: Annotated[FileKey | None, Field(description="Key of an upload of yours, instead of a URL.")] = None,
        options: Annotated[Options | None, Field(description="How to work on the day.")] = None,
        metadata: Annotated[FreeObject | None, Field(description="Anything of yours, returned as given.")] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> SessionAccepted:
        """Submit one recording of up to a whole workday. Give exactly one of recording_url and file_key. Every call
        makes a new day, unless it repeats an idempotency_key. Follow it with get_day until its status is completed or
        failed."""
        who = self._tools.caller(ask, WRITE)
        fields: JsonObject = {
            "org_id": org_id,
            "rep_id": rep_id,
            "recording_url": recording_url,
            "file_key": file_key,
            "options": options or Options(),
            "metadata": metadata or {},
        }
        request = checked(SessionRequest, fields)
        check_addresses(
            request,
            environment=who.environment,
            allowed=self._tools.allow_networks,
            allow_http=self._tools.allow_http,
        )
        return self._tools.once(
            who,
            idempotency_key,
            "submit_day",
            request.model_dump(mode="json"),
            lambda tx: service.submit(
                tx, self._tools.jobs, request, partner_id=who.partner_id, environment=who.environment
            ),
        )

    def get_day(self, ask: Ask, session_id: SessionId) -> SessionShown:
        """Read a day: status, progress, every customer conversation found in it with confidence and reasons, the
        rollup, and the id of each conversation's analysis."""
        who = self._tools.caller(ask, READ)
        with self._tools.database.read() as tx:
            return session_view(tx, self._tools.session(tx, who, session_id).id)

    def list_days(
        self,
        ask: Ask,
        limit: Limit = 20,
        cursor: Cursor = None,
        org_id: Id | None = None,
        rep_id: Id | None = None,
        status: Status | None = None,
        created_after: Moment | None = None,
        created_before: Moment | None = None,
    ) -> SessionPage:
        """List days, newest first. Keep the filters while following next_cursor."""
        who = self._tools.caller(ask, READ)
        filters = Filters(org_id, rep_id, status, created_after, created_before)
        scope = f"list_days|{filters.scope(who.environment)}"
        after = self._tools.position(who, cursor, scope)
        with self._tools.database.read() as tx:
            found, last = list_page(
                tx, who.partner_id, environment=who.environment, limit=limit, after=after, filters=filters
            )
        return _shown({"data": found, "next_cursor": self._tools.next_cursor(who, last, scope)})

    def read_day(
        self,
        ask: Ask,
        session_id: SessionId,
        segment_id: Annotated[str | None, Field(description="Only this conversation.")] = None,
        start_seconds: AtSeconds = None,
        end_seconds: AtSeconds = None,
        max_characters: Characters = 60_000,
    ) -> DayRead:
        """Read what every second of a day was (customer, internal, personal, broadcast, other_speech, silence, each
        with its reasons) and what was said: of the whole day, of one segment, or between two times. A long transcript
        ends early and gives next_start_seconds to go on from."""
        who = self._tools.caller(ask, READ)
        with self._tools.database.read() as tx:
            session = self._tools.session(tx, who, session_id)
            spoken = service.spoken_in(tx, session, segment_id)
            timeline = service.timeline_of(tx, session)
        first = max(spoken.start_seconds, start_seconds or 0.0)
        last = spoken.start_seconds + spoken.duration_seconds
        last = max(first, last if end_seconds is None else min(last, end_seconds))
        part, goes_on_at = _up_to(spoken.slice(first, last), max_characters)
        end = last if goes_on_at is None else goes_on_at
        return _shown(
            {
                "session_id": session.id,
                "revision": session.revision,
                "start_seconds": round(first, 3),
                "end_seconds": round(end, 3),
                "timeline": [s for s in timeline if s["end_seconds"] > first and s["start_seconds"] < end],
                "transcript": to_txt(part),
                "next_start_seconds": goes_on_at,
            }
        )

    def correct_day(
        self,
        ask: Ask,
        session_id: SessionId,
        revision: Annotated[int, Field(ge=0, description="The day's `revision` that the changes start from.")],
        changes: Annotated[list[AnyChange], Field(min_length=1, max_length=100)],
        idempotency_key: IdempotencyKey = None,
    ) -> SessionShown:
        """Correct a completed day's segments: adjust, split, merge, relabel, add or remove, in this order, all or none.
        Only touched conversations are analysed again."""
        who = self._tools.caller(ask, WRITE)
        wanted = checked(Corrections, {"revision": revision, "changes": changes})
        return self._tools.once(
            who,
            idempotency_key,
            "correct_day",
            {"session_id": session_id, **wanted.model_dump(mode="json")},
            lambda tx: correct(
                tx,
                self._tools.jobs,
                self._tools.session(tx, who, session_id, lock=True),
                wanted,
                author=f"key {who.key_id}",
            ),
        )


def _up_to(transcript: Transcript, max_characters: int) -> tuple[Transcript, float | None]:
    """Return the utterances that fit, at least one, and the start of the first that does not."""
    used = 0
    for index, utterance in enumerate(transcript.utterances):
        used += len(utterance.text) + 16
        if used > max_characters and index > 0:
            start = utterance.start_seconds
            return transcript.slice(transcript.start_seconds, start), start
    return transcript, None


def _shown(body: Mapping[str, object]) -> Any:
    """Return a view to the protocol layer, which validates it against the tool's published schema."""
    return body
