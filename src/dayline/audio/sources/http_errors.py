"""Errors for answers of a recording's server, with what the partner can do."""

from __future__ import annotations

import httpx2

from dayline.domain.errors import InvalidRecording
from dayline.domain.retry_after import parse_retry_after

_RETRIED = frozenset((408, 425, 429, 500, 502, 503, 504))
_PAGE_STARTS = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<svg")


# RFC 9110 section 8.4.1 and the registry of content codings. Other labels name no coding: `aws-chunked` is the framing
# of an upload that some object stores keep as a label; `utf-8`, `none` and `binary` are mistakes of configuration.
_CODINGS = frozenset(
    ("br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "x-compress", "x-gzip", "zstd")
)


class TransferTooSlow(Exception):
    """The server sends too slowly."""


class RetryLater(httpx2.TransportError):
    """The server asks for a later retry."""

    def __init__(self, status: int, retry_after_seconds: float) -> None:
        super().__init__(f"status {status}")
        self.status, self.retry_after_seconds = status, retry_after_seconds


def raise_for_response(response: httpx2.Response) -> None:
    """Raise unless this is (a part of) a file: RetryLater when another try may help, else InvalidRecording."""
    status = response.status_code
    if status in _RETRIED:
        raise RetryLater(status, parse_retry_after(response.headers.get("retry-after")) or 0.0)
    if status in (404, 410):
        raise refused(f"answers that there is no file ({status}). Check it, and how long it stays valid.")
    if status in (401, 403):
        raise refused(f"refuses access ({status}). Send a link that works without logging in and has not expired.")
    if status == 416:
        raise refused("answers with an empty file. Record or upload it again.")
    if status not in (200, 206):
        raise refused(f"answers with status {status} instead of a file.")
    if codings := _codings(response):
        raise refused(
            f"answers with a compressed body ({', '.join(codings)}) that was not asked for. Serve the file as it is."
        )


def _codings(response: httpx2.Response) -> list[str]:
    labels = response.headers.get("content-encoding", "").lower().split(",")
    return [label.strip() for label in labels if label.strip() in _CODINGS]


def refuse_page(response: httpx2.Response, start: bytes) -> None:
    """Raise when the body is a web page, such as a login form or a file host's preview."""
    text = start[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if text.startswith(_PAGE_STARTS) or (kind == "text/html" and text[:1] == b"<"):
        raise refused("answers with a web page instead of a recording. Send the direct link to the file.")


def version(response: httpx2.Response) -> str | None:
    """Return the validator of the file: a strong ETag, else the date of its last change."""
    tag = response.headers.get("etag")
    if tag and not tag.startswith("W/"):
        return str(tag)
    return response.headers.get("last-modified")


def reason(error: Exception) -> str:
    """Return the reason once all attempts failed."""
    if isinstance(error, RetryLater):
        return f"answers with status {error.status} repeatedly. Try again when the server works."
    if isinstance(error, (TransferTooSlow, httpx2.TimeoutException)):
        return "answers too slowly or not at all. Check the server, or upload the file."
    if isinstance(error, httpx2.ConnectError):
        return "cannot be reached. Check the name, the certificate and the firewall, or upload the file."
    return "breaks off repeatedly while it is read. Check the server, or upload the file."


def refused(what: str) -> InvalidRecording:
    """Return the error for an address that cannot be used; `what` completes the sentence."""
    return InvalidRecording(f"The recording's address {what}", code="invalid_recording_url")


def another_file() -> InvalidRecording:
    """Return the error for a file whose bytes or length changed while it was read."""
    return refused("answers with another file than before. Leave it unchanged until it is processed.")


def too_large(max_bytes: int) -> InvalidRecording:
    """Return the error for a file over the cap."""
    return InvalidRecording(
        f"The recording is larger than {max_bytes / (1 << 30):.3g} GiB. Encode it, for example to m4a or opus.",
        code="invalid_recording_url",
    )
