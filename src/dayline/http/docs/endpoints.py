"""Routes of the documentation, usable offline: the reference, the error catalogue, and llms.txt."""

from __future__ import annotations

import html
from importlib import resources
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from dayline.domain.errors import NotFound
from dayline.http.dependencies import api_context
from dayline.http.docs.error_catalogue import CODES
from dayline.http.routing import public_router

router = public_router(include_in_schema=False)

GUIDES = ("conventions", "sessions", "corrections", "events", "search", "shares")
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
# The renderer writes its styles into the page and searches in a web worker.
_REFERENCE = {
    **_SAFE,
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}
_TYPES = {
    "redoc.standalone.js": "text/javascript",
    "redoc.standalone.js.LICENSE.txt": "text/plain",
    "reference.js": "text/javascript",
    "pages.css": "text/css",
}


@router.get("/openapi.json")
def openapi_document(request: Request) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
def reference() -> HTMLResponse:
    """Return the reference, drawn in the browser by Redoc from /openapi.json."""
    return HTMLResponse(_text("reference.html"), headers=_REFERENCE)


@router.get("/docs/assets/{name}")
def asset(name: str) -> PlainTextResponse:
    """Return a script or the style of the pages."""
    if name not in _TYPES:
        raise NotFound("There is no such file.")
    return PlainTextResponse(_text(f"static/{name}"), media_type=_TYPES[name], headers={"Cache-Control": "max-age=300"})


@router.get("/docs/errors")
def error_index() -> HTMLResponse:
    """Return the list of all codes."""
    rows = "".join(
        f'<tr><td><a href="/docs/errors/{code}">{code}</a></td><td>{page.status or "in a job"}</td>'
        f"<td>{_marked(page.meaning)}</td></tr>"
        for code, page in CODES.items()
    )
    body = f"<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>{rows}</tbody></table>"
    return _page("Errors", body)


@router.get("/docs/errors/{code}")
def error_page(code: str) -> HTMLResponse:
    """Return the page of one code: where `doc_url` leads."""
    page = CODES.get(code)
    if page is None:
        raise NotFound("There is no error of that code.")
    where = f"HTTP status {page.status}" if page.status else "Stands in the `error` of a session or an analysis"
    body = (
        f"<p>{_marked(where)}.</p><h2>What it means</h2><p>{_marked(page.meaning)}</p>"
        f"<h2>What to do</h2><p>{_marked(page.remedy)}</p><p><a href='/docs/errors'>All errors</a></p>"
    )
    return _page(code, body)


@router.get("/docs/guides")
def guide_index() -> HTMLResponse:
    """Return the list of the guides."""
    rows = "".join(f"<li><a href='/docs/guides/{name}'>{html.escape(_title(name))}</a></li>" for name in GUIDES)
    return _page("Guides", f"<ul>{rows}</ul>")


@router.get("/docs/guides/{name}")
def guide(name: str) -> PlainTextResponse:
    """Return one guide as Markdown."""
    name = name.removesuffix(".md")
    if name not in GUIDES:
        raise NotFound("There is no guide of that name.")
    return PlainTextResponse(_text(f"guides/{name}.md"), media_type="text/plain; charset=utf-8")


@router.get("/llms.txt")
def llms(request: Request) -> PlainTextResponse:
    """Return the list of the documentation."""
    base_url = api_context(request).base_url
    lines = [
        "# Dayline API",
        "",
        "> Finds every customer conversation in a recorded sales workday, analyses each one, and explains the day.",
        "",
        "## Documentation",
        "",
        f"- [OpenAPI document]({base_url}/openapi.json): every operation, field, error and webhook",
        f"- [Reference]({base_url}/docs): the same for people",
        f"- [Errors]({base_url}/docs/errors): every code, what it means and what to do",
        *(f"- [{_title(name)}]({base_url}/docs/guides/{name}.md)" for name in GUIDES),
    ]
    for tag, operations in _by_tag(request.app.openapi()).items():
        lines += ["", f"## {tag}", "", *operations]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; charset=utf-8")


def _by_tag(document: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for tag in operation.get("tags", ["Other"]):
                found.setdefault(tag, []).append(f"- `{method.upper()} {path}`: {operation.get('summary', '')}")
    return found


def _title(name: str) -> str:
    return _text(f"guides/{name}.md").splitlines()[0].lstrip("# ")


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)} - Dayline API</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<link rel='stylesheet' href='/docs/assets/pages.css'></head><body class='text'>"
        f"<nav><a href='/docs'>Dayline API</a></nav><main><h1>{html.escape(title)}</h1>{body}</main></body></html>",
        headers=_SAFE,
    )


def _marked(text: str) -> str:
    """Return text as HTML, with text in backticks as code."""
    parts = html.escape(text).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _text(name: str) -> str:
    return resources.files("dayline.http.docs").joinpath(name).read_text(encoding="utf-8")
