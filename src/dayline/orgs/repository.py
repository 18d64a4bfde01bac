"""Rows of orgs and reps. Both are created when a submission first names them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict, Unpack

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.key_state import KeyState, key_and, state_in
from dayline.db.pagination import Position
from dayline.db.records import to_record, to_records
from dayline.db.statements import add_unless_there, newest_first
from dayline.db.tables import org, rep
from dayline.db.visibility import EVERYTHING, Visibility
from dayline.domain.json_types import JsonObject
from dayline.domain.stored_json import OrgDetails, PiiPolicy


@dataclass(frozen=True, slots=True)
class OrgRecord:
    """One org of a partner. `details` holds its default_* words."""

    partner_id: str
    org_id: str
    name: str | None
    timezone: str | None
    industry: str | None
    pii_policy: PiiPolicy | None
    settings: JsonObject
    details: OrgDetails
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RepRecord:
    """One rep of an org."""

    partner_id: str
    org_id: str
    rep_id: str
    name: str | None
    email: str | None
    metadata: JsonObject
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None


_REP_IS_THERE = sa.select(rep.c.rep_id).where(
    rep.c.partner_id == sa.bindparam("partner"),
    rep.c.org_id == sa.bindparam("org"),
    rep.c.rep_id == sa.bindparam("rep"),
)
_REP_AND_KEY = key_and(_REP_IS_THERE.exists())


def has_rep_and_key(
    tx: Transaction, partner_id: str, org_id: str, rep_id: str, *, key_id: str
) -> tuple[bool, KeyState | None]:
    """Return whether a rep is there and the state of a key (None when the key is gone), by one statement."""
    values = {"partner": partner_id, "org": org_id, "rep": rep_id, "caller_key_id": key_id}
    row = tx.run(_REP_AND_KEY, values).first()
    return (False, None) if row is None else (bool(row.is_there), state_in(row))


def ensure(tx: Transaction, partner_id: str, org_id: str, rep_id: str) -> None:
    """Create the org and the rep if they are missing. Existing rows stay unchanged."""
    if tx.run(_REP_IS_THERE, {"partner": partner_id, "org": org_id, "rep": rep_id}).first() is not None:
        return  # a rep never exists without its org
    add_org(tx, partner_id, org_id)
    add_rep(tx, partner_id, org_id, rep_id)


def add_org(tx: Transaction, partner_id: str, org_id: str) -> bool:
    """Create an org. Returns False when it exists."""
    moment = now()
    values: JsonObject = {"settings": {}, "details": {}, "created_at": moment, "updated_at": moment}
    return add_unless_there(tx, org, ["partner_id", "org_id"], {"partner_id": partner_id, "org_id": org_id, **values})


def add_rep(tx: Transaction, partner_id: str, org_id: str, rep_id: str) -> bool:
    """Create a rep. Returns False when it exists."""
    moment = now()
    row = {"partner_id": partner_id, "org_id": org_id, "rep_id": rep_id}
    values: JsonObject = {"metadata": {}, "created_at": moment, "updated_at": moment}
    return add_unless_there(tx, rep, ["partner_id", "org_id", "rep_id"], {**row, **values})


def redacted(tx: Transaction, partner_id: str, org_id: str) -> list[str]:
    """Return what an org wants redacted in its transcripts; empty when it is not set or the org does not exist."""
    query = sa.select(org.c.pii_policy).where(org.c.partner_id == partner_id, org.c.org_id == org_id)
    policy: PiiPolicy | None = tx.run(query).scalar()
    return list(policy.get("redact_fields") or []) if policy else []


def allows_voices(tx: Transaction, partner_id: str, org_id: str) -> bool:
    """Return whether voices may be measured for an org. They may unless its setting `voice_features` is `off`."""
    query = sa.select(org.c.settings).where(org.c.partner_id == partner_id, org.c.org_id == org_id)
    settings: JsonObject | None = tx.run(query).scalar()
    return not settings or settings.get("voice_features", "on") != "off"


def allows_shares(tx: Transaction, partner_id: str, org_id: str) -> bool:
    """Return whether conversations of an org may be shared by link: only when its setting `share_links` is `on`."""
    query = sa.select(org.c.settings).where(org.c.partner_id == partner_id, org.c.org_id == org_id)
    settings: JsonObject | None = tx.run(query).scalar()
    return bool(settings) and settings.get("share_links") == "on"


class OrgValues(TypedDict, total=False):
    """Columns of an org that code changes."""

    name: str | None
    timezone: str | None
    industry: str | None
    pii_policy: PiiPolicy | None
    settings: JsonObject
    details: OrgDetails
    archived_at: datetime | None


class RepValues(TypedDict, total=False):
    """Columns of a rep that code changes."""

    name: str | None
    email: str | None
    metadata: JsonObject
    archived_at: datetime | None


def get_org(tx: Transaction, partner_id: str, org_id: str) -> OrgRecord | None:
    """Return an org of this partner."""
    row = tx.run(sa.select(org).where(org.c.partner_id == partner_id, org.c.org_id == org_id)).first()
    return to_record(OrgRecord, row) if row else None


def get_rep(tx: Transaction, partner_id: str, org_id: str, rep_id: str) -> RepRecord | None:
    """Return a rep of this partner's org."""
    row = tx.run(sa.select(rep).where(*_is_rep(partner_id, org_id, rep_id))).first()
    return to_record(RepRecord, row) if row else None


