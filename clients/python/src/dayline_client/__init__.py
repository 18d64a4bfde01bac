"""Typed Python client for the HTTP API.

`Dayline(base_url, api_key).submit_and_wait(org_id=..., rep_id=..., recording_url=...)` submits a recording and returns
the completed session.
"""

from __future__ import annotations

from dayline_client.client import Dayline
from dayline_client.errors import (
    ApiError,
    ConnectionFailed,
    DaylineClientError,
    InvalidResponse,
    JobFailed,
    WaitedTooLong,
)
from dayline_client.pagination import Listing
from dayline_client.transport import RetryPolicy

__all__ = [
    "ApiError",
    "ConnectionFailed",
    "Dayline",
    "DaylineClientError",
    "InvalidResponse",
    "JobFailed",
    "Listing",
    "RetryPolicy",
    "WaitedTooLong",
]
