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
        """Submit a recording. With a key of your own, submitting again after a crash submits nothing twice."""
        return self._transport.call("POST", _PATH, body=request, idempotency_key=idempotency_key).json

    def submit_and_wait(
        self,
        *,
        timeout_seconds: float = FOUR_HOURS,
        idempotency_key: str | None = None,
        **request: Unpack[SessionRequest],
    ) -> Session:
        """Submit a recording and return the completed session. Raises JobFailed, WaitedTooLong besides."""
        taken = self.submit(idempotency_key=idempotency_key, **request)
        return self.wait(taken["id"], timeout_seconds=timeout_seconds)

    def wait(self, session_id: str, *, timeout_seconds: float = FOUR_HOURS) -> Session:
        """Return the session once it is completed. Raises JobFailed, WaitedTooLong besides."""
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
        """Sessions, newest first."""
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
        """Sessions in short, newest first: sums and the day as a strip, without segments."""
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
        """Conversations in which every word of `q` occurs, newest first. `since` and `until` bound the day's time."""
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
        """Status, progress, segments, rollup."""
        return self._transport.call("GET", _of(session_id)).json

    def delete(self, session_id: str) -> Receipt:
        """Delete a session and everything made of it. The receipt names what was removed."""
        return self._transport.call("DELETE", _of(session_id)).json

    def cancel(self, session_id: str) -> Session:
        """Stop the work. The session is then `failed` with the error code `cancelled`."""
        return self._transport.call("POST", _of(session_id, "cancel")).json

    def retry(self, session_id: str) -> SessionAccepted:
        """Let a failed session go on from where it failed."""
        return self._transport.call("POST", _of(session_id, "retry")).json

    def segments(self, session_id: str) -> Segments:
        """The customer conversations of the day."""
        return self._transport.call("GET", _of(session_id, "segments")).json

    def correct(self, session_id: str, *, revision: int, changes: Iterable[Change]) -> Session:
        """Make all changes, in their order, or none. `revision` is the one that they start from."""
        body = {"revision": revision, "changes": [*changes]}
        return self._transport.call("PATCH", _of(session_id, "segments"), body=body, query={"dry_run": False}).json

    def preview(self, session_id: str, *, revision: int, changes: Iterable[Change]) -> CorrectionPreview:
        """Which segments a correction would have analysed again, and which would be gone. Changes nothing."""
        body = {"revision": revision, "changes": [*changes]}
        return self._transport.call("PATCH", _of(session_id, "segments"), body=body, query={"dry_run": True}).json

    def restore(self, session_id: str, number: int, *, revision: int | None = None) -> Session:
        """Bring back an earlier revision with its analyses. `revision` is the present one, as it was read."""
        path = _of(session_id, "revisions", str(number), "restore")
        return self._transport.call("POST", path, body={"revision": revision}).json

    def analyze_segment(self, session_id: str, segment_id: str, **request: Unpack[AnalyzeSegment]) -> AnalysisHandle:
        """Analyse one segment again, or one below the threshold. Nothing is transcribed again."""
        path = _of(session_id, "segments", segment_id, "analyze")
        return self._transport.call("POST", path, body=request).json

    def revisions(self, session_id: str) -> Revisions:
        """Every state of the segments, newest first."""
        return self._transport.call("GET", _of(session_id, "revisions")).json

    def revision(self, session_id: str, number: int) -> RevisionWithTimeline:
        """One state of the segments with its timeline. 0 is what was detected."""
        return self._transport.call("GET", _of(session_id, "revisions", str(number))).json

    def timeline(self, session_id: str) -> Timeline:
        """Every second of the day under exactly one label."""
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
        """What was said, in the whole day or in a part of it; with `partial` also while the day runs."""
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
        """The transcript as text for players and people."""
        query = {"segment": segment, "start": start, "end": end, "words": True, "partial": partial, "format": format}
        return self._transport.call("GET", _of(session_id, "transcript"), query=query, accept="*/*").body.decode()

    def waveform(self, session_id: str, *, points: int = 2000, start: float = 0, end: float | None = None) -> Waveform:
        """Peaks for drawing, at most `points` of them, of the whole day or a part of it."""
        query = {"points": points, "start": start, "end": end}
        return self._transport.call("GET", _of(session_id, "waveform"), query=query).json

    def audio(self, session_id: str, *, first_byte: int = 0, last_byte: int | None = None, from_byte: int = 0) -> bytes:
        """Bytes of the recording itself, 8 MiB at most; go on from there. `from_byte`: a place of the seek table."""
        headers = {"Range": f"bytes={first_byte}-{'' if last_byte is None else last_byte}"}
        return self._transport.call(
            "GET", _of(session_id, "audio"), query={"from_byte": from_byte}, headers=headers, accept="*/*"
        ).body

    def seek_table(self, session_id: str) -> SeekTable:
        """Where seconds lie in an mp3 or a bare AAC file, every ten seconds."""
        return self._transport.call("GET", _of(session_id, "audio", "seek-table")).json

    def clip(self, session_id: str, *, start: float, end: float) -> bytes:
        """A part of the recording, 15 minutes at most, as Opus in WebM."""
        query = {"start": start, "end": end}
        return self._transport.call("GET", _of(session_id, "audio", "clip"), query=query, accept="*/*").body

    def access_log(self, session_id: str, *, limit: int = 50, cursor: str | None = None) -> Listing[AccessLine]:
        """Who looked at the day in the web console, newest first."""
        return Listing(self._transport, _of(session_id, "access-log"), {"limit": limit, "cursor": cursor})

    def notes(self, session_id: str) -> Notes:
        """What people wrote at seconds of the day."""
        return self._transport.call("GET", _of(session_id, "notes")).json

    def add_note(self, session_id: str, **request: Unpack[NoteRequest]) -> Note:
        """Write a note at a second of the day."""
        return self._transport.call("POST", _of(session_id, "notes"), body=request).json

    def delete_note(self, session_id: str, note_id: str) -> None:
        """Delete a note."""
        self._transport.call("DELETE", _of(session_id, "notes", note_id))

    def name_speakers(self, session_id: str, names: dict[str, str | None]) -> Speakers:
        """Give names to labels of the transcript; None takes a name away."""
        return self._transport.call("PATCH", _of(session_id, "speakers"), body=names).json

    def replace_recording_url(self, session_id: str, *, recording_url: str) -> Session:
        """Give the recording a new address, where the very same file stands."""
        body = {"recording_url": recording_url}
        return self._transport.call("PUT", _of(session_id, "recording-url"), body=body).json

    def follow(self, session_id: str, *, last_event_id: str | None = None) -> Iterator[LiveEvent]:
        """Yield what happens to a session while it happens; ends with the event `end`.

        A broken connection is taken up again where it ended. Raises ConnectionFailed when that fails repeatedly.
        """
        yield from self._follow(_of(session_id, "events"), last_event_id)

    def follow_all(self, *, include_data: bool = True, last_event_id: str | None = None) -> Iterator[LiveEvent]:
        """Yield what happens to every session and analysis of the key's partner, from now or from an event on.

        Starts with `ready`, whose id is where to go on from, and does not end by itself; `end` comes when the key is
        revoked. A broken connection is taken up again. Raises ConnectionFailed when that fails repeatedly.
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
                # InvalidResponse: an event that was cut off in its middle counts as a broken connection.
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
