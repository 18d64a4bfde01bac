from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit

import pytest

from dayline.clock import now
from dayline.security.signing import sign_link
from dayline.uploads.links import LinkSigner
from tests.api_server import MAX_UPLOAD_BYTES

BODY = bytes(range(256)) * 400


@pytest.fixture
def uploader(server, partner):
    with server.client(server.key(partner, scopes=["partner:write", "uploads:write"])) as one:
        yield one


@pytest.fixture
def bare(server):
    with server.client() as one:
        yield one


def _begin(client, partner, **values):
    body = {"file_name": "day.mp3", "content_type": "audio/mpeg", **values}
    return client.post(f"/v1/admin/partners/{partner}/uploads/signed-url", json=body)


def _parts(server):
    folder = server.services.blobs.folder / "incoming"
    return list(folder.glob("*")) if folder.exists() else []


def test_a_file_goes_up_by_the_link_and_comes_back_by_another(server, uploader, partner, bare):
    answer = _begin(uploader, partner)
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {"upload_url", "method", "headers", "file_key", "expires_at"}
    assert made["method"] == "PUT"
    assert made["file_key"].startswith(f"uploads/{partner}/")
    assert made["file_key"].endswith("/day.mp3")
    put = bare.put(made["upload_url"], content=BODY, headers=made["headers"])
    assert (put.status_code, put.json()) == (200, {"file_key": made["file_key"], "size_bytes": len(BODY)})
    assert server.services.blobs.get(made["file_key"]) == BODY
    assert _parts(server) == []

    parts = server.services
    url, _ = LinkSigner(parts.blobs, parts.base_url, parts.link_key).get_link(made["file_key"])
    whole = bare.get(url)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, BODY, "audio/mpeg")
    assert whole.headers["accept-ranges"] == "bytes"
    part = bare.get(url, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, BODY[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(BODY)}"
    assert bare.get(url, headers={"Range": "bytes=-10"}).content == BODY[-10:]
    assert bare.get(url, headers={"Range": f"bytes={len(BODY)}-"}).status_code == 416
    head = bare.head(url)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(BODY)))


def test_a_page_of_another_origin_may_upload(uploader, partner, bare):
    made = _begin(uploader, partner).json()
    asked = bare.request(
        "OPTIONS",
        made["upload_url"],
        headers={"Origin": "https://app.test", "Access-Control-Request-Method": "PUT"},
    )
    assert asked.status_code == 204
    assert "PUT" in asked.headers["access-control-allow-methods"]
    assert "Content-Type" in asked.headers["access-control-allow-headers"]
    put = bare.put(made["upload_url"], content=BODY, headers={**made["headers"], "Origin": "https://app.test"})
    assert (put.status_code, put.headers["access-control-allow-origin"]) == (200, "*")


def test_a_body_of_unknown_length_is_taken(uploader, partner, bare, server):
    made = _begin(uploader, partner).json()

    def pieces():
        for start in range(0, len(BODY), 1000):
            yield BODY[start : start + 1000]

    assert bare.put(made["upload_url"], content=pieces(), headers=made["headers"]).status_code == 200
    assert server.services.blobs.get(made["file_key"]) == BODY


@pytest.mark.parametrize("change", ["key", "expires", "signature", "extra", "none", "method"])
def test_an_altered_link_is_refused(uploader, partner, bare, server, change):
    made, other = (_begin(uploader, partner).json() for _ in range(2))
    url = made["upload_url"]
    expires = url.split("expires=")[1].split("&")[0]
    altered = {
        "key": url.replace(made["file_key"], other["file_key"]),
        "expires": url.replace(f"expires={expires}", f"expires={int(expires) + 1}"),
        "signature": url[:-3] + ("AAA" if not url.endswith("AAA") else "BBB"),
        "extra": url + "&size=1",
        "none": url.split("?")[0],
        "method": url,
    }[change]
    method = "GET" if change == "method" else "PUT"
    answer = bare.request(method, altered, content=BODY if method == "PUT" else None)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "invalid_link")
    assert server.services.blobs.size_bytes(made["file_key"]) is None


def test_an_expired_link_is_refused(uploader, partner, bare, server):
    made = _begin(uploader, partner).json()
    bare.put(made["upload_url"], content=BODY)
    path = f"/v1/files/{made['file_key']}"
    for method in ("PUT", "GET"):
        query = sign_link(server.services.link_key, method, path, expires_at=int(now().timestamp()) - 1)
        answer = bare.request(method, f"{path}?{query}")
        assert answer.json()["error"]["code"] == "invalid_link"


def test_a_link_is_bound_to_keys_that_were_given_out(server, bare):
    for path in ("/v1/files/uploads/x/y/z.mp3", "/v1/files/../day.db", "/v1/files/scratch/a"):
        query = sign_link(server.services.link_key, "PUT", path, expires_at=int(now().timestamp()) + 60)
        answer = bare.put(f"{path.replace('..', '%2e%2e')}?{query}", content=b"x")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "file_not_found")


