"""Uploads, operator routes, and the state of the service."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Unpack

from dayline_client.pagination import Listing
from dayline_client.transport import Transport, part
from dayline_client.types.console import Me
from dayline_client.types.partners import (
    Health,
    Key,
    KeyRequest,
    KeyShownOnce,
    Partner,
    PartnerRequest,
    QueueState,
    UploadLink,
    UploadRequest,
    WorkerList,
)

_ADMIN = "/v1/admin"
_PIECE_BYTES = 1024 * 1024
_RECORDING = re.compile(r"(audio|video)/[A-Za-z0-9.+-]{1,80}|application/ogg")
_MAX_NAME_CHARACTERS = 255


class Uploads:
    """Uploads directly to the object store. Methods raise ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def link(self, partner_id: str, **request: Unpack[UploadRequest]) -> UploadLink:
        """Create a link to PUT one file, valid for one hour."""
        return self._transport.call(
            "POST", f"{_ADMIN}/partners/{part(partner_id)}/uploads/signed-url", body=request
        ).json

    def own_link(self, **request: Unpack[UploadRequest]) -> UploadLink:
        """Create a link to PUT one file for the key's own partner, valid for one hour."""
        return self._transport.call("POST", "/v1/uploads/signed-url", body=request).json

    def put(self, link: UploadLink, path: Path | str) -> None:
        """Stream a file to its link; after a broken connection it is sent again from the start."""
        path = Path(path)
        headers = {**link["headers"], "Content-Length": str(path.stat().st_size)}
        self._transport.bare(link["method"], link["upload_url"], headers, lambda: _pieces(path))

    def upload(self, partner_id: str, path: Path | str, *, content_type: str | None = None) -> str:
        """Upload a file and return its file_key for submission. Raises OSError if the file cannot be read."""
        path = Path(path)
        link = self.link(
            partner_id,
            file_name=path.name[-_MAX_NAME_CHARACTERS:],
            content_type=content_type or media_type_of(path),
            size_bytes=path.stat().st_size,
        )
        self.put(link, path)
        return link["file_key"]

    def get(self, signed_url: str, *, first_byte: int | None = None, last_byte: int | None = None) -> bytes:
        """Read a file, or a part of it, by a signed link of the embedded store; the key is not sent."""
        headers = (
            {} if first_byte is None else {"Range": f"bytes={first_byte}-{'' if last_byte is None else last_byte}"}
        )
        return self._transport.bare("GET", signed_url, headers).body


class Admin:
    """The installation's operator. Needs an admin key. Methods raise ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_partner(self, **request: Unpack[PartnerRequest]) -> Partner:
        """Add a tenant."""
        return self._transport.call("POST", f"{_ADMIN}/partners", body=request).json

    def list_partners(self, *, limit: int = 20, cursor: str | None = None) -> Listing[Partner]:
        """List tenants, newest first."""
        return Listing(self._transport, f"{_ADMIN}/partners", {"limit": limit, "cursor": cursor})

    def get_partner(self, partner_id: str) -> Partner:
        """Get a tenant."""
        return self._transport.call("GET", f"{_ADMIN}/partners/{part(partner_id)}").json

    def list_keys(self, *, partner_id: str | None = None, limit: int = 20, cursor: str | None = None) -> Listing[Key]:
        """List keys without their secrets, newest first."""
        query = {"partner_id": partner_id, "limit": limit, "cursor": cursor}
        return Listing(self._transport, f"{_ADMIN}/api-keys", query)

    def queue(self) -> QueueState:
        """Get the amount of waiting work per queue."""
        return self._transport.call("GET", f"{_ADMIN}/queue").json

    def workers(self) -> WorkerList:
        """List the workers with the time of their last heartbeat."""
        return self._transport.call("GET", f"{_ADMIN}/workers").json

    def suspend_partner(self, partner_id: str) -> Partner:
        """Suspend a partner: none of its keys works."""
        return self._transport.call("POST", f"{_ADMIN}/partners/{part(partner_id)}/suspend").json

    def resume_partner(self, partner_id: str) -> Partner:
        """Resume a partner: its keys work again."""
        return self._transport.call("POST", f"{_ADMIN}/partners/{part(partner_id)}/resume").json

    def create_key(self, **request: Unpack[KeyRequest]) -> KeyShownOnce:
        """Create a key. Store `key`: it is shown only once."""
        return self._transport.call("POST", f"{_ADMIN}/api-keys", body=request).json

    def revoke_key(self, id: str) -> None:
        """Revoke a key, effective from the next request."""
        self._transport.call("DELETE", f"{_ADMIN}/api-keys/{part(id)}")


class Service:
    """The state of the service. Methods raise ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def me(self) -> Me:
        """Get the owner and scopes of the key, and the configuration of the service."""
        return self._transport.call("GET", "/v1/me").json

    def health(self) -> Health:
        """Check whether the service is alive."""
        return self._transport.call("GET", "/healthz").json

    def ready(self) -> Health:
        """Check whether the service can accept work."""
        return self._transport.call("GET", "/readyz").json

    def metrics(self) -> str:
        """Get the metrics in the Prometheus text format."""
        return self._transport.call("GET", "/metrics", accept="text/plain").body.decode()


def media_type_of(path: Path) -> str:
    """Guess the media type of a recording from its name."""
    guess = mimetypes.guess_type(path.name)[0] or ""
    return guess if _RECORDING.fullmatch(guess) else "application/octet-stream"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
