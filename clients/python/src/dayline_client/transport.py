"""HTTP transport: retries of safe requests, JSON responses and errors.

Every request that changes something has an Idempotency-Key, so a repetition has no second effect. Retried are: broken
connections, 429, 502, 503, 504, and 409 `idempotency_in_progress` (the first request is still running). The pause
doubles, with jitter; `Retry-After` takes precedence. If `Retry-After` exceeds `longest_wait_seconds`, the request is
not retried.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx2

from dayline_client.errors import ApiError, ConnectionFailed, InvalidResponse
from dayline_client.version import __version__

MAX_ANSWER_BYTES = 256 * 1024 * 1024
"""Much larger than the transcript of the longest day."""

_AGAIN = (429, 502, 503, 504)
_OWN_FAULT = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError)
_CHANGES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Number and time limits of the attempts of a request."""

    attempts: int = 5
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, read completely. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON. Raises InvalidResponse."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise InvalidResponse(f"HTTP {self.status} came with a body that is not JSON.") from error


class Transport:
    """One connection pool and one key. Thread-safe."""

    def __init__(self, base_url: str, api_key: str, retry_policy: RetryPolicy) -> None:
        self.base_url = base_url.rstrip("/")
        self.retry_policy = retry_policy
        self._key = api_key
        self._http = httpx2.Client(
            timeout=retry_policy.timeout_seconds, headers={"User-Agent": f"dayline-python/{__version__}"}
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request with the key. Raises ApiError, ConnectionFailed, InvalidResponse."""
        headers = {**(headers or {}), "Authorization": f"Bearer {self._key}", "Accept": accept}
        if method in _CHANGES:
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, default=_plain).encode()
        params = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        url = self.base_url + path

        def send() -> Answer:
            request = self._http.build_request(method, url, headers=headers, content=content, params=params or None)
            return self._send(request)

        return self.send_with_retries(send)

    def bare(
        self, method: str, url: str, headers: Mapping[str, str], content: Callable[[], Iterator[bytes]] | None = None
    ) -> Answer:
        """Send a request without the key to any URL, such as a signed link of an object store.

        content: called for each attempt, so that the body can be sent again from its start. Raises as `call`.
        """
        # A store may need some time after the last byte before it confirms the file.
        timeout = httpx2.Timeout(self.retry_policy.timeout_seconds, read=300.0, write=120.0)

        def send() -> Answer:
            body = content() if content is not None else None
            return self._send(self._http.build_request(method, url, headers=headers, content=body, timeout=timeout))

        return self.send_with_retries(send)

    @contextmanager
    def listen(
        self, path: str, headers: Mapping[str, str], *, silence_seconds: float
    ) -> Generator[httpx2.Response, None, None]:
        """Open a stream of events. Raises ApiError; transport errors are passed through."""
        timeout = httpx2.Timeout(self.retry_policy.timeout_seconds, read=silence_seconds)
        sent = {"Authorization": f"Bearer {self._key}", "Accept": "text/event-stream", **headers}
        with self._http.stream("GET", self.base_url + path, headers=sent, timeout=timeout) as response:
            if response.status_code != 200:
                raise error_of(_read(response))
            yield response

    def send_with_retries(self, send: Callable[[], Answer]) -> Answer:
        """Send a request until it succeeds or must not be retried. Raises ApiError, ConnectionFailed."""
        failure: ApiError | ConnectionFailed = ConnectionFailed("No attempt is allowed: `attempts` is 0.")
        for attempt in range(1, self.retry_policy.attempts + 1):
            asked_seconds = None
            try:
                answer = send()
            except httpx2.TransportError as error:
                failure = ConnectionFailed(f"No answer after {attempt} attempts: {type(error).__name__}")
                failure.__cause__ = error
                if isinstance(error, _OWN_FAULT):
                    break
            else:
                if answer.status < 300:
                    return answer
                failure = error_of(answer)
                asked_seconds = failure.retry_after_seconds
                if not self.is_retryable(failure):
                    break
            if attempt < self.retry_policy.attempts:
                self.pause(attempt, asked_seconds)
        raise failure

    def is_retryable(self, error: ApiError) -> bool:
        """Return whether the same request may succeed later, within the longest wait."""
        may_succeed = error.status in _AGAIN or error.code == "idempotency_in_progress"
        return may_succeed and (error.retry_after_seconds or 0) <= self.retry_policy.longest_wait_seconds

    def pause(self, attempt: int, asked_seconds: float | None) -> None:
        """Wait as long as the service asked, or longer with every attempt."""
        if asked_seconds is None:
            longest = min(
                self.retry_policy.longest_wait_seconds, self.retry_policy.first_wait_seconds * 2 ** (attempt - 1)
            )
            asked_seconds = longest * random.uniform(0.5, 1.0)
        time.sleep(asked_seconds)

    def _send(self, request: httpx2.Request) -> Answer:
        response = self._http.send(request, stream=True)
        try:
            return _read(response)
        finally:
            response.close()


def part(value: str | int) -> str:
    """Quote a value as one path segment."""
    return quote(str(value), safe="")


def error_of(answer: Answer) -> ApiError:
    """Read the error of a response; one that is not the API's has the code `unknown`."""
    wait = _seconds(answer.headers.get("retry-after"))
    try:
        found = json.loads(answer.body)["error"]
        return ApiError(
            str(found["code"]),
            str(found["message"]),
            status=answer.status,
            request_id=found.get("request_id"),
            doc_url=found.get("doc_url"),
            details=found.get("details"),
            retry_after_seconds=wait,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        # Not from the API but from a proxy or an object store. Its text may contain anything and is not repeated.
        message = "The answer did not come from the API."
        request_id = answer.headers.get("x-request-id")
        return ApiError("unknown", message, status=answer.status, request_id=request_id, retry_after_seconds=wait)


def _read(response: httpx2.Response) -> Answer:
    pieces, size = list[bytes](), 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            raise InvalidResponse(f"The answer is larger than {MAX_ANSWER_BYTES} bytes.")
        pieces.append(piece)
    return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, b"".join(pieces))


def _seconds(retry_after: str | None) -> float | None:
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)
