"""Routes of share links: a page, its content as JSON, its sound. The token in the address replaces a key.

Nothing of these answers may be kept by caches, indexed by search engines, or named to other sites.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from dayline.audio.clip import MAX_SECONDS, MEDIA_TYPE
from dayline.domain.errors import InvalidRequest, NotFound, Unavailable
from dayline.http.dependencies import api_context
from dayline.http.responses import json_response
from dayline.http.routing import errors, open_router
from dayline.shares import page, service
from dayline.shares.schemas import SharedConversation
from dayline.shares.service import OpenedShare

router = open_router("Share links")

LONGEST_SECONDS = 86_400.0
_PRIVATE = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE = {
    **_PRIVATE,
    "Content-Security-Policy": f"default-src 'none'; style-src {page.STYLE_SOURCE}; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_SOUND = {**_PRIVATE, "Content-Security-Policy": "default-src 'none'; sandbox"}

Token = Annotated[
    str,
    Path(min_length=1, max_length=128, description="The last part of the link's address, the only credential."),
]


@router.get("/s/{token}", response_class=HTMLResponse, include_in_schema=False)
def open_page(request: Request, token: Token) -> Response:
    """A page without scripts: the title, the words and, where the link allows it, the sound of one conversation."""
    database = api_context(request).database
    try:
        opened, shown = _open(request, token)
    except NotFound as error:
        return HTMLResponse(page.closed(error.message), 404, headers=_PAGE)
    service.note_opening(database, opened, "share_opened")
    return HTMLResponse(page.conversation(shown, token), headers=_PAGE)


@router.get("/v1/shared/{token}", response_model=SharedConversation, summary="Read what a share link shows")
def read_shared(request: Request, token: Token) -> Response:
    """The same as the page, as JSON. Times count from the beginning of the conversation."""
    opened, shown = _open(request, token)
    service.note_opening(api_context(request).database, opened, "share_opened")
    return json_response(shown, headers=_PRIVATE)


@router.get(
    "/v1/shared/{token}/audio",
    response_class=Response,
    summary="Listen to what a share link shows",
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}, **errors(409, 422)},
)
def listen_to_shared(
    request: Request,
    token: Token,
    start: Annotated[float, Query(ge=0, le=LONGEST_SECONDS, description="First second of the conversation.")] = 0,
    end: Annotated[
        float | None, Query(gt=0, le=LONGEST_SECONDS, description="Last second; 15 minutes later at most.")
    ] = None,
) -> Response:
    """Opus in WebM, cut exactly out of the recording. The file of the whole day cannot be reached by a link."""
    context = api_context(request)
    last = start + MAX_SECONDS if end is None else end
    if last <= start:
        raise InvalidRequest("`end` must lie after `start`.", field="end")
    with context.database.read() as tx:
        opened = service.open_share(tx, token)
    first, last = service.clip_range(opened, start, last)
    if context.playback is None:
        raise Unavailable("This process cannot read recordings.")
    body = context.playback.clip(context.database, opened.session, first, last)
    service.note_opening(context.database, opened, "share_played")
    return Response(body, headers=_SOUND, media_type=MEDIA_TYPE)


def _open(request: Request, token: str) -> tuple[OpenedShare, SharedConversation]:
    with api_context(request).database.read() as tx:
        opened = service.open_share(tx, token)
        return opened, service.conversation(tx, opened)
