"""Playback of a session's recording: open it, check it, cut clips of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2

from dayline.audio.clip import MAX_SECONDS, cut_clip
from dayline.audio.mp3_rate import has_constant_rate
from dayline.audio.sampled_hash import sampled_hash
from dayline.audio.sources.ranges import RangeSource, changed, open_blob, open_url
from dayline.clock import iso, now
from dayline.db.blobs import Blobs
from dayline.db.database import Database, Transaction
from dayline.db.records import SessionRecord
from dayline.domain.errors import Conflict, DaylineError, InvalidRequest, RateLimited, Unavailable
from dayline.domain.stored_json import FileFacts
from dayline.sessions import repository as sessions

MAX_RANGE_BYTES = 8 * 1024 * 1024
_OPEN_RANGE_SECONDS = 30.0
_OPEN_RANGE_BYTES = (128 * 1024, 2 * 1024 * 1024)
"""Least and most of an answer to a range without an end."""
FRESH = timedelta(minutes=5)
"""How long the result of a check is valid."""

_AT_ONCE_PER_SESSION = 2
_CLIPS_AT_ONCE = 2
_CLIP_WAIT_SECONDS = 20.0
_PROBE_BYTES = 64 * 1024


@dataclass(slots=True)
class Playback:
    """Opens recordings for listening. One per process.

    client: dials public addresses only and checks every redirect; it waits 15 s for a first byte.
    """

    blobs: Blobs
    client: httpx2.Client
    _open: Counter[str] = field(default_factory=Counter[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _clips: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_CLIPS_AT_ONCE))

    @contextmanager
    def opened(self, database: Database, session: SessionRecord) -> Generator[RangeSource]:
        """Open a session's recording, two at once at most per session. New facts about it are stored.

        Raises Conflict: invalid_state before the recording was read once and for made-up days, recording_gone,
        recording_changed; RateLimited; Unavailable.
        """
        check_readable(session)
        with self._slot(session.id):
            try:
                source = self._source(session)
                yield source
            except Conflict as error:
                if error.code.startswith("recording_"):
                    _remember(database, session, {"problem": str(error.details.get("reason", error.code))})
                raise
            if (session.audio or {}).get("problem") or (session.audio or {}).get("size_bytes") is None:
                seen: FileFacts = {"problem": None, "size_bytes": source.size_bytes, "etag": source.etag}
                _remember(database, session, seen)

    def clip(self, database: Database, session: SessionRecord, start_seconds: float, end_seconds: float) -> bytes:
        """Return a part of the recording as Opus in WebM. Raises as `opened`, and InvalidRequest for the range."""
        check_readable(session)
        duration = session.duration_seconds or 0.0
        if end_seconds - start_seconds > MAX_SECONDS:
            raise InvalidRequest(f"A clip lasts {MAX_SECONDS / 60:.0f} minutes at most.", field="end")
        if start_seconds >= duration:
            raise InvalidRequest(f"The recording ends at {duration:.3f} seconds.", field="start")
        if not self._clips.acquire(timeout=_CLIP_WAIT_SECONDS):
            raise Unavailable("Too many clips are being made at once. Try again.")
        try:
            with self.opened(database, session) as source:
                return cut_clip(source, start_seconds, min(end_seconds, duration))
        finally:
            self._clips.release()

    def look(self, database: Database, session: SessionRecord) -> bool:
        """Check whether the recording is still available, unless that was done within the last five minutes.

        Returns False when there was nothing to check or the result is unknown.
        """
        if not is_due(session):
            return False
        known = session.audio or {}
        try:
            with self._slot(session.id):
                source = self._source(session)
                head = source.read_at(0, _PROBE_BYTES)
                facts: FileFacts = {"size_bytes": source.size_bytes, "etag": source.etag}
                if _is_mp3(session) and known.get("is_constant_rate") is None:
                    middle = source.read_at(source.size_bytes // 2, _PROBE_BYTES)
                    facts["is_constant_rate"] = has_constant_rate(head, middle)
            _remember(database, session, {**facts, "problem": None})
        except (RateLimited, Unavailable):
            return False  # no answer now proves nothing about the recording
        except DaylineError as error:
            _remember(database, session, {"problem": str(error.details.get("reason", error.code))})
        return True

    def compare(self, session: SessionRecord, url: str) -> FileFacts:
        """Return the facts of the file at a new address of a session's recording.

        Length and a hash of three parts are compared; for days from before such hashes were kept, length and, where
        both servers name one, the ETag. Raises Conflict: recording_changed when it is another file than the one that
        was processed, recording_gone, invalid_state for an upload, a made-up day, or a file of which nothing is known;
        Unavailable.
        """
        check_readable(session)
        known = session.audio or {}
        if session.recording_url is None:
            raise Conflict("The recording was uploaded; it has no address of its own.")
        size_bytes = known.get("size_bytes")
        if size_bytes is None:
            raise Conflict("No facts about the processed file are stored, so a new file cannot be compared with it.")
        found = open_url(url, self.client, None, None)
        if found.size_bytes != size_bytes:
            raise changed()
        sampled = known.get("sampled_hash")
        if sampled is not None and sampled_hash(found.read_at, found.size_bytes) != sampled:
            raise changed()
        if sampled is None and _is_other_version(known.get("etag"), found.etag):
            raise changed()
        return {"size_bytes": found.size_bytes, "etag": found.etag}

    def _source(self, session: SessionRecord) -> RangeSource:
        known = session.audio or {}
        if session.file_key is not None:
            return open_blob(self.blobs, session.file_key, known.get("size_bytes"))
        return open_url(session.recording_url or "", self.client, known.get("size_bytes"), known.get("etag"))

    @contextmanager
    def _slot(self, session_id: str) -> Generator[None]:
        with self._lock:
            if self._open[session_id] >= _AT_ONCE_PER_SESSION:
                raise RateLimited(
                    "This recording is already being read twice. Wait for one of them.", retry_after_seconds=1.0
                )
            self._open[session_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[session_id] -= 1
                if self._open[session_id] <= 0:
                    del self._open[session_id]


def check_readable(session: SessionRecord) -> None:
    """Raise Conflict (invalid_state) for a day without sound, or whose recording was never read."""
    if (session.recording_url or "").startswith("mock://"):
        raise Conflict("A scripted day has no sound.", reason="mock")
    if not session.is_ingested:
        raise Conflict(
            f"The recording can be listened to once it has been read; the session is {session.status}.",
            reason="not_read_yet",
            status=session.status,
        )


def is_due(session: SessionRecord) -> bool:
    """Return whether the last check of a recording is outdated."""
    if not session.is_ingested or (session.recording_url or "").startswith("mock://"):
        return False
    checked = (session.audio or {}).get("checked_at")
    return checked is None or datetime.fromisoformat(checked) + FRESH < now()


def open_range_bytes(size_bytes: int, duration_seconds: float | None) -> int:
    """Return how much of a recording answers a range without an end, as browsers send it: about half a minute.

    Browsers look for a second at many places of a file and cancel answers that they have begun to read, so long answers
    are read from the recording's own address for nothing.
    """
    least, most = _OPEN_RANGE_BYTES
    wanted = size_bytes / duration_seconds * _OPEN_RANGE_SECONDS if duration_seconds else least
    return max(least, min(most, round(wanted)))


def parse_range(header: str | None, size_bytes: int, open_bytes: int = MAX_RANGE_BYTES) -> tuple[int, int] | None:
    """Return [start, end) of a single `Range` (RFC 9110), or None without one.

    At most `MAX_RANGE_BYTES` long, or `open_bytes` where the range has no end.

    Raises InvalidRequest for several ranges or another form, RangeNotSatisfiable past the end.
    """
    if header is None:
        return None
    unit, _, text = header.partition("=")
    first, dash, last = text.strip().partition("-")
    is_form = unit.strip().lower() == "bytes" and dash == "-" and all(_is_number(part) for part in (first, last))
    if not is_form or (not first and not last):
        raise InvalidRequest("Send a single range, such as `Range: bytes=0-1048575`.", field="Range")
    if not first:
        start, end = max(0, size_bytes - int(last)), size_bytes
        if int(last) == 0:
            raise RangeNotSatisfiable(size_bytes)
    else:
        start, end = int(first), size_bytes if not last else min(size_bytes, int(last) + 1)
        if last and int(last) < start:
            raise InvalidRequest("The range ends before it starts.", field="Range")
    if start >= size_bytes:
        raise RangeNotSatisfiable(size_bytes)
    return start, min(end, start + (MAX_RANGE_BYTES if last else open_bytes))


class RangeNotSatisfiable(Exception):
    """The range lies past the end of the file."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"the file has {size_bytes} bytes")
        self.size_bytes = size_bytes


def _is_number(text: str) -> bool:
    return text == "" or (text.isascii() and text.isdigit() and len(text) <= 15)


def _is_other_version(known: str | None, found: str | None) -> bool:
    """Return whether two servers name different ETags. Dates of last change differ between copies of one file."""
    return known is not None and found is not None and known[:1] == found[:1] == '"' and known != found


def _is_mp3(session: SessionRecord) -> bool:
    return (session.usage.get("recording") or {}).get("container") == "mp3"


def _remember(database: Database, session: SessionRecord, facts: FileFacts) -> None:
    """Merge new facts about a recording into the stored ones."""

    def write(tx: Transaction) -> None:
        current = sessions.lock(tx, session.id)
        if current is not None:
            audio: FileFacts = {**(current.audio or {}), **facts, "checked_at": iso(now())}
            sessions.set_values(tx, session.id, audio=audio)

    database.in_write(write)
