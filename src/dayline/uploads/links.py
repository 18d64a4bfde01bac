"""Signed links to objects, valid for an hour: of the store where it has them, our own for the embedded store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from dayline.clock import now
from dayline.db.blobs import Blobs
from dayline.domain.errors import Forbidden
from dayline.security.signing import link_is_valid, sign_link

LINK_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Makes links. base_url: where partners reach this service. link_key: 32 bytes in hex."""

    blobs: Blobs
    base_url: str
    link_key: str

    def put_link(self, file_key: str, content_type: str) -> tuple[str, dict[str, str], datetime]:
        """Return (url, headers, end) with which anybody may PUT this object until then."""
        ends_at = now() + timedelta(seconds=LINK_SECONDS)
        if self.blobs.is_local:
            return self._own("PUT", file_key, ends_at), {"Content-Type": content_type}, ends_at
        url, headers = self.blobs.sign_put(file_key, seconds=LINK_SECONDS, content_type=content_type)
        return url, headers, ends_at

    def get_link(self, file_key: str) -> tuple[str, datetime]:
        """Return (url, end) with which anybody may read this object until then."""
        ends_at = now() + timedelta(seconds=LINK_SECONDS)
        if self.blobs.is_local:
            return self._own("GET", file_key, ends_at), ends_at
        return self.blobs.sign_get(file_key, seconds=LINK_SECONDS), ends_at

    def check(self, method: str, file_key: str, query: Mapping[str, str]) -> None:
        """Raise Forbidden (invalid_link) unless `query` is one of ours for this method and object, and in time."""
        if not link_is_valid(self.link_key, method, _path(file_key), dict(query), at=int(now().timestamp())):
            raise Forbidden(
                "This link was altered or has expired. Ask for a new one; links work for one hour.",
                code="invalid_link",
            )

    def _own(self, method: str, file_key: str, ends_at: datetime) -> str:
        query = sign_link(self.link_key, method, _path(file_key), expires_at=int(ends_at.timestamp()))
        return f"{self.base_url}{quote(_path(file_key))}?{query}"


def _path(file_key: str) -> str:
    return f"/v1/files/{file_key}"
