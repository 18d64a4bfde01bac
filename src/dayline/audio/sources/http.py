"""A recording behind an HTTPS address, read in place.

Where the server honours `Range`, blocks are fetched as the decoder wants them and a few are kept. Where it does
not, the one stream is written to an unnamed scratch file as it arrives, and read from there. A server that stops
honouring `Range` in the middle is read as one stream from then on; what was fetched before is compared by digest, so
that only other bytes or another length count as another file (RFC 9110, sections 14.4 and 15.3.7: a 206 is judged by
its own Content-Range and may be shorter than what was asked for). Which addresses may be called is decided by the
client that is passed in. No message holds the address's query.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from dayline.audio.sources.http_errors import (
    TooSlow,
    another_file,
    judge,
    reason,
    refuse_page,
    refused,
    too_large,
    version,
)
from dayline.domain.errors import Cancelled
from dayline.security.ssrf import ForbiddenAddress

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)$")
_MAX_WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What reading one address may cost."""

    max_bytes: int = 8 << 30
    max_seconds: float = 8 * 3600.0
    attempts: int = 5
    """Tries in a row that bring nothing new before we give up."""
    restarts: int = 20
    """Times that a stream without `Range` is begun again from its start."""
    backoff_seconds: float = 0.5
    slow_window_seconds: float = 60.0
    slow_bytes_per_second: float = 1024.0
    """Less than this over a whole window counts as a cut connection."""
    block_bytes: int = 2 << 20
    kept_blocks: int = 4


