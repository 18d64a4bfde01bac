"""People in the web console: invitations and open sessions."""

from __future__ import annotations

from typing import Unpack

from dayline_client.transport import Transport, part
from dayline_client.types.console import ConsoleSessions, LinkRequest, LinkShownOnce

_PATH = "/v1/console"


class Console:
    """Console sessions and invitations. Methods raise ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def invite(self, **request: Unpack[LinkRequest]) -> LinkShownOnce:
        """Create a sign-in link for one person, valid for 72 hours and one use. Needs an admin key."""
        return self._transport.call("POST", f"{_PATH}/links", body=request).json

    def sessions(self) -> ConsoleSessions:
        """List the people who are signed in: those of the key's partner or, with an admin key, all."""
        return self._transport.call("GET", f"{_PATH}/sessions").json

    def end_session(self, console_session_id: str) -> None:
        """Sign a person out."""
        self._transport.call("DELETE", f"{_PATH}/sessions/{part(console_session_id)}")
