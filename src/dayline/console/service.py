"""Signing in to the console: by a link that works once, or by a key; permissions of signed-in people."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.auth.principal import WRITE, Principal, holder_of
from dayline.auth.roles import Role, scopes_of
from dayline.clock import now
from dayline.console import repository as visitors
from dayline.console.repository import LinkRecord, Visit, VisitorRecord
from dayline.db.database import Database, Transaction
from dayline.db.visibility import Visibility
from dayline.domain.errors import InvalidRequest, NotFound, Unauthenticated
from dayline.ids import new_id
from dayline.security.api_keys import hash_secret

LINK_LIFE = timedelta(minutes=10)
INVITATION_LIFE = timedelta(hours=72)
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=30)
LONGEST_OPERATOR = timedelta(hours=8)
_TOUCH_EVERY = timedelta(minutes=1)
_KEEP_ENDED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A new sign-in link with its token, which is not stored."""

    id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new console session with its token, which is not stored."""

    visitor: VisitorRecord
    token: str

    @property
    def max_age_seconds(self) -> int:
        """How long the browser may keep the cookie."""
        return round((self.visitor.expires_at - self.visitor.created_at).total_seconds())


def make_link(
    tx: Transaction,
    *,
    role: Role,
    partner_id: str | None,
    environment: str = "production",
    org_ids: Sequence[str] = (),
    rep_id: str | None = None,
    name: str | None = None,
    life: timedelta = LINK_LIFE,
) -> NewLink:
    """Make a link that signs one person in, once. Its token has 256 bits; only a hash of it is stored.

    Raises InvalidRequest when the role lacks its partner, org or rep, NotFound for an unknown partner.
    """
    _check_limits(role, partner_id, org_ids, rep_id)
    if partner_id is not None and partners.get(tx, partner_id) is None:
        raise NotFound.of("partner", partner_id)
    token, moment = _new_token(), now()
    record = LinkRecord(
        id=new_id(),
        token_hash=hash_secret(token),
        partner_id=partner_id,
        environment=environment if partner_id is not None else "admin",
        role=role,
        org_ids=list(org_ids),
        rep_id=rep_id,
        name=name,
        expires_at=moment + life,
        used_at=None,
        created_at=moment,
    )
    visitors.add_link(tx, record)
    return NewLink(record.id, token, record.expires_at)


def link_url(base_url: str, token: str) -> str:
    """Return the address to open. The token stands in the fragment, which browsers never send and servers never log."""
    return f"{base_url}/console/sign-in#t={token}"


def sign_in_by_link(tx: Transaction, token: str) -> SignedIn:
    """Open a console session by a link's token. Raises Unauthenticated (sign_in_link_invalid)."""
    link = visitors.use_link(tx, hash_secret(token))
    if link is None:
        raise Unauthenticated(
            "This sign-in link was used before, has expired, or is not complete. Ask for a new one: `dayline console`.",
            code="sign_in_link_invalid",
        )
    return _open(
        tx,
        partner_id=link.partner_id,
        environment=link.environment,
        role=link.role,
        org_ids=link.org_ids,
        rep_id=link.rep_id,
        name=link.name,
    )


def sign_in_by_key(database: Database, text: str) -> SignedIn:
    """Open a console session by a key, which is stored nowhere. Raises Unauthenticated as a request with it would."""
    holder = holder_of(database, text)
    role = "operator" if holder.is_admin else "coach" if holder.may(WRITE) else "viewer"

    def write(tx: Transaction) -> SignedIn:
        found = keys.find_holder(tx, holder.key_id)
        return _open(
            tx,
            partner_id=holder.partner_id or None,
            environment=holder.environment,
            role=role,
            org_ids=[],
            rep_id=None,
            name=found.key.name if found else None,
            key_id=holder.key_id,
        )

    return database.in_write(write)


def visitor_of(database: Database, token: str) -> Principal:
    """Return who a session cookie belongs to. Raises Unauthenticated for one that does not hold any more."""
    with database.read() as tx:
        visit = _open_visit(tx, token)
    visitor = visit.visitor
    if visitor.seen_at + _TOUCH_EVERY <= now():
        database.in_write(lambda tx: visitors.touch(tx, visitor.id))
    return principal_for(visit)


def check_session(tx: Transaction, token: str) -> None:
    """Raise Unauthenticated for a session cookie that does not hold any more."""
    _open_visit(tx, token)


def _open_visit(tx: Transaction, token: str) -> Visit:
    visit = visitors.find_visit(tx, hash_secret(token))
    moment = now()
    if visit is None or visit.visitor.revoked_at is not None:
        raise Unauthenticated("You are signed out. Sign in again.", reason="signed_out")
    visitor = visit.visitor
    if visitor.expires_at <= moment or visitor.seen_at + IDLE <= moment:
        raise Unauthenticated("Your sign-in has expired. Sign in again.", reason="expired")
    _check_still_valid(visit)
    return visit


