"""Cursor pagination, newest first: stable while rows are added, opaque, and bound to the caller and the list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from dayline.clock import utc


@dataclass(frozen=True, slots=True)
class Position:
    """The last row of a page: rows after it are older, or of the same moment with a smaller id."""

    created_at: datetime
    id: str


def write_cursor(position: Position, *, key: str, scope: str) -> str:
    """Return an opaque cursor. `scope` names the partner, the list and its filters; another scope refuses it."""
    body = json.dumps([utc(position.created_at).isoformat(), position.id]).encode()
    tag = hmac.new(key.encode(), scope.encode() + b"\0" + body, hashlib.sha256).digest()[:12]
    return base64.urlsafe_b64encode(tag + body).decode().rstrip("=")


def read_cursor(text: str, *, key: str, scope: str) -> Position | None:
    """Return the position, or None when the cursor is not one of ours for this scope."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    tag, body = raw[:12], raw[12:]
    good = hmac.new(key.encode(), scope.encode() + b"\0" + body, hashlib.sha256).digest()[:12]
    if not hmac.compare_digest(tag, good):
        return None
    moment, row_id = json.loads(body)
    return Position(datetime.fromisoformat(moment), row_id)
