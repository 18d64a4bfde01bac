"""Single ranges of a recording, for listening: from an upload, or from its address through the guarded client.

Nothing is written to disk, and no header of the listener is passed on. The file must be the one that was read
when the session was processed: its size and, where the server names one, its version are compared every time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import httpx2

from dayline.audio.sources.http_errors import version
from dayline.db.blobs import Blobs
from dayline.domain.errors import Conflict, NotFound, Unavailable
from dayline.security.ssrf import ForbiddenAddress

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)$")
_GONE = (401, 403, 404, 410)


class RangeSource(Protocol):
    """A recording that can be read in parts.

    Attributes:
        size_bytes: length of the file.
        etag: version that its server named, if any.
    """

    size_bytes: int
    etag: str | None

    def read_at(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`, fewer at the end only. Raises Conflict or Unavailable."""
        ...


def gone(why: str) -> Conflict:
    """Return the error for a recording that is no longer available."""
    return Conflict(
        f"The recording is no longer available: {why}. Send its new address with PUT .../recording-url.",
        code="recording_gone",
    )


def changed() -> Conflict:
    """Return the error for another file at the address than the one that was read."""
    return Conflict(
        "The file at the recording's address has changed since the session was processed.", code="recording_changed"
    )


@dataclass(slots=True)
class BlobRanges:
    """An upload in the object store."""

    blobs: Blobs
    key: str
    size_bytes: int
    etag: str | None = None

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes of the object."""
        try:
            return self.blobs.read_at(self.key, offset, min(size, self.size_bytes - offset))
        except NotFound as error:
            raise gone("the upload was deleted") from error


def open_blob(blobs: Blobs, key: str, expected_bytes: int | None) -> BlobRanges:
    """Open an upload. Raises Conflict: recording_gone, recording_changed."""
    size = blobs.size_bytes(key)
    if size is None:
        raise gone("the upload was deleted")
    if expected_bytes is not None and size != expected_bytes:
        raise changed()
    return BlobRanges(blobs, key, size)


class HttpRanges:
    """A file behind an address. `open_url` makes one."""

    def __init__(self, url: str, client: httpx2.Client, size_bytes: int | None, etag: str | None) -> None:
        self._url, self._client = url, client
        self._expected_bytes, self.etag = size_bytes, etag
        self.size_bytes = size_bytes or 0

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes of the file. Raises Conflict: recording_gone, recording_changed; Unavailable."""
        if self._expected_bytes is not None:
            size = min(size, self._expected_bytes - offset)
        if size <= 0:
            return b""
        try:
            return self._read(offset, size)
        except ForbiddenAddress as error:
            raise gone("its address, or one that it redirects to, is not on the public internet") from error
        except (httpx2.TooManyRedirects, httpx2.UnsupportedProtocol, httpx2.InvalidURL, ValueError) as error:
            raise gone("its address redirects to one that is not valid") from error
        except httpx2.TransportError as error:
            raise Unavailable("The server of the recording does not answer. Try again.") from error

    def _read(self, offset: int, size: int) -> bytes:
        headers = {"Range": f"bytes={offset}-{offset + size - 1}", "Accept-Encoding": "identity"}
        with self._client.stream("GET", self._url, headers=headers) as response:
            if response.status_code in _GONE:
                raise gone(f"its server answers {response.status_code}")
            if response.status_code == 416:
                raise changed()
            if response.status_code >= 500 or response.status_code == 429:
                raise Unavailable(f"The server of the recording answers {response.status_code}. Try again.")
            place = _CONTENT_RANGE.match(response.headers.get("content-range", ""))
            if response.status_code != 206 or place is None or int(place[1]) != offset:
                raise Conflict(
                    "The server of the recording sends whole files only, so that it cannot be listened to from here.",
                    code="recording_gone",
                    reason="no_ranges",
                )
            self._compare(int(place[3]), version(response))
            body = bytearray()
            for part in response.iter_raw():
                body += part[: size - len(body)]
                if len(body) >= size:
                    break
            wanted = min(size, self.size_bytes - offset)
            if len(body) < wanted:
                raise Unavailable("The server of the recording broke off in its answer. Try again.")
            return bytes(body)

    def _compare(self, size_bytes: int, etag: str | None) -> None:
        if self._expected_bytes is not None and size_bytes != self._expected_bytes:
            raise changed()
        if self.etag is not None and etag is not None and etag != self.etag:
            raise changed()
        self._expected_bytes = self.size_bytes = size_bytes
        self.etag = self.etag or etag


def open_url(url: str, client: httpx2.Client, expected_bytes: int | None, etag: str | None) -> HttpRanges:
    """Open an address; the first byte is asked for when the size is not known. Raises Conflict or Unavailable."""
    found = HttpRanges(url, client, expected_bytes, etag)
    if expected_bytes is None:
        found.read_at(0, 1)
    return found