def principal_for(visit: Visit) -> Principal:
    """Return what a signed-in person may do: what the key may, or what the role says."""
    visitor = visit.visitor
    if visitor.key_id is not None:
        return Principal(
            partner_id=visitor.partner_id or "",
            environment=visitor.environment,
            key_id=visitor.key_id,
            scopes=frozenset(visit.key_scopes or ()),
            is_admin=visitor.role == "operator",
            visitor_id=visitor.id,
            name=visitor.name,
        )
    role = cast(Role, visitor.role)
    return Principal(
        partner_id=visitor.partner_id or "",
        environment=visitor.environment,
        key_id="",
        scopes=scopes_of(role, has_partner=visitor.partner_id is not None),
        is_admin=role == "operator",
        visitor_id=visitor.id,
        role=role,
        visibility=Visibility(frozenset(visitor.org_ids), visitor.rep_id),
        name=visitor.name,
    )


def role_of(caller: Principal) -> str:
    """Return the role that the console shows a caller as."""
    if caller.role is not None:
        return caller.role
    return "operator" if caller.is_admin else "coach" if caller.may(WRITE) else "viewer"


def sign_out(tx: Transaction, visitor_id: str) -> None:
    """End a console session."""
    visitors.revoke(tx, visitor_id, partner_id=None)


def end_session_of(tx: Transaction, token: str) -> None:
    """End the console session that a token belongs to, if there is one."""
    visit = visitors.find_visit(tx, hash_secret(token))
    if visit is not None:
        sign_out(tx, visit.visitor.id)


def list_visible(tx: Transaction, caller: Principal) -> list[VisitorRecord]:
    """Return the open sessions that a caller may end: an operator's all, a partner key's partner's, else their own."""
    everybody = visitors.list_open(
        tx, partner_id=None if caller.is_admin else caller.partner_id, idle_since=now() - IDLE, limit=200
    )
    if caller.is_admin or caller.role is None:
        return everybody
    return [visitor for visitor in everybody if visitor.id == caller.visitor_id]


def revoke(tx: Transaction, caller: Principal, visitor_id: str) -> None:
    """End one of the sessions that `list_visible` shows. Raises NotFound."""
    if visitor_id not in {visitor.id for visitor in list_visible(tx, caller)}:
        raise NotFound.of("console_session", visitor_id)
    visitors.revoke(tx, visitor_id, partner_id=None)


def _open(
    tx: Transaction,
    *,
    partner_id: str | None,
    environment: str,
    role: str,
    org_ids: list[str],
    rep_id: str | None,
    name: str | None,
    key_id: str | None = None,
) -> SignedIn:
    token, moment = _new_token(), now()
    visitors.delete_ended(tx, moment - _KEEP_ENDED)
    visitor = VisitorRecord(
        id=new_id(),
        token_hash=hash_secret(token),
        partner_id=partner_id,
        environment=environment,
        role=role,
        org_ids=org_ids,
        rep_id=rep_id,
        name=name,
        key_id=key_id,
        seen_at=moment,
        expires_at=moment + (LONGEST_OPERATOR if role == "operator" else LONGEST),
        revoked_at=None,
        created_at=moment,
    )
    visitors.add(tx, visitor)
    visitors.add_access(tx, partner_id=partner_id, visitor_id=visitor.id, name=name, role=role, action="signed_in")
    return SignedIn(visitor, token)


def _check_limits(role: Role, partner_id: str | None, org_ids: Sequence[str], rep_id: str | None) -> None:
    if role == "rep" and (len(org_ids) != 1 or rep_id is None):
        raise InvalidRequest("A rep needs one org and the rep's id, so that only the rep's own days are shown.")
    if role != "rep" and rep_id is not None:
        raise InvalidRequest("Only the role rep is limited to one rep.", field="rep_id")
    if role != "operator" and partner_id is None:
        raise InvalidRequest(f"The role {role} needs a partner.", field="partner_id")
    if role == "operator" and org_ids:
        raise InvalidRequest("An operator is not limited to orgs.", field="org_ids")


def _check_still_valid(visit: Visit) -> None:
    if visit.visitor.key_id is not None and (visit.key_scopes is None or visit.key_revoked_at is not None):
        raise Unauthenticated(
            "The key that opened this session was revoked. Sign in with another one.",
            code="key_revoked",
            reason="revoked",
        )
    if visit.suspended_at is not None:
        raise Unauthenticated(
            "The partner of this sign-in is suspended; it works again when the partner is resumed.",
            code="key_revoked",
            reason="partner_suspended",
        )


def _new_token() -> str:
    return secrets.token_urlsafe(32)
