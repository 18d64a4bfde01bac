"""What a key's scopes allow, by method and path."""

from __future__ import annotations

from dayline.auth.principal import READ, WRITE, Principal
from dayline.auth.roles import check_role

_READING = ("GET", "HEAD", "OPTIONS")


def check_scope(caller: Principal, method: str, path: str) -> None:
    """Let a partner's key read or change what is the partner's, and a person what the role allows.

    Routes under /v1/admin have rules of their own, `/v1/me` answers every key.
    """
    if caller.role is not None:
        check_role(caller, method, path)
        return
    if path.startswith(("/v1/admin/", "/v1/console/")) or path == "/v1/me":
        return
    caller.require(READ if method in _READING else WRITE)
