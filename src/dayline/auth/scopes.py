"""What a key's scopes allow, by method and path."""

from __future__ import annotations

from dayline.auth.principal import READ, WRITE, Principal

_READING = ("GET", "HEAD", "OPTIONS")


def check_scope(caller: Principal, method: str, path: str) -> None:
    """Let a partner's key read or change what is the partner's. Routes under /v1/admin have rules of their own."""
    if path.startswith("/v1/admin/"):
        return
    caller.require(READ if method in _READING else WRITE)
