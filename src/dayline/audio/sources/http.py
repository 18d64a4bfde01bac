"""Read a recording at an HTTPS address in place.

Where the server honours `Range`, blocks are fetched as the decoder asks for them and a few are kept. Where it does
not, the one stream is written to an unnamed scratch file as it arrives, and read from there. A server that stops
honouring `Range` in the middle is read as one stream from then on; what was fetched before is compared by digest, so
that only other bytes or another length count as another file (RFC 9110, sections 14.4 and 15.3.7: a 206 is checked by
its own Content-Range and may be shorter than what was asked for). Which addresses may be called is decided by the
client that is passed in. Messages never hold the query of the address.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx2

from dayline.audio.sources.http_connection import CUT, Connection, ContentRange, HttpLimits
from dayline.audio.sources.http_errors import another_file, refuse_page, version
from dayline.audio.sources.http_stream import SpooledStream

__all__ = ["HttpLimits", "HttpSource"]


class _RangeIgnored(Exception):
    """The server answered with another range than the one requested."""

    def __init__(self, stream: SpooledStream) -> None:
        super().__init__()
        self.stream = stream


class HttpSource:
    """A `ByteSource` over HTTP. Making one sends the first request; raises InvalidRecording."""

    def __init__(
        self,
        url: str,
        client: httpx2.Client,
        limits: HttpLimits | None,
        spool_dir: Path,
        *,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self._limits, self._spool_dir = limits or HttpLimits(), spool_dir
        self._connection = Connection(url, client, self._limits, should_stop)
        self._lock = threading.Lock()
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._digests: dict[int, bytes] = {}
        """SHA-256 of every block that was fetched, by its number."""
        self._version: str | None = None
        self._stream: SpooledStream | None = None
        self._size_bytes: int | None = None
        self._open()

    @property
    def size_bytes(self) -> int | None:
        """Size of the recording, where the server tells it; of a stream also once it has come to its end."""
        return self._stream.size_bytes if self._stream is not None else self._size_bytes

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._connection.requests

    @property
    def is_seekable(self) -> bool:
        """Whether the server answers `Range` requests."""
        return self._stream is None

    @property
    def received_bytes(self) -> int:
        """Bytes of the recording received; bytes fetched twice count twice."""
        return self._connection.received_bytes

    @property
    def version(self) -> str | None:
        """Validator of the file: a strong ETag, or the date of its last change."""
        return self._version

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`, waiting for them. Raises InvalidRecording or Cancelled."""
        with self._lock:
            if self._stream is None:
                try:
                    return self._read_blocks(offset, size)
                except _RangeIgnored as ignored:
                    self._stream = ignored.stream
                    self._blocks.clear()
            return self._stream.read_at(offset, size)

    def _read_blocks(self, offset: int, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            index, start = divmod(offset + len(found), self._limits.block_bytes)
            part = self._block(index)[start : start + size - len(found)]
            if not part:
                break
            found += part
        return bytes(found)

    def close(self) -> None:
        """Give back the connection and the scratch file."""
        if self._stream is not None:
            self._stream.close()

    def __enter__(self) -> HttpSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        for attempt in self._connection.tries():
            with ExitStack() as stack:
                try:
                    response = self._connection.request(stack, {"Range": f"bytes=0-{self._limits.block_bytes - 1}"})
                    part = ContentRange.of(response)
                    asked_bytes = self._limits.block_bytes
                    if part and part.first == 0 and part.total_bytes is not None and part.end <= asked_bytes:
                        self._begin_with(part, response)
                        return
                    if response.status_code == 206 and not (part and part.is_whole):
                        stack.close()
                        response = self._connection.request(stack, {})
                    self._size_bytes = self._connection.stated_size(response, part)
                    self._stream = SpooledStream(
                        self._connection, response, stack.pop_all(), self._spool_dir, size_bytes=self._size_bytes
                    )
                    return
                except CUT as error:
                    self._connection.give_up_or_wait(error, attempt)

    def _begin_with(self, part: ContentRange, response: httpx2.Response) -> None:
        """Take the first part of a server that honours `Range`. A server may send less than a block at a time."""
        assert part.total_bytes is not None
        self._size_bytes = self._connection.checked_size(part.total_bytes)
        self._version = version(response)
        data = bytearray(self._connection.read_exactly(response, min(part.end, self._size_bytes)))
        refuse_page(response, bytes(data))
        try:
            self._fetch(data, 0, min(self._limits.block_bytes, self._size_bytes))
        except _RangeIgnored as ignored:
            self._stream = ignored.stream
            return
        self._keep(0, bytes(data))

    def _block(self, index: int) -> bytes:
        if index in self._blocks:
            self._blocks.move_to_end(index)
            return self._blocks[index]
        assert self._size_bytes is not None
        start = index * self._limits.block_bytes
        if start >= self._size_bytes:
            return b""
        data = bytearray()
        self._fetch(data, start, min(start + self._limits.block_bytes, self._size_bytes))
        self._keep(index, bytes(data))
        return self._blocks[index]

    def _keep(self, index: int, data: bytes) -> None:
        self._blocks[index] = data
        self._digests[index] = hashlib.sha256(data).digest()
        while len(self._blocks) > self._limits.kept_blocks:
            self._blocks.popitem(last=False)

    def _fetch(self, found: bytearray, start: int, end: int) -> None:
        """Add bytes to `found` until it holds [start, end). Raises InvalidRecording, Cancelled, _RangeIgnored."""
        attempt = 0
        while start + len(found) < end:
            attempt += 1
            had = len(found)
            with ExitStack() as stack:
                try:
                    self._fetch_part(stack, start, end, found)
                except CUT as error:
                    if len(found) > had:
                        attempt = 1
                    self._connection.give_up_or_wait(error, attempt)
                else:
                    attempt = 0

    def _fetch_part(self, stack: ExitStack, start: int, end: int, found: bytearray) -> None:
        self._connection.check()
        first = start + len(found)
        headers = {"Range": f"bytes={first}-{end - 1}"}
        if self._version is not None:
            headers["If-Range"] = self._version
        response = self._connection.request(stack, headers)
        part = ContentRange.of(response)
        same_version = self._version is None or version(response) in (None, self._version)
        same_length = part is not None and part.total_bytes in (None, self._size_bytes)
        if part is None or part.first != first or part.end <= first or not (same_version and same_length):
            raise _RangeIgnored(self._as_stream(stack, response, part))
        part_end = min(end, part.end)
        for chunk in self._connection.chunks(response):
            found += chunk[: part_end - start - len(found)]
            if start + len(found) >= part_end:
                return
        raise httpx2.RemoteProtocolError("the answer was cut short")

    def _as_stream(self, stack: ExitStack, response: httpx2.Response, part: ContentRange | None) -> SpooledStream:
        """Read the file as one stream from here on; what was fetched before is compared as it passes."""
        if response.status_code != 200 and not (part and part.is_whole):
            stack.close()
            response = self._connection.request(stack, {})
            part = ContentRange.of(response)
        stated = self._connection.stated_size(response, part)
        if stated is not None and stated != self._size_bytes:
            raise another_file()
        return SpooledStream(
            self._connection,
            response,
            stack.pop_all(),
            self._spool_dir,
            size_bytes=self._size_bytes,
            known=self._digests,
        )
