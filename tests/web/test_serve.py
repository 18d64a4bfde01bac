"""The console's files, the headers that confine them, and the fallback to the one page."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dayline.web.endpoints import console_router, security_headers

PAGE = b"<!doctype html><title>Dayline</title>"
SCRIPT = b"console.log('a script long enough to be compressed');"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "icon.svg").write_bytes(b"<svg/>")
    (tmp_path / "assets/app-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "assets/app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    return tmp_path


def browser(folder: Path, **options: str) -> TestClient:
    app = FastAPI()
    app.include_router(console_router(folder=folder, **options))
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("path", ["", "days", "days/5d0c?t=2:14:03", "sign-in", "index.html"])
def test_every_view_is_the_one_page_and_is_never_stored(folder: Path, path: str) -> None:
    answer = browser(folder).get(f"/console/{path}")
    assert answer.status_code == 200
    assert answer.content == PAGE
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"


def test_files_with_a_hash_in_their_name_are_kept_for_a_year(folder: Path) -> None:
    answer = browser(folder).get("/console/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert answer.content == SCRIPT
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    again = browser(folder).get("/console/assets/app-1a2b.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


@pytest.mark.parametrize(
    ("accepts", "coding"), [("gzip, br", "gzip"), ("identity", None), ("gzip;q=0", None), ("gzip;q=0.5", "gzip")]
)
def test_what_the_build_compressed_is_sent_to_who_takes_it(folder: Path, accepts: str, coding: str | None) -> None:
    answer = browser(folder).get("/console/assets/app-1a2b.js", headers={"Accept-Encoding": accepts})
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == SCRIPT  # the client has unpacked it


def test_a_missing_file_is_no_page(folder: Path) -> None:
    app = FastAPI()
    app.include_router(console_router(folder=folder))
    client = TestClient(app, raise_server_exceptions=False)
    answer = client.get("/console/assets/app-9z.js")
    assert answer.status_code != 200
    assert PAGE not in answer.content


@pytest.mark.parametrize(
    "path", ["../assets.py", "..%2fassets.py", "%2e%2e/assets.py", "/etc/passwd", "assets/../../x"]
)
def test_nothing_outside_the_folder_is_served(folder: Path, path: str) -> None:
    (folder.parent / "assets.py").write_text("outside")
    answer = TestClient(_app(folder), raise_server_exceptions=False).get(f"/console/{path}")
    assert b"outside" not in answer.content
    assert b"root:" not in answer.content


def _app(folder: Path) -> FastAPI:
    app = FastAPI()
    app.include_router(console_router(folder=folder))
    return app


@pytest.mark.parametrize("path", ["", "days", "assets/app-1a2b.js", "icon.svg"])
def test_every_answer_is_confined(folder: Path, path: str) -> None:
    headers = browser(folder).get(f"/console/{path}").headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["media-src"] == "'self' blob:"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_uploads_to_a_bucket_are_the_only_other_origin() -> None:
    policy = security_headers("https://bucket.example.com")["Content-Security-Policy"]
    assert "connect-src 'self' https://bucket.example.com;" in policy
    assert policy.count("bucket.example.com") == 1


def test_the_root_leads_browsers_to_the_console_and_programs_nowhere(folder: Path) -> None:
    answer = browser(folder).get("/", headers={"Accept": "text/html,application/xhtml+xml"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/console/")
    program = TestClient(_app(folder), raise_server_exceptions=False, follow_redirects=False).get("/")
    assert program.status_code != 307


def test_head_is_answered_like_get_without_a_body(folder: Path) -> None:
    answer = browser(folder).head("/console/days")
    assert answer.status_code == 200
    assert not answer.content


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    answer = browser(tmp_path / "nothing").get("/console/days")
    assert answer.status_code == 503
    assert "scripts/console" in answer.text