def find_by_email(tx: Transaction, partner_id: str, org_id: str, email: str) -> RepRecord | None:
    """Return the rep of an org who has this email, ignoring case."""
    query = sa.select(rep).where(
        rep.c.partner_id == partner_id, rep.c.org_id == org_id, sa.func.lower(rep.c.email) == email.lower()
    )
    row = tx.run(query).first()
    return to_record(RepRecord, row) if row else None


def update_org(tx: Transaction, partner_id: str, org_id: str, **values: Unpack[OrgValues]) -> None:
    """Change an org."""
    statement = sa.update(org).where(org.c.partner_id == partner_id, org.c.org_id == org_id)
    tx.run(statement.values(**values, updated_at=now()))


def update_rep(tx: Transaction, partner_id: str, org_id: str, rep_id: str, **values: Unpack[RepValues]) -> None:
    """Change a rep."""
    tx.run(sa.update(rep).where(*_is_rep(partner_id, org_id, rep_id)).values(**values, updated_at=now()))


def page_orgs(
    tx: Transaction,
    partner_id: str,
    *,
    limit: int,
    after: Position | None = None,
    archived: bool = False,
    visibility: Visibility = EVERYTHING,
) -> list[OrgRecord]:
    """Return up to `limit` orgs, newest first. A position's id is the org_id."""
    query = visibility.limit(sa.select(org).where(org.c.partner_id == partner_id), org.c.org_id)
    query = query.where(org.c.archived_at.is_not(None) if archived else org.c.archived_at.is_(None))
    return to_records(OrgRecord, tx.run(newest_first(query, org.c.created_at, org.c.org_id, after=after, limit=limit)))


def page_reps(
    tx: Transaction,
    partner_id: str,
    org_id: str,
    *,
    limit: int,
    after: Position | None = None,
    archived: bool = False,
    visibility: Visibility = EVERYTHING,
) -> list[RepRecord]:
    """Return up to `limit` reps of an org, newest first. A position's id is the rep_id."""
    query = sa.select(rep).where(rep.c.partner_id == partner_id, rep.c.org_id == org_id)
    query = query.where(rep.c.archived_at.is_not(None) if archived else rep.c.archived_at.is_(None))
    query = visibility.limit(query, rep.c.org_id, rep.c.rep_id)
    return to_records(RepRecord, tx.run(newest_first(query, rep.c.created_at, rep.c.rep_id, after=after, limit=limit)))


def _is_rep(partner_id: str, org_id: str, rep_id: str) -> tuple[Any, ...]:
    return rep.c.partner_id == partner_id, rep.c.org_id == org_id, rep.c.rep_id == rep_id
