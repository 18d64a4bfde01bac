"""HTTP client for speech providers: time-outs, bounded retries that honour Retry-After, capped answers.

Providers are the operator's own choice, so their addresses are not checked here. Errors never quote an answer,
which may hold the key or words of the recording.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx2

from dayline.asr.ports import EngineMisconfigured
from dayline.domain.errors import Unavailable
from dayline.domain.retry_after import parse_retry_after

T = TypeVar("T")

_TRY_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_MAX_ANSWER_BYTES = 32 * 1024 * 1024
_MAX_PAUSE_SECONDS = 60.0


class RequestRefused(EngineMisconfigured):
    """The provider refused the request, and a retry does not help. `http_status` is its answer."""

    def __init__(self, message: str, http_status: int) -> None:
        super().__init__(message, http_status=http_status)
        self.http_status = http_status


class SpeechHttp:
    """Posts audio and parses the JSON answer. Safe to share between threads.

    provider: its name in errors. attempts: attempts per call. timeout_seconds: of one try from connecting to
    the last byte, so that a slow answer does not block a worker.
    """

    def __init__(
        self,
        provider: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        timeout_seconds: float = 180.0,
        attempts: int = 5,
        first_pause_seconds: float = 1.0,
    ) -> None:
        if not base_url.startswith(("https://", "http://")):
            raise EngineMisconfigured(f"The address of {provider} must start with https:// or http://.")
        self._provider = provider
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._attempts = max(1, attempts)
        self._first_pause_seconds = first_pause_seconds
        self._client = httpx2.Client(
            headers=dict(headers),
            timeout=httpx2.Timeout(timeout_seconds, connect=min(15.0, timeout_seconds)),
            # A redirect would carry the key to an address that is not configured.
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def post(self, path: str, parse: Callable[[Any], T], **request: Any) -> T:
        """Post and return `parse(JSON)`. `request` holds httpx2's params, content, data, files, headers.

        An answer that is nested too deeply, holds a number beyond a double, or that `parse` rejects with LookupError,
        TypeError or ValueError counts as broken and is tried again.
        Raises `Unavailable` when no attempt succeeded, `RequestRefused` when a retry does not help.
        """
        reason = ""
        for attempt in range(self._attempts):
            pause = self._pause(attempt)
            try:
                status, headers, body = self._once(path, request)
                if status < 300:
                    return parse(json.loads(body))
                if status not in _TRY_AGAIN:
                    raise RequestRefused(_refusal(self._provider, status), status)
                reason = f"HTTP {status}"
                pause = max(pause, parse_retry_after(headers.get("retry-after")) or 0.0)
            except httpx2.TimeoutException:
                reason = "no answer in time"
            except httpx2.TransportError:
                reason = "the connection failed"
            except httpx2.InvalidURL as error:
                raise EngineMisconfigured(f"The address of {self._provider} is not a valid URL.") from error
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
                reason = "an answer that could not be read"
            if attempt + 1 < self._attempts:
                if pause > _MAX_PAUSE_SECONDS:
                    break
                time.sleep(pause)
        raise Unavailable(f"{self._provider} did not transcribe: {reason}.", code="provider_unavailable")

    def _once(self, path: str, request: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        deadline = time.monotonic() + self._timeout_seconds
        with self._client.stream("POST", self._base_url + path, **request) as response:
            if response.status_code >= 300:
                return response.status_code, response.headers, b""
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _MAX_ANSWER_BYTES:
                    raise ValueError("answer too large")
                if time.monotonic() > deadline:
                    raise httpx2.ReadTimeout("answer too slow", request=response.request)
            return response.status_code, response.headers, bytes(body)

    def _pause(self, attempt: int) -> float:
        """Return the pause after this attempt: doubling, and spread so that workers do not return all at once."""
        return self._first_pause_seconds * 2**attempt * random.uniform(0.75, 1.25)


def _refusal(provider: str, status: int) -> str:
    if status in (401, 403):
        return f"{provider} refused the key (HTTP {status}). Check the key and what it may do."
    if status == 402:
        return f"{provider} asks for payment (HTTP 402). Check the account."
    if status == 404:
        return f"{provider} has no such address or model (HTTP 404). Check the base URL and the model's name."
    if status < 400:
        return f"{provider} redirects elsewhere (HTTP {status}). Configure the final base URL."
    return f"{provider} refused the request (HTTP {status}). Check the model's name and what it supports."
