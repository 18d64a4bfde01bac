"""Check the form of URLs in requests, and who may use the scripted recordings of the sandbox."""

from __future__ import annotations

from collections.abc import Sequence

from dayline.domain.errors import Forbidden, InvalidRecording, InvalidRequest
from dayline.security.ssrf import Network, literal_address_problem, url_problem


def check_recording(
    recording_url: str | None,
    *,
    environment: str,
    mocks: Sequence[str],
    allowed: Sequence[Network],
    allow_http: bool,
) -> None:
    """Check a recording's URL by its form, without a network call.

    mocks: the scripted recordings of the sandbox.
    Raises InvalidRecording (422) for what a key of this environment may not submit and for private addresses,
    Forbidden (403, key_environment_mismatch) for a scripted recording with a live key, InvalidRequest (invalid_url).
    """
    is_mock = recording_url is not None and recording_url.startswith("mock://")
    if environment == "sandbox":
        if not is_mock:
            raise InvalidRecording(
                "Sandbox keys cannot submit real recordings. Use one of the mock:// recordings, or a live key.",
                field="recording_url",
                allowed=list(mocks),
            )
        if recording_url not in mocks:
            raise InvalidRecording("There is no such mock recording.", field="recording_url", allowed=list(mocks))
        return
    if is_mock:
        raise Forbidden(
            "mock:// recordings belong to the sandbox. Use a sandbox key (pk_sandbox_...).",
            code="key_environment_mismatch",
            field="recording_url",
        )
    if recording_url is None:
        return
    check_shape(recording_url, "recording_url", allow_http=allow_http)
    problem = literal_address_problem(recording_url, allowed)
    if problem:
        raise InvalidRecording(f"The address {problem}; recordings must be publicly reachable.", field="recording_url")


def check_address(url: str | None, field: str, *, allowed: Sequence[Network], allow_http: bool) -> None:
    """Check another URL by its form. Raises InvalidRequest (invalid_url)."""
    if url is None:
        return
    check_shape(url, field, allow_http=allow_http)
    problem = literal_address_problem(url, allowed)
    if problem:
        raise InvalidRequest(f"`{field}` {problem}.", code="invalid_url", field=field)


def check_shape(url: str, field: str, *, allow_http: bool) -> None:
    """Raise InvalidRequest (invalid_url) for a URL of another form."""
    problem = url_problem(url, allow_http=allow_http)
    if problem:
        raise InvalidRequest(f"`{field}` {problem}.", code="invalid_url", field=field)
