"""Signatures: on webhook bodies (two conventions at once) and on links to our own files."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from standardwebhooks import Webhook


def webhook_headers(
    body: bytes, *, event_id: str, event_type: str, attempt_id: str, timestamp: int, secrets: Sequence[str]
) -> dict[str, str]:
    """Return the headers of one delivery attempt.

    Standard Webhooks: one signature per valid secret, so receivers survive a rotation. The Stripe-like
    header that receivers of the Parlay API verify lists one v1 per secret for the same reason.
    """
    moment = datetime.fromtimestamp(timestamp, UTC)
    standard = " ".join(Webhook(secret).sign(event_id, moment, body.decode()) for secret in secrets)
    signed = f"{timestamp}.".encode() + body
    stripe_like = ",".join(
        [f"t={timestamp}"]
        + [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    )
    return {
        "Content-Type": "application/json",
        "User-Agent": "parlay-webhook/1 dayline",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": standard,
        "X-Parlay-Event": event_type,
        "X-Parlay-Delivery": attempt_id,
        "X-Parlay-Signature": stripe_like,
    }


def sign_link(key: str, method: str, path: str, *, expires_at: int, extra: dict[str, str] | None = None) -> str:
    """Return the query string that permits anybody to use `method` on `path` until `expires_at` (Unix seconds)."""
    fields = {"expires": str(expires_at), **(extra or {})}
    return urlencode({**fields, "signature": _link_signature(key, method, path, fields)})


def link_is_valid(key: str, method: str, path: str, fields: dict[str, str], *, at: int) -> bool:
    """Check a link made by `sign_link`: nothing altered, not expired at Unix second `at`."""
    given = fields.get("signature", "")
    rest = {k: v for k, v in fields.items() if k != "signature"}
    expected = _link_signature(key, method, path, rest)
    expires = rest.get("expires", "")
    return (
        hmac.compare_digest(given.encode(), expected.encode())
        and expires.isascii()
        and expires.isdigit()
        and at <= int(expires)
    )


def _link_signature(key: str, method: str, path: str, fields: dict[str, str]) -> str:
    text = "\n".join([method, path, *(f"{k}={fields[k]}" for k in sorted(fields))])
    digest = hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def fingerprint(*parts: bytes) -> str:
    """Return a hash over parts, which identifies a request."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
