"""Check the addresses of a request before anything is written."""

from __future__ import annotations

from collections.abc import Sequence

from dayline.security.addresses import check_address, check_recording
from dayline.security.ssrf import Network
from dayline.sessions.schemas import SessionRequest
from dayline.workflows.sandbox.scripts import DAYS

MOCK_DAYS = tuple(f"mock://{name}" for name in DAYS)


def check_addresses(request: SessionRequest, *, environment: str, allowed: Sequence[Network], allow_http: bool) -> None:
    """Check the form of a request's addresses; no connection is made.

    Raises InvalidRecording, InvalidRequest (invalid_url), or Forbidden for a scripted day with a live key.
    """
    check_recording(
        request.recording_url, environment=environment, mocks=MOCK_DAYS, allowed=allowed, allow_http=allow_http
    )
    check_address(request.options.callback_url, "options.callback_url", allowed=allowed, allow_http=allow_http)
