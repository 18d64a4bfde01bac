"""Send one POST to a receiver and return its outcome, in words that are safe to log."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx2

from dayline.clock import monotonic_seconds
from dayline.domain.retry_after import parse_retry_after
from dayline.security.ssrf import ForbiddenAddress, Network, default_tls, guarded_client


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one attempt.

    status_code: None when no answer came.
    error: what went wrong, None exactly for a 2xx.
    retry_after_seconds: how long the receiver asked to wait.
    """

    status_code: int | None
    error: str | None
    duration_seconds: float
    retry_after_seconds: float | None = None


Post = Callable[[str, bytes, dict[str, str]], Outcome]
"""Sends a body with headers to an address. Never raises."""


def guarded_post(
    *,
    allow_networks: Sequence[Network] = (),
    allow_http: bool = False,
    verify: ssl.SSLContext | None = None,
    timeout_seconds: float = 30.0,
) -> Post:
    """Return a Post that calls public addresses only, follows no redirect and takes at most `timeout_seconds`.

    Of the answer only status and Retry-After are read.
    """
    context = verify or default_tls()

    def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        began = monotonic_seconds()
        try:
            with (
                guarded_client(
                    allow_networks=allow_networks,
                    allow_http=allow_http,
                    verify=context,
                    timeout_seconds=timeout_seconds,
                    follow_redirects=False,
                    total_seconds=timeout_seconds,
                ) as client,
                client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code
                return Outcome(
                    status_code=status,
                    error=None if 200 <= status < 300 else f"answered {status}{_hint(status)}",
                    duration_seconds=monotonic_seconds() - began,
                    retry_after_seconds=parse_retry_after(answer.headers.get("Retry-After"))
                    if status in (429, 503)
                    else None,
                )
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            return Outcome(None, _in_words(error, timeout_seconds), monotonic_seconds() - began)

    return post


def _hint(status: int) -> str:
    return ": redirects are not followed" if 300 <= status < 400 else ""


def _in_words(error: Exception, timeout_seconds: float) -> str:
    # Never the text of a library's error: it may quote the address with its query, or the receiver.
    if isinstance(error, ForbiddenAddress):
        return "the address is not public"
    if isinstance(error, httpx2.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpx2.TimeoutException):
        return f"no answer within {timeout_seconds:g} s"
    if isinstance(error.__cause__, ssl.SSLError) or "certificate" in str(error).lower():
        return "no secure connection: the certificate was not accepted"
    if isinstance(error, httpx2.ConnectError):
        return "no connection"
    if isinstance(error, httpx2.RemoteProtocolError):
        return "the connection ended before a complete answer"
    if isinstance(error, httpx2.InvalidURL):
        return "the address is not a valid URL"
    return f"the call failed ({type(error).__name__})"
