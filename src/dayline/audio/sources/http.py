"""A recording behind an HTTPS address, read in place.

Where the server knows `Range`, blocks are fetched as the decoder wants them and a few are kept. Where it does
not, the one stream is written to an unnamed scratch file as it arrives, and read from there. Which addresses
may be called at all is the business of the client that is passed in. No message holds the address's query.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from dayline.audio.sources.http_errors import TooSlow, judge, reason, refuse_page, refused, too_large, version
from dayline.domain.errors import Cancelled
from dayline.security.ssrf import ForbiddenAddress

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)$")
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

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`, waiting for them. Raises InvalidRecording or Cancelled."""
        with self._lock:
            if self._stream is not None:
                return self._stream.read_at(offset, size)
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
                    whole = _CONTENT_RANGE.match(response.headers.get("content-range", ""))
                    if response.status_code == 206 and whole and int(whole[1]) == 0:
                        self.size_bytes = self._checked_size(int(whole[3]))
                        self._version = version(response)
                        data = self._read_exactly(response, min(self._limits.block_bytes, self.size_bytes))
                        self._blocks[0] = data
                        refuse_page(response, data)
                        return
                    if response.status_code == 206:
                        stack.close()
                        response = self.request(stack, {})
                    length = response.headers.get("content-length", "")
                    self.size_bytes = self._checked_size(int(length)) if length.isdecimal() else None
                    self._stream = _Spooled(self, response, stack.pop_all(), self._spool_dir)
                    return
                except _CUT as error:
                    self.give_up_or_wait(error, attempt)

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
        data = self._fetch(start, min(start + self._limits.block_bytes, self.size_bytes))
        self._blocks[index] = data
        while len(self._blocks) > self._limits.kept_blocks:
            self._blocks.popitem(last=False)
        return data

    def _fetch(self, start: int, end: int) -> bytes:
        found = bytearray()
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
        return bytes(found)

    def _fetch_part(self, stack: ExitStack, start: int, end: int, found: bytearray) -> None:
        self.check()
        first = start + len(found)
        headers = {"Range": f"bytes={first}-{end - 1}"}
        if self._version is not None:
            headers["If-Range"] = self._version
        response = self.request(stack, headers)
        part = _CONTENT_RANGE.match(response.headers.get("content-range", ""))
        same = self._version is None or version(response) in (None, self._version)
        if response.status_code != 206 or not part or int(part[3]) != self.size_bytes or not same:
            raise refused("answers with another file than before. Leave it unchanged until it is processed.")
        if int(part[1]) != first:
            raise httpx2.RemoteProtocolError("not the range that was asked for")
        for chunk in self.chunks(response):
            found += chunk[: end - start - len(found)]
            if start + len(found) >= end:
                return
        if start + len(found) < end:
            raise httpx2.RemoteProtocolError("the answer was cut short")

    def _read_exactly(self, response: httpx2.Response, size: int) -> bytes:
        found = bytearray()
        for chunk in self.chunks(response):
            found += chunk
            if len(found) >= size:
                return bytes(found[:size])
        raise httpx2.RemoteProtocolError("the answer was cut short")


class _Spooled:
    """The stream of a server that does not know `Range`, kept in an unnamed file as far as it has come."""

    def __init__(self, source: HttpSource, response: httpx2.Response, stack: ExitStack, directory: Path) -> None:
        self._source, self._stack = source, stack
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
            self._source.size_bytes = self._have
            self._is_complete = True
            self._stack.close()
            return
        if self._have + len(chunk) > self._source.limits.max_bytes:
            raise too_large(self._source.limits.max_bytes)
        self._file.seek(self._have)
        self._file.write(chunk)
        self._digest.update(chunk)
        self._have += len(chunk)
        self._attempt = 0

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
                    raise refused("answers with another file than before. Leave it unchanged until it is processed.")
                return chunk[len(used) :]
        return b""


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
