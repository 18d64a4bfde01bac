"""Errors of the client.

DaylineClientError
├── ApiError          the service returned an error: code, status, request_id, doc_url, details
├── ConnectionFailed  no response after every attempt
├── InvalidResponse   a response that is not the API's: too large, not JSON
├── JobFailed         a session or analysis that was waited for ended as `failed`
└── WaitedTooLong     it did not end in time; it continues, and can be waited for again
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DaylineClientError(Exception):
    """Base class of all errors of this client about the API."""


class ApiError(DaylineClientError):
    """Error response of the service.

    Attributes:
        code: stable identifier for use in programs.
        status: HTTP status.
        request_id: id of the request in the service's log.
        retry_after_seconds: time to wait, if the service gave one.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int,
        request_id: str | None = None,
        doc_url: str | None = None,
        details: Mapping[str, Any] | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(f"{message} ({code}, HTTP {status}, {request_id or 'no request id'})")
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.doc_url = doc_url
        self.details = dict(details or {})
        self.retry_after_seconds = retry_after_seconds


class ConnectionFailed(DaylineClientError):
    """The connection failed on every attempt."""


class InvalidResponse(DaylineClientError):
    """A response that this client does not accept."""


class JobFailed(DaylineClientError):
    """A session or analysis ended as `failed`. `job` is its representation in the API."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        problem: Mapping[str, Any] = job.get("error") or {}
        self.job = job
        self.code = str(problem.get("code", "unknown"))
        super().__init__(f"{job.get('id')} failed: {problem.get('message', 'no reason was given')} ({self.code})")


class WaitedTooLong(DaylineClientError):
    """A session or analysis did not end in time. `job` is its state at the last poll."""

    def __init__(self, job: Mapping[str, Any], timeout_seconds: float) -> None:
        self.job = job
        super().__init__(
            f"{job.get('id')} is {job.get('status')} after {timeout_seconds:g} s; it can be waited for again"
        )
