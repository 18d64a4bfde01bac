"""Routes that read the parts of a session: segments, timeline, transcript, waveform."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.responses import PlainTextResponse

from dayline.audio.waveform import MAX_POINTS, decode_peaks
from dayline.console import access_log
from dayline.console.schemas import AccessPage
from dayline.domain.errors import Conflict, InvalidRequest
from dayline.http.dependencies import Reader, reading
from dayline.http.pagination_params import Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.http.schemas import Uuid
from dayline.scoring.report import transcript_json, utterances_json
from dayline.sessions import documents_repository as documents
from dayline.sessions import segments_repository as segments
from dayline.sessions import service
from dayline.sessions.captions import to_srt, to_txt, to_vtt
from dayline.sessions.document_schemas import DayTranscript, WaveformShown
from dayline.sessions.loaders import session_of
from dayline.sessions.schemas import SegmentPage, TimelineShown
from dayline.sessions.view import segment_json
from dayline.sessions.waveform import waveform_json

router = api_router("/v1/all-day-sessions/{session_id}", "All-day sessions", also=(409,))

LONGEST_SECONDS = 7 * 86400.0
_WRITERS = {"vtt": (to_vtt, "text/vtt"), "srt": (to_srt, "application/x-subrip"), "txt": (to_txt, "text/plain")}


def check_range(start: float, end: float | None) -> None:
    """Raise InvalidRequest for a range that ends before it starts."""
    if end is not None and end <= start:
        raise InvalidRequest("`end` must lie after `start`.", field="end")


@router.get("/segments", response_model=SegmentPage, summary="Read a session's segments")
def list_segments(request: Request, who: Reader, session_id: str) -> Any:
    """The customer conversations in the order of the day. There is always one page."""
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
        found = [segment_json(row) for row in segments.list_all(tx, session_id)]
    return json_response({"revision": session.revision, "data": found, "next_cursor": None})


@router.get("/timeline", response_model=TimelineShown, summary="Read the timeline of the day")
def get_timeline(request: Request, who: Reader, session_id: str) -> Any:
    """Intervals without gap or overlap from 0 to the end of the recording, each with its reasons."""
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
        stretches = service.timeline_of(tx, session)
    return json_response(
        {
            "session_id": session.id,
            "revision": session.revision,
            "duration_seconds": session.duration_seconds or 0.0,
            "stretches": stretches,
        }
    )


@router.get(
    "/transcript",
    response_model=DayTranscript,
    summary="Read the transcript, of the whole day or of one segment",
    responses={
        200: {
            "content": {
                "text/vtt": {"schema": {"type": "string"}},
                "application/x-subrip": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
            }
        }
    },
)
def get_transcript(
    request: Request,
    who: Reader,
    session_id: str,
    format: Annotated[Literal["json", "vtt", "srt", "txt"], Query(description="How to write it.")] = "json",
    segment: Annotated[Uuid | None, Query(description="Only what was said in this segment.")] = None,
    words: Annotated[bool, Query(description="false leaves single words out of the JSON.")] = True,
    start: Annotated[float, Query(ge=0, le=LONGEST_SECONDS, description="Only what was said from this second on.")] = 0,
    end: Annotated[
        float | None, Query(gt=0, le=LONGEST_SECONDS, description="Only what was said before this second.")
    ] = None,
    partial: Annotated[
        bool, Query(description="true answers what is there while the day is still being transcribed.")
    ] = False,
) -> Any:
    """Times are seconds on the recording's own clock, in every format and for every segment."""
    check_range(start, end)
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
        covered, is_partial = [[0.0, session.duration_seconds or 0.0]], False
        if format == "json" and not words and segment is None and start == 0 and end is None:
            said = service.utterances_of(tx, session)
            if said is not None:
                return json_response({**utterances_json(said), "is_partial": False, "covered": covered})
        if partial and segment is None:
            transcript, covered, is_partial = service.spoken_so_far(tx, session)
        else:
            transcript = service.spoken_in(tx, session, segment)
    if start > 0 or end is not None:
        last = transcript.start_seconds + transcript.duration_seconds
        transcript = transcript.slice(max(start, transcript.start_seconds), last if end is None else min(end, last))
    if format == "json":
        shown = transcript_json(transcript)
        if not words:
            shown["words"] = []
        return json_response({**shown, "is_partial": is_partial, "covered": covered})
    write, media_type = _WRITERS[format]
    return PlainTextResponse(write(transcript), media_type=media_type)


@router.get("/access-log", response_model=AccessPage, summary="Read the access log of a session")
def list_accesses(
    request: Request,
    who: Reader,
    session_id: str,
    limit: Limit = 50,
    cursor: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,18}$", description="`next_cursor` of the page before.")
    ] = None,
) -> Any:
    """Every view, play and change by a person in the console, newest first. Views within ten minutes are one."""
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
        page = access_log.lines_of(tx, session.id, before=None if cursor is None else int(cursor), limit=limit)
    return json_response(page)


@router.get("/waveform", response_model=WaveformShown, summary="Read the waveform for drawing")
def get_waveform(
    request: Request,
    who: Reader,
    session_id: str,
    points: Annotated[int, Query(ge=1, le=MAX_POINTS, description="How many points at most.")] = 2000,
    start: Annotated[float, Query(ge=0, le=LONGEST_SECONDS, description="From this second on.")] = 0,
    end: Annotated[float | None, Query(gt=0, le=LONGEST_SECONDS, description="Up to this second.")] = None,
) -> Response:
    """The largest magnitude per interval of time, from 0 to 1. A point stands for about 0.1 second or more."""
    check_range(start, end)
    with reading(request) as tx:
        session = session_of(who, tx, session_id)
        body = documents.get(tx, session.id, "peaks")
    if body is None:
        raise Conflict(
            f"The waveform is there when the recording has been read; the session is {session.status}.",
            status=session.status,
        )
    shown = waveform_json(decode_peaks(body), points, start, end)
    return json_response({"session_id": session.id, "duration_seconds": session.duration_seconds, **shown})
