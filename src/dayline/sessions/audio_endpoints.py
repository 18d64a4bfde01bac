"""Routes for listening: the recording itself, range by range, and exact clips of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query, Request, Response

from dayline.audio.clip import MEDIA_TYPE
from dayline.audio.seek_table import Point, unpack
from dayline.console import access_log
from dayline.db.database import Transaction
from dayline.domain.errors import InvalidRequest, Unavailable
from dayline.domain.json_types import JsonObject
from dayline.http.dependencies import Reader, api_context, reading
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.sessions import documents_repository as documents
from dayline.sessions.document_schemas import SeekPoint, SeekTable
from dayline.sessions.documents_endpoints import LONGEST_SECONDS, check_range
from dayline.sessions.loaders import session_of
from dayline.sessions.playback import MAX_RANGE_BYTES, Playback, RangeNotSatisfiable, open_range_bytes, parse_range
from dayline.sessions.playback_state import media_type

router = api_router("/v1/all-day-sessions/{session_id}/audio", "All-day sessions", also=(409, 422))

LARGEST_BYTES = 2**43
_BINARY: JsonObject = {"schema": {"type": "string", "format": "binary"}}
_SAFE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of served recordings: untrusted bytes are never executed, sniffed or cached."""


@router.get(
    "",
    response_class=Response,
    summary="Listen to the recording",
    responses={
        200: {
            "content": {"audio/*": _BINARY},
            "description": "The whole file, when it is small and no range was sent.",
        },
        206: {
            "content": {"audio/*": _BINARY},
            "description": "The range, at most 8 MiB of it; about half a minute where it has no end.",
        },
        416: {"description": "The recording does not have the range that was asked for."},
    },
)
def get_audio(
    request: Request,
    who: Reader,
    session_id: str,
    from_byte: Annotated[
        int, Query(ge=0, le=LARGEST_BYTES, description="A `byte` of the seek table: the answer begins there.")
    ] = 0,
    range: Annotated[
        str | None,
        Header(
            description="A single range, such as `bytes=0-1048575`.",
            json_schema_extra={"pattern": "^bytes=([0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})$"},
        ),
    ] = None,
) -> Response:
    """Bytes of the recording as it is, from the upload or from its own address; nothing is stored here.

    With `from_byte` the recording begins at that frame, and ranges count from there: give a player this address and add
    the `seconds` of the point to its time. 409 `recording_gone` when it is no longer available, `recording_changed`
    when the file is not the one that was processed.
    """
    context, database = api_context(request), api_context(request).database
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
        if from_byte and from_byte not in {byte for _, byte in seek_points(tx, session.id)}:
            raise InvalidRequest(
                "`from_byte` must be one of the bytes of `GET .../audio/seek-table`.", field="from_byte"
            )
    with _playback(context.playback).opened(database, session) as source:
        size = max(0, source.size_bytes - from_byte)
        try:
            wanted = parse_range(range, size, open_range_bytes(source.size_bytes, session.duration_seconds))
        except RangeNotSatisfiable:
            return Response(status_code=416, headers={**_SAFE, "Content-Range": f"bytes */{size}"})
        if wanted is None and size > MAX_RANGE_BYTES:
            raise InvalidRequest("The recording is large: ask for it by `Range: bytes=0-` and go on from there.")
        start, end = wanted or (0, size)
        body = source.read_at(from_byte + start, end - start)
    access_log.record_view(database, who, "played", session_id=session.id)
    container = (session.usage.get("recording") or {}).get("container")
    headers = {**_SAFE, "Accept-Ranges": "bytes"}
    if wanted is not None:
        headers["Content-Range"] = f"bytes {start}-{start + len(body) - 1}/{size}"
    return Response(body, 200 if wanted is None else 206, headers=headers, media_type=media_type(container))


@router.get("/seek-table", response_model=SeekTable, summary="Read the seek table of the recording")
def get_seek_table(request: Request, who: Reader, session_id: str) -> Response:
    """For mp3 and bare AAC, which have no table of times of their own: the frame nearest to every tenth second."""
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
        points = [SeekPoint(seconds=seconds, byte=byte) for seconds, byte in seek_points(tx, session.id)]
    return json_response(SeekTable(session_id=session.id, points=points))


@router.get(
    "/clip",
    response_class=Response,
    summary="Listen to a part of the recording",
    responses={200: {"content": {MEDIA_TYPE: _BINARY}}},
)
def get_clip(
    request: Request,
    who: Reader,
    session_id: str,
    start: Annotated[float, Query(ge=0, le=LONGEST_SECONDS, description="First second.")],
    end: Annotated[float, Query(gt=0, le=LONGEST_SECONDS, description="Last second; 15 minutes later at most.")],
) -> Response:
    """Opus in WebM, exact to the sample, also of formats that browsers do not play. Made on each request."""
    check_range(start, end)
    context, database = api_context(request), api_context(request).database
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
    body = _playback(context.playback).clip(database, session, start, end)
    access_log.record_view(database, who, "played", session_id=session.id)
    return Response(body, headers=_SAFE, media_type=MEDIA_TYPE)


def seek_points(tx: Transaction, session_id: str) -> list[Point]:
    """Return the places of a session's seek table; none where there is no need of one."""
    body = documents.get(tx, session_id, "seek")
    return [] if body is None else unpack(body)


def _playback(found: Playback | None) -> Playback:
    if found is None:
        raise Unavailable("This process cannot read recordings.")
    return found
