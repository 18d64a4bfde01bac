"""Routes of the embedded object store: PUT and GET of one file by a signed link. No key is needed, or looked at."""

from __future__ import annotations

import anyio
from fastapi import Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from dayline.domain.errors import InvalidRequest, NotFound, RequestTooLarge
from dayline.http.dependencies import api_context
from dayline.http.routing import errors, public_router
from dayline.uploads import repository as uploads
from dayline.uploads import service
from dayline.uploads.links import LinkSigner
from dayline.uploads.receiver import IncomingFile
from dayline.uploads.repository import UploadRecord
from dayline.uploads.schemas import FileStored

router = public_router(prefix="/v1/files", tag="Uploads")

# Anybody who holds the link may use it from a page of any origin: the link is all there is to know.
_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
_PREFLIGHT = {
    **_ANY_ORIGIN,
    "Access-Control-Allow-Methods": "GET, HEAD, PUT",
    "Access-Control-Allow-Headers": "Content-Type, Range",
    "Access-Control-Max-Age": "3600",
}
_PIECE_BYTES = 1024 * 1024
_SILENCE_SECONDS = 60.0


@router.put(
    "/{file_key:path}",
    summary="Upload a file by its signed link",
    response_model=FileStored,
    responses=errors(400, 403, 404, 413, 500, 503),
    openapi_extra={
        "security": [],
        "requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
async def put_file(request: Request, file_key: str) -> Response:
    """Takes the body as the file, streamed to disk; the link says which file, and until when."""
    context = api_context(request)
    record = await run_in_threadpool(_linked, request, file_key, "PUT")
    folder = context.blobs.folder
    if folder is None:
        raise NotFound.of("file", file_key)
    announced = request.headers.get("Content-Length", "")
    room = await run_in_threadpool(_room, request, record)
    limit = min(record.size_bytes or context.max_upload_bytes, room)
    if announced.isdigit() and int(announced[:20]) > limit:
        raise RequestTooLarge(f"The file is larger than {limit} bytes.", limit_bytes=limit)
    incoming = await run_in_threadpool(
        IncomingFile, folder, file_key, expected_bytes=record.size_bytes, max_bytes=min(context.max_upload_bytes, room)
    )
    try:
        await _receive(request, incoming)
        size_bytes = await run_in_threadpool(incoming.finish)
        await run_in_threadpool(_note_size, request, file_key, size_bytes)
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(incoming.abandon)
    return JSONResponse({"file_key": file_key, "size_bytes": size_bytes}, headers=_ANY_ORIGIN)


@router.get(
    "/{file_key:path}",
    summary="Read a file by its signed link",
    response_class=Response,
    responses={
        200: {"content": {"*/*": {}}},
        206: {"description": "The range that was asked for."},
        416: {"description": "The file does not have the range that was asked for."},
        **errors(400, 403, 404, 500, 503),
    },
    openapi_extra={"security": []},
)
def get_file(request: Request, file_key: str) -> Response:
    """Answers `Range` requests, so that a player can jump."""
    record = _linked(request, file_key, "GET")
    folder = api_context(request).blobs.folder
    path = folder / file_key if folder is not None else None
    if path is None or not path.is_file():
        raise NotFound.of("file", file_key)
    return FileResponse(
        path,
        media_type=record.content_type,
        headers={
            **_ANY_ORIGIN,
            "Access-Control-Expose-Headers": "Content-Range, Accept-Ranges",
            "Cache-Control": "private, max-age=3600",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


router.head("/{file_key:path}", include_in_schema=False)(get_file)


@router.options("/{file_key:path}", include_in_schema=False)
def ask_first(file_key: str) -> Response:
    """Tell a browser that a page of another origin may PUT and read by signed links."""
    del file_key
    return Response(status_code=204, headers=_PREFLIGHT)


def _linked(request: Request, file_key: str, method: str) -> UploadRecord:
    """Return the upload that a link names. Raises Forbidden for a link that is not ours, NotFound."""
    context = api_context(request)
    LinkSigner(context.blobs, context.base_url, context.link_key).check(method, file_key, dict(request.query_params))
    with context.database.read() as tx:
        return service.known(tx, file_key)


def _room(request: Request, record: UploadRecord) -> int:
    context = api_context(request)
    with context.database.read() as tx:
        return service.room_for(tx, record, context.upload_quota_bytes)


def _note_size(request: Request, file_key: str, size_bytes: int) -> None:
    api_context(request).database.in_write(lambda tx: uploads.set_stored(tx, file_key, size_bytes))


async def _receive(request: Request, incoming: IncomingFile) -> None:
    pieces, size = list[bytes](), 0
    stream = aiter(request.stream())
    try:
        while True:
            with anyio.fail_after(_SILENCE_SECONDS):
                piece = await anext(stream, None)
            if piece is not None:
                pieces.append(piece)
                size += len(piece)
            if piece is None or size >= _PIECE_BYTES:
                await run_in_threadpool(incoming.write, b"".join(pieces))
                pieces, size = [], 0
            if piece is None:
                return
    except TimeoutError as error:
        raise InvalidRequest(f"Nothing of the file came for {_SILENCE_SECONDS:.0f} s. Send it again.") from error
    except ClientDisconnect as error:
        raise InvalidRequest("The connection ended before the file was complete. Send it again.") from error
