"""Uploads: a key for a file that its owner sends straight to the object store."""

from __future__ import annotations

import re

from dayline.auth import partners_repository as partners
from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.domain.errors import Conflict, InvalidRequest, NotFound
from dayline.ids import new_id
from dayline.uploads import repository as uploads
from dayline.uploads.links import LinkSigner
from dayline.uploads.repository import UploadRecord, Usage
from dayline.uploads.schemas import UploadLink, UploadRequest

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_LENGTH = 100
MAX_FILES = 10_000
"""Most uploads of a partner at once."""


def begin(
    tx: Transaction, signer: LinkSigner, request: UploadRequest, *, partner_id: str, max_bytes: int, quota_bytes: int
) -> UploadLink:
    """Issue a file key and a link to PUT the file. Raises NotFound, InvalidRequest, Conflict over the quota."""
    if partners.get(tx, partner_id, lock=True) is None:
        raise NotFound.of("partner", partner_id)
    check_size(request.size_bytes, max_bytes)
    used = uploads.usage(tx, partner_id)
    if used.files >= MAX_FILES or used.size_bytes + (request.size_bytes or 0) > quota_bytes:
        raise over_quota(used, quota_bytes)
    file_key = f"uploads/{partner_id}/{new_id()}/{plain_name(request.file_name)}"
    url, headers, ends_at = signer.put_link(file_key, request.content_type)
    uploads.add(
        tx,
        UploadRecord(
            file_key=file_key,
            partner_id=partner_id,
            file_name=request.file_name,
            content_type=request.content_type,
            size_bytes=request.size_bytes,
            expires_at=ends_at,
            created_at=now(),
        ),
    )
    return {
        "upload_url": url,
        "method": "PUT",
        "headers": headers,
        "file_key": file_key,
        "expires_at": iso(ends_at),
    }


def over_quota(used: Usage, quota_bytes: int) -> Conflict:
    """Return the error for an upload that a partner has no room for."""
    return Conflict(
        f"The uploads of this partner take {used.size_bytes} of {quota_bytes} bytes in {used.files} of {MAX_FILES} "
        "files. Delete sessions and analyses that use uploads; unused ones are deleted after a day.",
        used_bytes=used.size_bytes,
        quota_bytes=quota_bytes,
        files=used.files,
    )


def room_for(tx: Transaction, record: UploadRecord, quota_bytes: int) -> int:
    """Return how many bytes an upload may bring. Raises Conflict when nothing is left."""
    used = uploads.usage(tx, record.partner_id, besides=record.file_key)
    if used.size_bytes >= quota_bytes:
        raise over_quota(used, quota_bytes)
    return quota_bytes - used.size_bytes


def known(tx: Transaction, file_key: str) -> UploadRecord:
    """Return the upload of a key. Raises NotFound."""
    record = uploads.get(tx, file_key)
    if record is None:
        raise NotFound.of("file", file_key)
    return record


def check_size(size_bytes: int | None, max_bytes: int) -> None:
    """Raise InvalidRequest for an announced size that is not accepted."""
    if size_bytes is not None and size_bytes > max_bytes:
        raise InvalidRequest(
            f"A recording may have {max_bytes} bytes at most.", field="size_bytes", limit_bytes=max_bytes
        )


def plain_name(file_name: str) -> str:
    """Return a file name that is the same in every object store and on every disk."""
    name = _NOT_PLAIN.sub("_", file_name.replace("\\", "/").rsplit("/", 1)[-1]).strip("._")
    return name[-_NAME_LENGTH:].lstrip("._") or "recording"
