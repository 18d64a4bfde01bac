"""API keys and other secrets: generated, shown once, stored as a hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Literal, cast

KeyKind = Literal["live", "sandbox", "admin"]
_KEY = re.compile(r"^pk_(live|sandbox|admin)_([a-z0-9]{12})_([A-Za-z0-9]{40})$")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new key with its text, which is stored nowhere."""

    text: str
    key_id: str
    secret_hash: str
    prefix: str


def make_key(kind: KeyKind) -> NewKey:
    """Generate a key `pk_<kind>_<id>_<secret>` with 238 bits of secret."""
    key_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(12))
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(40))
    text = f"pk_{kind}_{key_id}_{secret}"
    return NewKey(text=text, key_id=key_id, secret_hash=hash_secret(secret), prefix=f"pk_{kind}_{key_id}")


def split_key(text: str) -> tuple[KeyKind, str, str] | None:
    """Return (kind, id, secret) of a well-formed key, else None."""
    match = _KEY.match(text)
    return (cast(KeyKind, match[1]), match[2], match[3]) if match else None


def hash_secret(secret: str) -> str:
    """Hash a random secret for storage. SHA-256 is enough: there is no dictionary of 238 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same_secret(secret: str, secret_hash: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(hash_secret(secret), secret_hash)


def make_webhook_secret() -> str:
    """Return a Standard Webhooks secret: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def make_signing_key() -> str:
    """Return 32 random bytes in hex, for signing our own links."""
    return secrets.token_hex(32)
