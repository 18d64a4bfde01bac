"""The principal of a request: the holder of an API key or a signed-in person, with scopes and environment."""

from __future__ import annotations

from dataclasses import dataclass

from dayline.auth import keys_repository as keys
from dayline.db.database import Database
from dayline.db.visibility import EVERYTHING, Visibility
from dayline.domain.errors import Forbidden, NotFound, Unauthenticated
from dayline.security.api_keys import same_secret, split_key

READ = "partner:read"
WRITE = "partner:write"
UPLOADS = "uploads:write"
ADMIN = "admin"
"""Not a scope that a partner's key can have: stands for the admin key in the document."""
DEFAULT_SCOPES = (READ, WRITE)
"""Scopes of a key by default."""

_ENVIRONMENTS = {"live": "production", "sandbox": "sandbox", "admin": "admin"}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: the holder of a key, or a person who is signed in to the console.

    partner_id: empty for an admin key and for an operator who has not opened a partner.
    environment: production, sandbox or admin.
    key_id: empty for a person who came by a sign-in link.
    visitor_id: the console session of a person; None for a key.
    role: operator, coach, rep or viewer for a person who came by a link. None for keys, also behind a console
        session: their scopes decide.
    visibility: which orgs and reps of the partner the caller may see.
    name: the person's name in revisions, notes and the access log.
    """

    partner_id: str
    environment: str
    key_id: str
    scopes: frozenset[str]
    is_admin: bool
    visitor_id: str | None = None
    role: str | None = None
    visibility: Visibility = EVERYTHING
    name: str | None = None

    @property
    def owner(self) -> str:
        """Owner of idempotency keys."""
        return self.partner_id or f"admin:{self.bucket[:30]}"

    @property
    def bucket(self) -> str:
        """Bucket of the rate limit: the console session, else the key."""
        return self.visitor_id or self.key_id

    @property
    def author(self) -> str:
        """Author of changes."""
        if self.visitor_id is None:
            return f"key {self.key_id}"
        return self.name or (f"key {self.key_id}" if self.key_id else self.role or "console")

    def may(self, scope: str) -> bool:
        """Return whether the key carries a scope; the right to write includes the right to read."""
        if self.role is not None:
            return scope in self.scopes
        return self.is_admin or scope in self.scopes or (scope == READ and WRITE in self.scopes)

    def require(self, scope: str) -> None:
        """Raise Forbidden (scope_required) when the key lacks a scope."""
        if not self.may(scope):
            raise Forbidden(f"This key lacks the scope {scope}.", required_scope=scope)

    def require_admin(self) -> None:
        """Raise Forbidden (scope_required) for a caller who is not the operator."""
        if not self.is_admin:
            raise Forbidden("This needs an admin key (pk_admin_...).", required_scope=ADMIN)

    def require_partner(self, scope: str = WRITE) -> None:
        """Raise Forbidden (scope_required, naming `scope`) for a caller without a partner, such as an admin key."""
        if not self.partner_id:
            raise Forbidden(
                "An admin key acts for no partner. Use a live or sandbox key of the partner here.",
                required_scope=scope,
            )

    def require_sight(self, org_id: str, rep_id: str | None = None) -> None:
        """Raise NotFound for an org or a rep that the caller may not see."""
        if not self.visibility.covers(org_id):
            raise NotFound.of("org", org_id)
        if rep_id is not None and not self.visibility.covers(org_id, rep_id):
            raise NotFound.of("rep", rep_id)

    def require_environment(self, environment: str) -> None:
        """Raise Forbidden (key_environment_mismatch) for what a key of the other environment made."""
        if environment != self.environment:
            raise Forbidden(
                f"This belongs to the {environment} environment and the key to {self.environment}. "
                f"Use a key of {environment}.",
                code="key_environment_mismatch",
            )


def principal_of(database: Database, authorization: str | None) -> Principal:
    """Return whose key an Authorization header carries. Raises Unauthenticated."""
    return holder_of(database, key_in(authorization))


def key_in(authorization: str | None) -> str:
    """Return the text of the key in an Authorization header. Raises Unauthenticated."""
    scheme, _, text = (authorization or "").strip().partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Unauthenticated("Send your key in the header `Authorization: Bearer pk_...`.")
    return text


def holder_of(database: Database, text: str) -> Principal:
    """Return whose key this is. Raises Unauthenticated (invalid_api_key, key_revoked)."""
    parts = split_key(text)
    if parts is None:
        raise unknown_key()
    kind, key_id, secret = parts
    with database.read() as tx:
        holder = keys.find_holder(tx, key_id)
    if holder is None or not same_secret(secret, holder.key.secret_hash):
        raise unknown_key()
    key = holder.key
    if key.environment != _ENVIRONMENTS[kind]:
        raise unknown_key()
    if key.revoked_at is not None:
        raise revoked()
    if holder.suspended_at is not None:
        raise suspended()
    return Principal(
        partner_id=key.partner_id or "",
        environment=key.environment,
        key_id=key.key_id,
        scopes=frozenset(key.scopes),
        is_admin=key.environment == "admin",
    )


def unknown_key() -> Unauthenticated:
    """Return the error for a key that is not one of this installation."""
    return Unauthenticated("This key is unknown. Check that it is complete.", code="invalid_api_key")


def revoked() -> Unauthenticated:
    """Return the error for a revoked key."""
    return Unauthenticated("This key was revoked. Use another one.", code="key_revoked", reason="revoked")


def suspended() -> Unauthenticated:
    """Return the error for a key of a suspended partner."""
    return Unauthenticated(
        "The partner of this key is suspended; its keys do not work until it is resumed.",
        code="key_revoked",
        reason="partner_suspended",
    )
