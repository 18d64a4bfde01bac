"""Rows of sign-in links, signed-in sessions and the access log. Only hashes of tokens are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import to_record, to_records
from dayline.db.tables import access_log, api_key, console_link, console_session, partner


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """One sign-in link. `org_ids` empty means every org of the partner; no partner means the installation."""

    id: str
    token_hash: str
    partner_id: str | None
    environment: str
    role: str
    org_ids: list[str]
    rep_id: str | None
    name: str | None
    expires_at: datetime
    used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VisitorRecord:
    """One signed-in session of the console. `key_id` is set when a key opened it: it ends with that key."""

    id: str
    token_hash: str
    partner_id: str | None
    environment: str
    role: str
    org_ids: list[str]
    rep_id: str | None
    name: str | None
    key_id: str | None
    seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in session with what decides whether it still holds."""

    visitor: VisitorRecord
    suspended_at: datetime | None
    key_revoked_at: datetime | None
    key_scopes: list[str] | None


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One line of the access log."""

    number: int
    name: str | None
    role: str | None
    action: str
    subject_id: str | None
    created_at: datetime


def add_link(tx: Transaction, record: LinkRecord) -> None:
    """Insert a link."""
    tx.run(sa.insert(console_link).values(**{name: getattr(record, name) for name in record.__slots__}))


def use_link(tx: Transaction, token_hash: str) -> LinkRecord | None:
    """Mark a link as used and return it; None when it is unknown, was used before, or has expired."""
    moment = now()
    statement = sa.update(console_link).where(
        console_link.c.token_hash == token_hash, console_link.c.used_at.is_(None), console_link.c.expires_at > moment
    )
    if tx.run(statement.values(used_at=moment)).rowcount != 1:
        return None
    row = tx.run(sa.select(console_link).where(console_link.c.token_hash == token_hash)).first()
    return to_record(LinkRecord, row) if row else None


def add(tx: Transaction, record: VisitorRecord) -> None:
    """Insert a signed-in session."""
    tx.run(sa.insert(console_session).values(**{name: getattr(record, name) for name in record.__slots__}))


def find_visit(tx: Transaction, token_hash: str) -> Visit | None:
    """Return the session that carries a token, with the state of its partner and its key."""
    query = (
        sa.select(console_session, partner.c.suspended_at, api_key.c.revoked_at.label("key_revoked_at"))
        .add_columns(api_key.c.scopes.label("key_scopes"))
        .outerjoin(partner, partner.c.id == console_session.c.partner_id)
        .outerjoin(api_key, api_key.c.key_id == console_session.c.key_id)
        .where(console_session.c.token_hash == token_hash)
    )
    row = tx.run(query).first()
    if row is None:
        return None
    return Visit(to_record(VisitorRecord, row), row.suspended_at, row.key_revoked_at, row.key_scopes)


def touch(tx: Transaction, visitor_id: str) -> None:
    """Write that a session was used now."""
    tx.run(sa.update(console_session).where(console_session.c.id == visitor_id).values(seen_at=now()))


def revoke(tx: Transaction, visitor_id: str, *, partner_id: str | None) -> bool:
    """End a session, of one partner or (None) of any. Returns False when there is none. Twice keeps the first time."""
    statement = sa.update(console_session).where(console_session.c.id == visitor_id)
    if partner_id is not None:
        statement = statement.where(console_session.c.partner_id == partner_id)
    return tx.run(statement.values(revoked_at=sa.func.coalesce(console_session.c.revoked_at, now()))).rowcount == 1


def list_open(tx: Transaction, *, partner_id: str | None, idle_since: datetime, limit: int) -> list[VisitorRecord]:
    """Return sessions that still hold, newest first, of one partner or (None) of the installation."""
    query = sa.select(console_session).where(
        console_session.c.revoked_at.is_(None),
        console_session.c.expires_at > now(),
        console_session.c.seen_at > idle_since,
    )
    if partner_id is not None:
        query = query.where(console_session.c.partner_id == partner_id)
    query = query.order_by(console_session.c.created_at.desc(), console_session.c.id.desc()).limit(limit)
    return to_records(VisitorRecord, tx.run(query))


def delete_ended(tx: Transaction, before: datetime) -> None:
    """Delete links and sessions that ended before a moment."""
    tx.run(sa.delete(console_link).where(console_link.c.expires_at < before))
    tx.run(sa.delete(console_session).where(console_session.c.expires_at < before))


def add_access(
    tx: Transaction,
    *,
    partner_id: str | None,
    visitor_id: str | None,
    name: str | None,
    role: str | None,
    action: str,
    session_id: str | None = None,
    subject_id: str | None = None,
) -> None:
    """Write one line of the access log."""
    tx.run(
        sa.insert(access_log).values(
            partner_id=partner_id,
            visitor_id=visitor_id,
            name=name,
            role=role,
            action=action,
            session_id=session_id,
            subject_id=subject_id,
            created_at=now(),
        )
    )


def has_access_since(
    tx: Transaction, visitor_id: str, action: str, since: datetime, *, session_id: str | None, subject_id: str | None
) -> bool:
    """Return whether a visitor's action on a thing is in the log since a moment."""
    query = sa.select(access_log.c.number).where(
        access_log.c.visitor_id == visitor_id,
        access_log.c.action == action,
        access_log.c.created_at > since,
        access_log.c.session_id == session_id,
        access_log.c.subject_id == subject_id,
    )
    return tx.run(query.limit(1)).first() is not None


def accesses_of(tx: Transaction, session_id: str, *, before: int | None, limit: int) -> list[AccessRecord]:
    """Return lines of the access log about one day, newest first, older than the line `before`."""
    query = sa.select(access_log).where(access_log.c.session_id == session_id)
    if before is not None:
        query = query.where(access_log.c.number < before)
    return to_records(AccessRecord, tx.run(query.order_by(access_log.c.number.desc()).limit(limit)))
