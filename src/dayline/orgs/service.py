"""Orgs and reps: created or changed by the same idempotent request."""

from __future__ import annotations

from typing import cast

from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.domain.errors import Conflict, NotFound
from dayline.domain.stored_json import OrgDetails
from dayline.orgs import repository as orgs
from dayline.orgs import voice_prints_repository as voice_prints
from dayline.orgs.repository import OrgRecord, OrgValues, RepRecord, RepValues
from dayline.orgs.schemas import OrgRequest, OrgShown, RepRequest, RepShown

_DETAILS = ("default_environment", "default_sales_motion", "default_recording_type")


def put_org(tx: Transaction, request: OrgRequest, *, partner_id: str) -> OrgShown:
    """Create an org, or change the fields that the request names."""
    if not orgs.add_org(tx, partner_id, request.org_id):
        orgs.update_org(tx, partner_id, request.org_id, archived_at=None)
    given = request.model_dump(mode="json", exclude_unset=True, exclude={"org_id"})
    details = cast(OrgDetails, {name: given.pop(name) for name in _DETAILS if name in given})
    values = cast(OrgValues, given)
    present = org_of(tx, request.org_id, partner_id=partner_id)
    if details:
        values["details"] = {**present.details, **details}
    if "settings" in values:
        # One setting must not undo another: allowing links would let voices be measured that an org has forbidden.
        settings = {**present.settings, **values["settings"]}
        values["settings"] = {name: value for name, value in settings.items() if value is not None}
    if values:
        orgs.update_org(tx, partner_id, request.org_id, **values)
    return org_json(org_of(tx, request.org_id, partner_id=partner_id))


def org_of(tx: Transaction, org_id: str, *, partner_id: str) -> OrgRecord:
    """Return an org of this partner. Raises NotFound."""
    record = orgs.get_org(tx, partner_id, org_id)
    if record is None or record.archived_at is not None:
        raise NotFound.of("org", org_id)
    return record


def put_rep(tx: Transaction, org_id: str, request: RepRequest, *, partner_id: str) -> RepShown:
    """Create a rep, or change the fields that the request names. Raises NotFound, or Conflict for a taken email."""
    org_of(tx, org_id, partner_id=partner_id)
    if request.email is not None:
        holder = orgs.find_by_email(tx, partner_id, org_id, request.email)
        if holder is not None and holder.rep_id != request.rep_id:
            raise Conflict(f"The email belongs to the rep {holder.rep_id!r} of this org.", field="email")
    if not orgs.add_rep(tx, partner_id, org_id, request.rep_id):
        orgs.update_rep(tx, partner_id, org_id, request.rep_id, archived_at=None)
    values = cast(RepValues, request.model_dump(mode="json", exclude_unset=True, exclude={"rep_id"}))
    if values:
        orgs.update_rep(tx, partner_id, org_id, request.rep_id, **values)
    return rep_json(tx, rep_of(tx, org_id, request.rep_id, partner_id=partner_id))


def rep_of(tx: Transaction, org_id: str, rep_id: str, *, partner_id: str) -> RepRecord:
    """Return a rep of this partner's org. Raises NotFound for the org or the rep."""
    org_of(tx, org_id, partner_id=partner_id)
    record = orgs.get_rep(tx, partner_id, org_id, rep_id)
    if record is None or record.archived_at is not None:
        raise NotFound.of("rep", rep_id)
    return record


def exists(tx: Transaction, org_id: str, rep_id: str | None, *, partner_id: str) -> None:
    """Raise NotFound for an org or a rep that does not exist; archived ones do."""
    if orgs.get_org(tx, partner_id, org_id) is None:
        raise NotFound.of("org", org_id)
    if rep_id is not None and orgs.get_rep(tx, partner_id, org_id, rep_id) is None:
        raise NotFound.of("rep", rep_id)


def archive_org(tx: Transaction, org_id: str, *, partner_id: str) -> OrgShown:
    """Hide an org. Idempotent. Raises NotFound."""
    exists(tx, org_id, None, partner_id=partner_id)
    record = orgs.get_org(tx, partner_id, org_id)
    assert record is not None
    if record.archived_at is None:
        orgs.update_org(tx, partner_id, org_id, archived_at=now())
    again = orgs.get_org(tx, partner_id, org_id)
    assert again is not None
    return org_json(again)


def archive_rep(tx: Transaction, org_id: str, rep_id: str, *, partner_id: str) -> RepShown:
    """Hide a rep. Idempotent. Raises NotFound."""
    exists(tx, org_id, rep_id, partner_id=partner_id)
    record = orgs.get_rep(tx, partner_id, org_id, rep_id)
    assert record is not None
    if record.archived_at is None:
        orgs.update_rep(tx, partner_id, org_id, rep_id, archived_at=now())
    again = orgs.get_rep(tx, partner_id, org_id, rep_id)
    assert again is not None
    return rep_json(tx, again)


def org_json(record: OrgRecord) -> OrgShown:
    """Write an org as the API shows it."""
    return {
        "org_id": record.org_id,
        "name": record.name,
        "timezone": record.timezone,
        "industry": record.industry,
        "default_environment": record.details.get("default_environment"),
        "default_sales_motion": record.details.get("default_sales_motion"),
        "default_recording_type": record.details.get("default_recording_type"),
        "pii_policy": record.pii_policy,
        "settings": record.settings,
        "archived_at": iso(record.archived_at),
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
    }


def rep_json(tx: Transaction, record: RepRecord) -> RepShown:
    """Write a rep as the API shows it."""
    return {
        "org_id": record.org_id,
        "rep_id": record.rep_id,
        "name": record.name,
        "email": record.email,
        "metadata": record.metadata,
        "archived_at": iso(record.archived_at),
        "has_voice": voice_prints.get(tx, record.partner_id, record.org_id, record.rep_id) is not None,
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
    }
