"""Requests to one address: limits, retries, and the parsing of partial answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx2

from dayline.audio.sources.http_errors import TransferTooSlow, raise_for_response, reason, refused, too_large
from dayline.domain.errors import Cancelled
from dayline.security.ssrf import ForbiddenAddress

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)$")
_MAX_WAIT_SECONDS = 20.0

CUT = (httpx2.TransportError, TransferTooSlow)
"""Errors of a connection that ended early or became too slow; a retry may work."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Limits of reading one address."""

    max_bytes: int = 8 << 30
    max_seconds: float = 8 * 3600.0
    attempts: int = 5
    """Attempts in a row without new bytes before reading fails."""
    restarts: int = 20
    """Times that a stream without `Range` is begun again from its start."""
    backoff_seconds: float = 0.5
    slow_window_seconds: float = 60.0
    slow_bytes_per_second: float = 1024.0
    """Less than this over a whole window counts as a cut connection."""
    block_bytes: int = 2 << 20
    kept_blocks: int = 4


@dataclass(frozen=True, slots=True)
class ContentRange:
    """Range of a 206 answer. `total_bytes` is None where the server does not tell."""

    first: int
    end: int
    total_bytes: int | None

    @classmethod
    def of(cls, response: httpx2.Response) -> ContentRange | None:
        """Return what the answer holds, or None where it is not a valid partial answer."""
        match = _CONTENT_RANGE.match(response.headers.get("content-range", ""))
        if response.status_code != 206 or match is None:
            return None
        return cls(int(match[1]), int(match[2]) + 1, None if match[3] == "*" else int(match[3]))

    @property
    def is_whole(self) -> bool:
        """Whether the answer holds the file from its first byte to its last."""
        return self.first == 0 and self.end == self.total_bytes


class Connection:
    """Sends GET requests to one address, within limits of size, time and speed, and counts what came."""

    def __init__(
        self, url: str, client: httpx2.Client, limits: HttpLimits, should_stop: Callable[[], bool] | None
    ) -> None:
        self._url, self._client, self._should_stop = url, client, should_stop
        self.limits = limits
        self._deadline = time.monotonic() + limits.max_seconds
        self.requests = 0
        self.received_bytes = 0

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
        raise_for_response(response)
        return response

    def chunks(self, response: httpx2.Response) -> Iterator[bytes]:
        """Yield the body as it arrives, checking speed, deadline and requests to stop."""
        window_start, window_bytes = time.monotonic(), 0
        for part in response.iter_raw():
            self.check()
            window_bytes += len(part)
            self.received_bytes += len(part)
            yield part
            now = time.monotonic()
            if now - window_start > self.limits.slow_window_seconds:
                if window_bytes < self.limits.slow_bytes_per_second * (now - window_start):
                    raise TransferTooSlow
                window_start, window_bytes = now, 0

    def check(self) -> None:
        """Raise when the caller asked to stop or the time limit has passed."""
        if self._should_stop is not None and self._should_stop():
            raise Cancelled("The recording's processing was stopped on request.")
        if time.monotonic() > self._deadline:
            raise refused("sends the recording too slowly. Put it on a faster server or upload it.")

    def give_up_or_wait(self, error: Exception, attempt: int) -> None:
        """Sleep before the next try, or raise the error for the partner."""
        if attempt >= self.limits.attempts:
            raise refused(reason(error)) from error
        asked = getattr(error, "retry_after_seconds", 0.0)
        until = time.monotonic() + min(max(self.limits.backoff_seconds * 2 ** (attempt - 1), asked), _MAX_WAIT_SECONDS)
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, 0.1))

    def checked_size(self, size: int) -> int:
        """Return a size that is allowed. Raises InvalidRecording."""
        if size > self.limits.max_bytes:
            raise too_large(self.limits.max_bytes)
        if size == 0:
            raise refused("answers with an empty file. Record or upload it again.")
        return size

    def stated_size(self, response: httpx2.Response, part: ContentRange | None) -> int | None:
        """Return the size of the whole file, where the answer tells it. Raises InvalidRecording."""
        if part is not None and part.is_whole and response.status_code == 206:
            return self.checked_size(part.end)
        length = response.headers.get("content-length", "")
        return self.checked_size(int(length)) if length.isdecimal() else None

    def read_exactly(self, response: httpx2.Response, size: int) -> bytes:
        """Return the first `size` bytes of a body. Raises what `CUT` names when it is shorter."""
        found = bytearray()
        for chunk in self.chunks(response):
            found += chunk
            if len(found) >= size:
                return bytes(found[:size])
        raise httpx2.RemoteProtocolError("the answer was cut short")
