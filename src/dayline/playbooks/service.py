"""Playbooks: added, changed by versions, hidden."""

from __future__ import annotations

from dataclasses import replace

from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.domain.errors import NotFound
from dayline.ids import new_id
from dayline.orgs import repository as orgs
from dayline.playbooks import repository as playbooks
from dayline.playbooks.repository import PlaybookRecord, VersionRecord
from dayline.playbooks.schemas import (
    PlaybookChange,
    PlaybookListed,
    PlaybookRequest,
    PlaybookShown,
    VersionListed,
    VersionShown,
)


def add(tx: Transaction, org_id: str, request: PlaybookRequest, *, partner_id: str) -> PlaybookShown:
    """Add a playbook at version 1. Raises NotFound for the org or the rep."""
    check_scope(tx, partner_id, org_id, request.rep_id)
    moment = now()
    record = PlaybookRecord(
        id=new_id(),
        partner_id=partner_id,
        org_id=org_id,
        rep_id=request.rep_id,
        name=request.name,
        content=request.content,
        is_active=request.is_active,
        file_name=request.file_name,
        metadata=request.metadata,
        version=1,
        deleted_at=None,
        created_at=moment,
        updated_at=moment,
    )
    playbooks.add(tx, record)
    return playbook_json(record)


def owned(tx: Transaction, org_id: str, playbook_id: str, *, partner_id: str, lock: bool = False) -> PlaybookRecord:
    """Return a playbook of this partner's org. Raises NotFound for the org or the playbook."""
    check_scope(tx, partner_id, org_id, None)
    record = playbooks.get(tx, playbook_id, partner_id=partner_id, org_id=org_id, lock=lock)
    if record is None:
        raise NotFound.of("playbook", playbook_id)
    return record


def change(
    tx: Transaction, org_id: str, playbook_id: str, request: PlaybookChange, *, partner_id: str
) -> PlaybookShown:
    """Change a playbook and count its version up; a request that changes nothing makes no version.

    Raises NotFound for the org, the playbook or the rep.
    """
    record = owned(tx, org_id, playbook_id, partner_id=partner_id, lock=True)
    check_scope(tx, partner_id, org_id, request.rep_id)
    wanted = request.model_dump(exclude_unset=True)
    changed = replace(record, **wanted)
    if changed == record:
        return playbook_json(record)
    changed = replace(changed, version=record.version + 1, updated_at=now())
    playbooks.update(tx, changed, new_version=True)
    return playbook_json(changed)


def delete(tx: Transaction, org_id: str, playbook_id: str, *, partner_id: str) -> None:
    """Hide a playbook; analyses that used it keep their version. Raises NotFound."""
    playbooks.delete(tx, owned(tx, org_id, playbook_id, partner_id=partner_id, lock=True).id)


def version_of(tx: Transaction, org_id: str, playbook_id: str, number: int, *, partner_id: str) -> VersionShown:
    """Return a playbook as it stood at one version. Raises NotFound."""
    record = owned(tx, org_id, playbook_id, partner_id=partner_id)
    found = playbooks.versions(tx, record.id, limit=1, below=number + 1)
    if not found or found[0].version != number:
        raise NotFound.of("playbook", f"{playbook_id} version {number}")
    return version_json(found[0])


def check_scope(tx: Transaction, partner_id: str, org_id: str, rep_id: str | None) -> None:
    """Raise NotFound when the org, or a rep that is named, does not exist."""
    if orgs.get_org(tx, partner_id, org_id) is None:
        raise NotFound.of("org", org_id)
    if rep_id is not None and orgs.get_rep(tx, partner_id, org_id, rep_id) is None:
        raise NotFound.of("rep", rep_id)


def listed_json(record: PlaybookRecord) -> PlaybookListed:
    """Write a playbook without its text."""
    return {
        "id": record.id,
        "org_id": record.org_id,
        "rep_id": record.rep_id,
        "name": record.name,
        "is_active": record.is_active,
        "file_name": record.file_name,
        "metadata": record.metadata,
        "version": record.version,
        "content_length": len(record.content),
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
    }


def playbook_json(record: PlaybookRecord) -> PlaybookShown:
    """Write a playbook as the API shows it."""
    return {**listed_json(record), "content": record.content}


def listed_version_json(record: VersionRecord) -> VersionListed:
    """Write a version without its text."""
    return {
        "playbook_id": record.playbook_id,
        "version": record.version,
        "name": record.name,
        "file_name": record.file_name,
        "metadata": record.metadata,
        "content_length": len(record.content),
        "created_at": iso(record.created_at),
    }


def version_json(record: VersionRecord) -> VersionShown:
    """Write a version as the API shows it."""
    return {**listed_version_json(record), "content": record.content}