_CUT = (httpx2.TransportError, TooSlow)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a 206 says about itself. `total_bytes` is None where the server does not tell."""

    first: int
    end: int
    total_bytes: int | None

    @classmethod
    def of(cls, response: httpx2.Response) -> _Part | None:
        """Return what the answer holds, or None where it is no part of a file or does not say which."""
        match = _CONTENT_RANGE.match(response.headers.get("content-range", ""))
        if response.status_code != 206 or match is None:
            return None
        return cls(int(match[1]), int(match[2]) + 1, None if match[3] == "*" else int(match[3]))

    @property
    def is_whole(self) -> bool:
        """Whether the answer holds the file from its first byte to its last."""
        return self.first == 0 and self.end == self.total_bytes


class _RangeIgnored(Exception):
    """The server answers with something else than the range that was asked for."""

    def __init__(self, stream: _Spooled) -> None:
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
        self._url, self._client, self._limits = url, client, limits or HttpLimits()
        self._should_stop, self._spool_dir = should_stop, spool_dir
        self._deadline = time.monotonic() + self._limits.max_seconds
        self._lock = threading.Lock()
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._digests: dict[int, bytes] = {}
        """SHA-256 of every block that was fetched, by its number."""
        self._version: str | None = None
        self._stream: _Spooled | None = None
        self.size_bytes: int | None = None
        self.requests = 0
        self._received = 0
        self._open()

    @property
    def is_seekable(self) -> bool:
        """Whether the server answers `Range` requests."""
        return self._stream is None

    @property
    def received_bytes(self) -> int:
        """How much has come over the network as recording; what was fetched twice counts twice."""
        return self._received

    @property
    def version(self) -> str | None:
        """What proves that a later answer is of the same file: a strong ETag, or the date of its last change."""
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
        for attempt in self.tries():
            with ExitStack() as stack:
                try:
                    response = self.request(stack, {"Range": f"bytes=0-{self._limits.block_bytes - 1}"})
                    part = _Part.of(response)
                    asked_bytes = self._limits.block_bytes
                    if part and part.first == 0 and part.total_bytes is not None and part.end <= asked_bytes:
                        self._begin_with(part, response)
                        return
                    if response.status_code == 206 and not (part and part.is_whole):
                        stack.close()
                        response = self.request(stack, {})
                    self.size_bytes = self._told_size(response, part)
                    self._stream = _Spooled(self, response, stack.pop_all(), self._spool_dir)
                    return
                except _CUT as error:
                    self.give_up_or_wait(error, attempt)

    def _begin_with(self, part: _Part, response: httpx2.Response) -> None:
        """Take the first part of a server that honours `Range`. A server may send less than a block at a time."""
        assert part.total_bytes is not None
        self.size_bytes = self._checked_size(part.total_bytes)
        self._version = version(response)
        data = bytearray(self._read_exactly(response, min(part.end, self.size_bytes)))
        refuse_page(response, bytes(data))
        try:
            self._fetch(data, 0, min(self._limits.block_bytes, self.size_bytes))
        except _RangeIgnored as ignored:
            self._stream = ignored.stream
            return
        self._keep(0, bytes(data))

    def _told_size(self, response: httpx2.Response, part: _Part | None) -> int | None:
        if part is not None and part.is_whole and response.status_code == 206:
            return self._checked_size(part.end)
        length = response.headers.get("content-length", "")
        return self._checked_size(int(length)) if length.isdecimal() else None

    def tries(self) -> Iterator[int]:
        """Count attempts; `give_up_or_wait` ends the count by raising."""
        attempt = 0
        while True:
            attempt += 1
            yield attempt

    def request(self, stack: ExitStack, headers: dict[str, str]) -> httpx2.Response:
        """Send one GET, with the reasons for a refusal put into words. Raises InvalidRecording or a transport error."""
        self.requests += 1
        try:
            response = stack.enter_context(
                self._client.stream("GET", self._url, headers={"Accept-Encoding": "identity", **headers})
            )
        except ForbiddenAddress as error:
            raise refused("leads to an address that is not on the public internet, or is not https.") from error
        except httpx2.TooManyRedirects as error:
            raise refused("redirects too many times. Send the address that answers with the file.") from error
        except httpx2.UnsupportedProtocol as error:
            raise refused("or one that it redirects to does not start with https://.") from error
        except (httpx2.InvalidURL, ValueError) as error:
            raise refused("or one that it redirects to is not a valid URL.") from error
        judge(response)
        return response

    def chunks(self, response: httpx2.Response) -> Iterator[bytes]:
        """Yield the body as it arrives, watching for drips, the deadline and requests to stop."""
        window_start, window_bytes = time.monotonic(), 0
        for part in response.iter_raw():
            self.check()
            window_bytes += len(part)
            self._received += len(part)
            yield part
            now = time.monotonic()
            if now - window_start > self._limits.slow_window_seconds:
                if window_bytes < self._limits.slow_bytes_per_second * (now - window_start):
                    raise TooSlow
                window_start, window_bytes = now, 0

    def check(self) -> None:
        """Raise when somebody asked to stop or the time is over."""
        if self._should_stop is not None and self._should_stop():
            raise Cancelled("The recording's processing was stopped on request.")
        if time.monotonic() > self._deadline:
            raise refused("sends the recording too slowly. Put it on a faster server or upload it.")

    def give_up_or_wait(self, error: Exception, attempt: int) -> None:
        """Sleep before the next try, or raise what the partner should hear."""
        if attempt >= self._limits.attempts:
            raise refused(reason(error)) from error
        asked = getattr(error, "retry_after_seconds", 0.0)
        until = time.monotonic() + min(max(self._limits.backoff_seconds * 2 ** (attempt - 1), asked), _MAX_WAIT_SECONDS)
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, 0.1))

    @property
    def limits(self) -> HttpLimits:
        """The limits in force."""
        return self._limits

    def _checked_size(self, size: int) -> int:
        if size > self._limits.max_bytes:
            raise too_large(self._limits.max_bytes)
        if size == 0:
            raise refused("answers with an empty file. Record or upload it again.")
        return size

    def _block(self, index: int) -> bytes:
        if index in self._blocks:
            self._blocks.move_to_end(index)
            return self._blocks[index]
        assert self.size_bytes is not None
        start = index * self._limits.block_bytes
        if start >= self.size_bytes:
            return b""
        data = bytearray()
        self._fetch(data, start, min(start + self._limits.block_bytes, self.size_bytes))
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
                except _CUT as error:
                    if len(found) > had:
                        attempt = 1
                    self.give_up_or_wait(error, attempt)
                else:
                    attempt = 0

    def _fetch_part(self, stack: ExitStack, start: int, end: int, found: bytearray) -> None:
        self.check()
        first = start + len(found)
        headers = {"Range": f"bytes={first}-{end - 1}"}
        if self._version is not None:
            headers["If-Range"] = self._version
        response = self.request(stack, headers)
        part = _Part.of(response)
        same_version = self._version is None or version(response) in (None, self._version)
        same_length = part is not None and part.total_bytes in (None, self.size_bytes)
        if part is None or part.first != first or part.end <= first or not (same_version and same_length):
            raise _RangeIgnored(self._as_stream(stack, response, part))
        part_end = min(end, part.end)
        for chunk in self.chunks(response):
            found += chunk[: part_end - start - len(found)]
            if start + len(found) >= part_end:
                return
        raise httpx2.RemoteProtocolError("the answer was cut short")

    def _as_stream(self, stack: ExitStack, response: httpx2.Response, part: _Part | None) -> _Spooled:
        """Read the file as one stream from here on; what was fetched before is compared as it passes."""
        if response.status_code != 200 and not (part and part.is_whole):
            stack.close()
            response = self.request(stack, {})
            part = _Part.of(response)
        told = self._told_size(response, part)
        if told is not None and told != self.size_bytes:
            raise another_file()
        return _Spooled(self, response, stack.pop_all(), self._spool_dir, known=self._digests)

    def _read_exactly(self, response: httpx2.Response, size: int) -> bytes:
        found = bytearray()
        for chunk in self.chunks(response):
            found += chunk
            if len(found) >= size:
                return bytes(found[:size])
        raise httpx2.RemoteProtocolError("the answer was cut short")


class _Spooled:
    """The stream of a server that does not know `Range`, kept in an unnamed file as far as it has come."""

    def __init__(
        self,
        source: HttpSource,
        response: httpx2.Response,
        stack: ExitStack,
        directory: Path,
        *,
        known: Mapping[int, bytes] | None = None,
    ) -> None:
        self._source, self._stack = source, stack
        self._known = known or {}
        self._block = hashlib.sha256()
        directory.mkdir(parents=True, exist_ok=True)
        # Unnamed: nothing is left behind, whichever way the process ends.
        self._file: Any = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115
        self._digest = hashlib.sha256()
        self._have = 0
        self._is_complete = False
        self._restarts = 0
        self._attempt = 0
        self._chunks: Iterator[bytes] | None = source.chunks(response)
        try:
            refuse_page(response, self.read_at(0, 64))
        except BaseException:
            self.close()
            raise

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes once they have arrived."""
        while self._have < offset + size and not self._is_complete:
            try:
                self._pump()
            except _CUT as error:
                self._begin_again(error)
        self._file.seek(offset)
        return self._file.read(size)

    def close(self) -> None:
        """Drop the connection and the file."""
        self._stack.close()
        self._file.close()

    def _pump(self) -> None:
        assert self._chunks is not None
        chunk = next(self._chunks, None)
        if chunk is None:
            size = self._source.size_bytes
            if size is not None and self._have < size:
                raise httpx2.RemoteProtocolError("the answer was cut short")
            if size is not None and self._have > size and self._known:
                raise another_file()
            self._compare(self._have // self._source.limits.block_bytes)
            self._source.size_bytes = self._have
            self._is_complete = True
            self._stack.close()
            return
        if self._have + len(chunk) > self._source.limits.max_bytes:
            raise too_large(self._source.limits.max_bytes)
        self._file.seek(self._have)
        self._file.write(chunk)
        self._digest.update(chunk)
        self._hash_blocks(chunk)
        self._have += len(chunk)
        self._attempt = 0

    def _hash_blocks(self, chunk: bytes) -> None:
        """Compare each block that `chunk` completes with what was fetched of it before."""
        if not self._known:
            return
        size, rest = self._source.limits.block_bytes, memoryview(chunk)
        at = self._have
        while rest:
            piece = rest[: size - at % size]
            self._block.update(piece)
            at += len(piece)
            rest = rest[len(piece) :]
            if at % size == 0:
                self._compare(at // size - 1)

    def _compare(self, number: int) -> None:
        known = self._known.get(number)
        digest, self._block = self._block.digest(), hashlib.sha256()
        if known is not None and known != digest:
            raise another_file()

    def _begin_again(self, error: Exception) -> None:
        """Ask for the stream anew and skip what is there already, making sure that it is the same."""
        while True:
            self._stack.close()
            self._attempt += 1
            self._restarts += 1
            if self._restarts > self._source.limits.restarts:
                self._attempt = self._source.limits.attempts
            self._source.give_up_or_wait(error, self._attempt)
            self._stack = ExitStack()
            try:
                response = self._source.request(self._stack, {})
                chunks = self._source.chunks(response)
                left = self._skip(chunks)
            except _CUT as again:
                error = again
                continue
            self._chunks = _chain(left, chunks)
            return

    def _skip(self, chunks: Iterator[bytes]) -> bytes:
        digest, skipped = hashlib.sha256(), 0
        while skipped < self._have:
            chunk = next(chunks, None)
            if chunk is None:
                raise httpx2.RemoteProtocolError("the answer was cut short")
            used = chunk[: self._have - skipped]
            digest.update(used)
            skipped += len(used)
            if skipped == self._have:
                if digest.digest() != self._digest.digest():
                    raise another_file()
                return chunk[len(used) :]
        return b""


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
