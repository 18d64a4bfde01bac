"""Serves the console at `/console/`: one page for every view, its files, and the headers that confine them."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dayline.domain.errors import NotFound
from dayline.web.assets import STATIC_FOLDER, Asset, load_assets

_METHODS = ["GET", "HEAD"]
_ONE_YEAR = "public, max-age=31536000, immutable"
_NOT_BUILT = (
    "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Dayline console</title></head><body><main>"
    "<h1>The console is not built</h1><p>Run <code>scripts/console</code> in the repository and start the service "
    "again. It needs the npm registry once. The API works without it: see <a href='/docs'>/docs</a>.</p></main></body>"
    "</html>"
)


def security_headers(bucket_origin: str | None) -> dict[str, str]:
    """Return the headers of every answer. `bucket_origin`: where browsers PUT uploads, None for this service."""
    connect = f"'self' {bucket_origin}" if bucket_origin else "'self'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src {connect}; media-src 'self' blob:; worker-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "X-Content-Type-Options": "nosniff",
    }


def console_router(*, bucket_origin: str | None = None, folder: Path = STATIC_FOLDER) -> APIRouter:
    """Return the routes of `/` and `/console/`. The files are read once, here."""
    router = APIRouter(include_in_schema=False)
    headers = security_headers(bucket_origin)
    assets = load_assets(folder)

    @router.api_route("/", methods=_METHODS)
    def root(request: Request) -> Response:
        """Lead browsers to the console. Programs get the API's own 404."""
        if "text/html" not in request.headers.get("accept", ""):
            raise NotFound("There is nothing at this address. The API is below /v1, its reference at /docs.")
        return RedirectResponse("/console/", status_code=307)

    @router.api_route("/console", methods=_METHODS)
    def without_slash() -> Response:
        """Lead to the page itself."""
        return RedirectResponse("/console/", status_code=308)

    @router.api_route("/console/{path:path}", methods=_METHODS)
    def console(request: Request, path: str) -> Response:
        """Return a file of the console, or its page for any address that is a view."""
        if not assets:
            return HTMLResponse(_NOT_BUILT, 503, headers={**headers, "Cache-Control": "no-store"})
        asset = assets.get(path)
        if asset is None and path.startswith("assets/"):
            raise NotFound("There is no such file. The console may have been updated: load the page again.")
        if asset is None or path == "index.html":
            return _answer(request, assets["index.html"], headers, "no-store")
        return _answer(request, asset, headers, _ONE_YEAR if path.startswith("assets/") else "max-age=3600")

    return router


def _answer(request: Request, asset: Asset, headers: dict[str, str], cache: str) -> Response:
    fields = {**headers, "Cache-Control": cache, "ETag": asset.etag, "Vary": "Accept-Encoding"}
    if cache != "no-store" and request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=fields)
    body, coding = asset.for_client(request.headers.get("accept-encoding", ""))
    if coding:
        fields["Content-Encoding"] = coding
    return Response(body, media_type=asset.media_type, headers=fields)
