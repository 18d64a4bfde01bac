"""Share links: one conversation, read-only, for people without a key."""

from __future__ import annotations

from typing import Unpack

from dayline_client.transport import Transport, part
from dayline_client.types.shares import SharedConversation, ShareRequest, Shares, ShareShownOnce


class ShareLinks:
    """Links to single conversations. Methods raise ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, session_id: str, segment_id: str, **request: Unpack[ShareRequest]) -> ShareShownOnce:
        """Create a link. Only this response contains its URL. The org's `settings.share_links` must be `on`."""
        path = f"/v1/all-day-sessions/{part(session_id)}/segments/{part(segment_id)}/shares"
        return self._transport.call("POST", path, body=request).json

    def list(self, session_id: str) -> Shares:
        """List the links of a day, active and revoked."""
        return self._transport.call("GET", f"/v1/all-day-sessions/{part(session_id)}/shares").json

    def revoke(self, session_id: str, share_id: str) -> None:
        """Revoke a link, effective immediately."""
        self._transport.call("DELETE", f"/v1/all-day-sessions/{part(session_id)}/shares/{part(share_id)}")

    def read(self, token: str) -> SharedConversation:
        """Get the conversation that a link shows. The token is the last part of its URL."""
        return self._transport.call("GET", f"/v1/shared/{part(token)}").json

    def audio(self, token: str, *, start: float = 0, end: float | None = None) -> bytes:
        """Get its audio as Opus in WebM, at most 15 minutes. Seconds count from the start of the conversation."""
        query = {"start": start, "end": end}
        return self._transport.call("GET", f"/v1/shared/{part(token)}/audio", query=query, accept="*/*").body
