"""Who calls: the bearer key of a request, judged on every request so that revoking works at once."""

from __future__ import annotations

from dayline.api.dependencies import READ, WRITE, Caller
from dayline.core.errors import Forbidden, Unauthenticated
from dayline.kit.tokens import same_secret, split_key
from dayline.store.db import Database
from dayline.store.tenants import keys

_ENVIRONMENTS = {"live": "production", "sandbox": "sandbox", "admin": "admin"}
_READING = ("GET", "HEAD", "OPTIONS")


def caller_of(database: Database, authorization: str | None) -> Caller:
    """Return whose key an Authorization header carries. Raises Unauthenticated."""
    scheme, _, text = (authorization or "").strip().partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Unauthenticated("Send your key in the header `Authorization: Bearer pk_...`.")
    parts = split_key(text)
    if parts is None:
        raise _unknown()
    kind, key_id, secret = parts
    with database.read() as tx:
        holder = keys.find_holder(tx, key_id)
    if holder is None or not same_secret(secret, holder.key.secret_hash):
        raise _unknown()
    key = holder.key
    if key.environment != _ENVIRONMENTS[kind]:
        raise _unknown()
    if key.revoked_at is not None:
        raise Unauthenticated("This key was revoked. Use another one.", code="key_revoked", reason="revoked")
    if holder.suspended_at is not None:
        raise Unauthenticated(
            "The partner of this key is suspended; its keys do not work until it is resumed.",
            code="key_revoked",
            reason="partner_suspended",
        )
    return Caller(
        partner_id=key.partner_id or "",
        environment=key.environment,
        key_id=key.key_id,
        scopes=frozenset(key.scopes),
        is_admin=key.environment == "admin",
    )


def check_scope(caller: Caller, method: str, path: str) -> None:
    """Let a partner's key read or change what is the partner's. Routes under /v1/admin have rules of their own."""
    if path.startswith("/v1/admin/"):
        return
    wanted = READ if method in _READING else WRITE
    if not caller.may(wanted):
        raise Forbidden(f"This key lacks the scope {wanted}.", required_scope=wanted)


def _unknown() -> Unauthenticated:
    return Unauthenticated("This key is not known here. Check that it is complete.", code="invalid_api_key")
