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
        """Make a link. Its address stands in this answer only. The org's `settings.share_links` must be `on`."""
        path = f"/v1/all-day-sessions/{part(session_id)}/segments/{part(segment_id)}/shares"
        return self._transport.call("POST", path, body=request).json

    def list(self, session_id: str) -> Shares:
        """Links of a day, open and closed ones."""
        return self._transport.call("GET", f"/v1/all-day-sessions/{part(session_id)}/shares").json

    def revoke(self, session_id: str, share_id: str) -> None:
        """Close a link at once."""
        self._transport.call("DELETE", f"/v1/all-day-sessions/{part(session_id)}/shares/{part(share_id)}")

    def read(self, token: str) -> SharedConversation:
        """What the link with this token shows: the last part of its address."""
        return self._transport.call("GET", f"/v1/shared/{part(token)}").json

    def audio(self, token: str, *, start: float = 0, end: float | None = None) -> bytes:
        """The sound of it as Opus in WebM, 15 minutes at most. Seconds count from its beginning."""
        query = {"start": start, "end": end}
        return self._transport.call("GET", f"/v1/shared/{part(token)}/audio", query=query, accept="*/*").body
