"""Typed Python client for the HTTP API.

`Dayline(base_url, api_key).submit_and_wait(org_id=..., rep_id=..., recording_url=...)` is the whole way in one call.
"""

from __future__ import annotations

from dayline.client.client import Dayline
from dayline.client.errors import ApiError, BadAnswer, DaylineClientError, JobFailed, Unreachable, WaitedTooLong
from dayline.client.listing import Listing
from dayline.client.wire import Patience

__all__ = [
    "ApiError",
    "BadAnswer",
    "Dayline",
    "DaylineClientError",
    "JobFailed",
    "Listing",
    "Patience",
    "Unreachable",
    "WaitedTooLong",
]
