"""All-day sessions: submit, follow, read, correct, delete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal, Unpack, cast

import httpx2

from dayline_client.errors import ApiError, ConnectionFailed, InvalidResponse
from dayline_client.pagination import Listing
from dayline_client.polling import FOUR_HOURS, wait_for
from dayline_client.transport import MAX_ANSWER_BYTES, Transport, part
from dayline_client.types.console import AccessLine, Note, NoteRequest, Notes, Speakers
from dayline_client.types.corrections import Change, CorrectionPreview, Revisions, RevisionWithTimeline
from dayline_client.types.search import ConversationFound
from dayline_client.types.sessions import (
    AnalysisHandle,
    AnalyzeSegment,
    DayTranscript,
    LiveEvent,
    Receipt,
    SeekTable,
    Segments,
    Session,
    SessionAccepted,
    SessionRequest,
    SessionStatus,
    SessionSummary,
    Timeline,
    Waveform,
)

_PATH = "/v1/all-day-sessions"
_SILENCE_SECONDS = 90.0


class Sessions:
    """Recordings of whole days. Every method raises ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def submit(self, *, idempotency_key: str | None = None, **request: Unpack[SessionRequest]) -> SessionAccepted:
        """Submit a recording. With your own idempotency key, a repetition after a crash creates no second session."""
        return self._transport.call("POST", _PATH, body=request, idempotency_key=idempotency_key).json

    def submit_and_wait(
        self,
        *,
        timeout_seconds: float = FOUR_HOURS,
        idempotency_key: str | None = None,
        **request: Unpack[SessionRequest],
    ) -> Session:
        """Submit a recording and return the completed session. Also raises JobFailed, WaitedTooLong."""
        taken = self.submit(idempotency_key=idempotency_key, **request)
        return self.wait(taken["id"], timeout_seconds=timeout_seconds)

    def wait(self, session_id: str, *, timeout_seconds: float = FOUR_HOURS) -> Session:
        """Wait for a session and return it when completed. Also raises JobFailed, WaitedTooLong."""
        return wait_for(lambda: self.get(session_id), timeout_seconds)

    def list(
        self,
        *,
        org_id: str | None = None,
        rep_id: str | None = None,
        status: SessionStatus | None = None,
        created_after: datetime | str | None = None,
        created_before: datetime | str | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Listing[Session]:
        """List sessions, newest first."""
        query = {
            "org_id": org_id,
            "rep_id": rep_id,
            "status": status,
            "created_after": created_after,
            "created_before": created_before,
            "view": "full",
            "limit": limit,
            "cursor": cursor,
        }
        return Listing(self._transport, _PATH, query)

    def summaries(
        self,
        *,
        org_id: str | None = None,
        rep_id: str | None = None,
        status: SessionStatus | None = None,
        created_after: datetime | str | None = None,
        created_before: datetime | str | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Listing[SessionSummary]:
        """List session summaries, newest first: totals and the day as a strip, without segments."""
        query = {
            "org_id": org_id,
            "rep_id": rep_id,
            "status": status,
            "created_after": created_after,
            "created_before": created_before,
            "view": "summary",
            "limit": limit,
            "cursor": cursor,
        }
        return Listing(self._transport, _PATH, query)

    def search(
        self,
        q: str,
        *,
        org_id: str | None = None,
        rep_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Listing[ConversationFound]:
        """Search conversations that contain every word of `q`, newest first.

        Only days recorded at or after `since` and before `until` are searched.
        """
        query = {
            "q": q,
            "org_id": org_id,
            "rep_id": rep_id,
            "since": since,
            "until": until,
            "limit": limit,
            "cursor": cursor,
        }
        return Listing(self._transport, "/v1/search", query)

    def get(self, session_id: str) -> Session:
        """Get status, progress, segments and rollup."""
        return self._transport.call("GET", _of(session_id)).json

    def delete(self, session_id: str) -> Receipt:
        """Delete a session and everything derived from it. The receipt lists what was removed."""
        return self._transport.call("DELETE", _of(session_id)).json

    def cancel(self, session_id: str) -> Session:
        """Stop processing. The session is then `failed` with the error code `cancelled`."""
        return self._transport.call("POST", _of(session_id, "cancel")).json

    def retry(self, session_id: str) -> SessionAccepted:
        """Continue a failed session from where it failed."""
        return self._transport.call("POST", _of(session_id, "retry")).json

    def segments(self, session_id: str) -> Segments:
        """Get the customer conversations of the day."""
        return self._transport.call("GET", _of(session_id, "segments")).json

    def correct(self, session_id: str, *, revision: int, changes: Iterable[Change]) -> Session:
        """Apply all changes in the given order, or none. `revision` is the one that they are based on."""
        body = {"revision": revision, "changes": [*changes]}
        return self._transport.call("PATCH", _of(session_id, "segments"), body=body, query={"dry_run": False}).json

    def preview(self, session_id: str, *, revision: int, changes: Iterable[Change]) -> CorrectionPreview:
        """List the segments that a correction would analyse again or remove. Changes nothing."""
        body = {"revision": revision, "changes": [*changes]}
        return self._transport.call("PATCH", _of(session_id, "segments"), body=body, query={"dry_run": True}).json

    def restore(self, session_id: str, number: int, *, revision: int | None = None) -> Session:
        """Restore an earlier revision with its analyses. `revision` is the current one, as last read."""
        path = _of(session_id, "revisions", str(number), "restore")
        return self._transport.call("POST", path, body={"revision": revision}).json

    def analyze_segment(self, session_id: str, segment_id: str, **request: Unpack[AnalyzeSegment]) -> AnalysisHandle:
        """Analyse one segment again, or one below the threshold. Nothing is transcribed again."""
        path = _of(session_id, "segments", segment_id, "analyze")
        return self._transport.call("POST", path, body=request).json

    def revisions(self, session_id: str) -> Revisions:
        """List all revisions of the segments, newest first."""
        return self._transport.call("GET", _of(session_id, "revisions")).json

    def revision(self, session_id: str, number: int) -> RevisionWithTimeline:
        """Get one revision of the segments with its timeline. 0 is the detected state."""
        return self._transport.call("GET", _of(session_id, "revisions", str(number))).json

    def timeline(self, session_id: str) -> Timeline:
        """Get the timeline: every second of the day has exactly one label."""
        return self._transport.call("GET", _of(session_id, "timeline")).json

    def transcript(
        self,
        session_id: str,
        *,
        segment: str | None = None,
        start: float = 0,
        end: float | None = None,
        words: bool = True,
        partial: bool = False,
    ) -> DayTranscript:
        """Get the transcript of the day or a part of it; with `partial` also while the day is processed."""
        query = {"segment": segment, "start": start, "end": end, "words": words, "partial": partial}
        return self._transport.call("GET", _of(session_id, "transcript"), query={"format": "json", **query}).json

    def captions(
        self,
        session_id: str,
        *,
        format: Literal["vtt", "srt", "txt"] = "vtt",
        segment: str | None = None,
        start: float = 0,
        end: float | None = None,
        partial: bool = False,
    ) -> str:
        """Get the transcript as captions or plain text."""
        query = {"segment": segment, "start": start, "end": end, "words": True, "partial": partial, "format": format}
        return self._transport.call("GET", _of(session_id, "transcript"), query=query, accept="*/*").body.decode()

    def waveform(self, session_id: str, *, points: int = 2000, start: float = 0, end: float | None = None) -> Waveform:
        """Get at most `points` peaks of the waveform, of the whole day or a part of it."""
        query = {"points": points, "start": start, "end": end}
        return self._transport.call("GET", _of(session_id, "waveform"), query=query).json

    def audio(self, session_id: str, *, first_byte: int = 0, last_byte: int | None = None, from_byte: int = 0) -> bytes:
        """Get a part of the recording from `from_byte` on, which may be an entry of the seek table.

        At most 8 MiB, or about half a minute without `last_byte`.
        """
        headers = {"Range": f"bytes={first_byte}-{'' if last_byte is None else last_byte}"}
        return self._transport.call(
            "GET", _of(session_id, "audio"), query={"from_byte": from_byte}, headers=headers, accept="*/*"
        ).body

    def seek_table(self, session_id: str) -> SeekTable:
        """Get the byte offset of every tenth second in an mp3 or a raw AAC file."""
        return self._transport.call("GET", _of(session_id, "audio", "seek-table")).json

    def clip(self, session_id: str, *, start: float, end: float) -> bytes:
        """Get a part of the recording, at most 15 minutes, as Opus in WebM."""
        query = {"start": start, "end": end}
        return self._transport.call("GET", _of(session_id, "audio", "clip"), query=query, accept="*/*").body

    def access_log(self, session_id: str, *, limit: int = 50, cursor: str | None = None) -> Listing[AccessLine]:
        """List accesses to the day in the web console, newest first."""
        return Listing(self._transport, _of(session_id, "access-log"), {"limit": limit, "cursor": cursor})

    def notes(self, session_id: str) -> Notes:
        """List the notes of the day."""
        return self._transport.call("GET", _of(session_id, "notes")).json

    def add_note(self, session_id: str, **request: Unpack[NoteRequest]) -> Note:
        """Add a note at a second of the day."""
        return self._transport.call("POST", _of(session_id, "notes"), body=request).json

    def delete_note(self, session_id: str, note_id: str) -> None:
        """Delete a note."""
        self._transport.call("DELETE", _of(session_id, "notes", note_id))

    def name_speakers(self, session_id: str, names: dict[str, str | None]) -> Speakers:
        """Name speaker labels of the transcript; None removes a name."""
        return self._transport.call("PATCH", _of(session_id, "speakers"), body=names).json

    def replace_recording_url(self, session_id: str, *, recording_url: str) -> Session:
        """Replace the URL of the recording; the new one must serve the identical file."""
        body = {"recording_url": recording_url}
        return self._transport.call("PUT", _of(session_id, "recording-url"), body=body).json

    def follow(self, session_id: str, *, last_event_id: str | None = None) -> Iterator[LiveEvent]:
        """Yield the events of a session as they occur; ends with the event `end`.

        A broken connection is resumed where it ended. Raises ConnectionFailed if that fails repeatedly.
        """
        yield from self._follow(_of(session_id, "events"), last_event_id)

    def follow_all(self, *, include_data: bool = True, last_event_id: str | None = None) -> Iterator[LiveEvent]:
        """Yield the events of all sessions and analyses of the key's partner, from now or from a given event on.

        Starts with `ready`, whose id can be used to resume, and does not end by itself; `end` is sent when the key is
        revoked. A broken connection is resumed. Raises ConnectionFailed if that fails repeatedly.
        """
        yield from self._follow(f"/v1/events?include_data={str(include_data).lower()}", last_event_id)

    def _follow(self, path: str, last_event_id: str | None) -> Iterator[LiveEvent]:
        failures = 0
        while True:
            asked_seconds = None
            headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
            try:
                with self._transport.listen(path, headers, silence_seconds=_SILENCE_SECONDS) as stream:
                    for message in httpx2.EventSource(stream, max_event_size=MAX_ANSWER_BYTES):
                        event = _live(message)
                        failures = 0
                        last_event_id = event["id"] or last_event_id
                        yield event
                        if message.event == "end":
                            return
            except (httpx2.TransportError, InvalidResponse) as error:
                # InvalidResponse: an event that was cut off counts as a broken connection.
                failures += 1
                if failures >= self._transport.retry_policy.attempts:
                    raise ConnectionFailed(f"The live view broke {failures} times: {type(error).__name__}") from error
            except ApiError as error:
                failures += 1
                if not self._transport.is_retryable(error) or failures >= self._transport.retry_policy.attempts:
                    raise
                asked_seconds = error.retry_after_seconds
            self._transport.pause(max(1, failures), asked_seconds)


def _live(message: httpx2.ServerSentEvent) -> LiveEvent:
    try:
        data = cast(dict[str, Any], message.json())
    except ValueError as error:
        raise InvalidResponse("The live view sent data that is not JSON.") from error
    return {"event": message.event, "id": message.id or None, "data": data}


def _of(session_id: str, *rest: str) -> str:
    return "/".join((_PATH, *map(part, (session_id, *rest))))