def test_sizes_are_held(uploader, partner, bare, server):
    too_large = _begin(uploader, partner, size_bytes=MAX_UPLOAD_BYTES + 1)
    assert too_large.status_code == 400
    assert too_large.json()["error"]["details"] == {"field": "size_bytes", "limit_bytes": MAX_UPLOAD_BYTES}
    exact = _begin(uploader, partner, size_bytes=len(BODY)).json()
    short = bare.put(exact["upload_url"], content=BODY[:-1])
    assert (short.status_code, short.json()["error"]["code"]) == (400, "invalid_request")
    assert bare.put(exact["upload_url"], content=BODY + b"x").json()["error"]["code"] == "request_too_large"
    assert server.services.blobs.size_bytes(exact["file_key"]) is None
    assert bare.put(exact["upload_url"], content=BODY).status_code == 200
    free = _begin(uploader, partner).json()
    assert bare.put(free["upload_url"], content=b"").json()["error"]["code"] == "invalid_request"

    assert _is_ended(free["upload_url"])
    assert server.services.blobs.size_bytes(free["file_key"]) is None
    assert _parts(server) == []


def _is_ended(url: str) -> bool:
    """Send a body without end; say whether the server ends it within 128 MiB, by an answer or by hanging up."""
    parts = urlsplit(url)
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        with contextlib.suppress(OSError):
            for _ in range(2000):
                connection.sendall(piece)
            return False
    return True


def test_a_broken_upload_leaves_nothing(uploader, partner, server, bare):
    made = _begin(uploader, partner).json()
    url = urlsplit(made["upload_url"])
    with socket.create_connection((url.hostname or "", url.port or 0)) as connection:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 5000)
    pause = threading.Event()
    for _ in range(200):
        if not _parts(server):
            break
        pause.wait(0.02)
    assert _parts(server) == []
    assert server.services.blobs.size_bytes(made["file_key"]) is None
    assert bare.put(made["upload_url"], content=BODY).status_code == 200


def test_who_may_ask_for_a_link(server, uploader, client, stranger, partner):
    assert _begin(server.admin, partner).status_code == 201
    assert _begin(server.admin, "nobody").json()["error"]["code"] == "partner_not_found"
    assert _begin(client, partner).json()["error"]["code"] == "scope_required"
    assert _begin(stranger, partner).json()["error"]["code"] == "partner_not_found"
    with server.client(server.key(partner, "sandbox", ["partner:write", "uploads:write"])) as sandbox:
        assert _begin(sandbox, partner).json()["error"]["code"] == "key_environment_mismatch"
    assert _begin(uploader, partner, content_type="text/html").json()["error"]["code"] == "invalid_request"


def test_file_names_become_plain(uploader, partner):
    for name, plain in (
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Jo\\Tag 1.m4a", "Tag_1.m4a"),
        ("…", "recording"),
        (".hidden", "hidden"),
        ("ü" * 200 + ".wav", "wav"),
    ):
        made = _begin(uploader, partner, file_name=name).json()
        assert made["file_key"].rsplit("/", 1)[1] == plain
        assert len(made["file_key"]) <= 512


def test_a_file_key_of_another_partner_never_works(uploader, stranger, partner, bare):
    made = _begin(uploader, partner).json()
    bare.put(made["upload_url"], content=BODY)
    for path in ("/v1/all-day-sessions", "/v1/analyses"):
        body = {"org_id": "o", "rep_id": "r", "file_key": made["file_key"]}
        answer = stranger.post(path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "file_not_found")
        assert uploader.post(path, json=body).status_code == 202


@pytest.fixture
def quota(server):
    """Let every partner have 250 kB for the length of a test."""
    before = server.services.upload_quota_bytes
    object.__setattr__(server.services, "upload_quota_bytes", 250_000)
    yield 250_000
    object.__setattr__(server.services, "upload_quota_bytes", before)


def test_the_uploads_of_a_partner_have_a_quota(server, uploader, partner, bare, quota):
    assert len(BODY) * 2 < quota < len(BODY) * 3
    for _ in range(2):  # without an announced size: what arrives counts
        made = _begin(uploader, partner).json()
        assert bare.put(made["upload_url"], content=BODY, headers=made["headers"]).status_code == 200
    announced = _begin(uploader, partner, size_bytes=len(BODY))
    assert (announced.status_code, announced.json()["error"]["code"]) == (409, "invalid_state")
    assert announced.json()["error"]["details"]["used_bytes"] == len(BODY) * 2
    made = _begin(uploader, partner).json()
    assert bare.put(made["upload_url"], content=BODY, headers=made["headers"]).status_code == 413
    assert not _parts(server)
    # Sending a file again takes its own place, and another partner has a quota of its own.
    small = bare.put(made["upload_url"], content=BODY[:1000], headers=made["headers"])
    assert small.status_code == 200
    assert bare.put(made["upload_url"], content=BODY[:2000], headers=made["headers"]).status_code == 200
    other = server.partner()
    assert _begin(server.admin, other, size_bytes=len(BODY)).status_code == 201
