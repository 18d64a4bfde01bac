"""Rows of playbooks. Every change adds a version; a deleted playbook stays for the analyses that used it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.records import to_record, to_records
from dayline.db.statements import newest_first
from dayline.db.tables import playbook, playbook_version
from dayline.domain.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class PlaybookRecord:
    """A playbook at its newest version. `rep_id` None: it holds for the whole org."""

    id: str
    partner_id: str
    org_id: str
    rep_id: str | None
    name: str | None
    content: str
    is_active: bool
    file_name: str | None
    metadata: JsonObject
    version: int
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A playbook as it stood at one version."""

    playbook_id: str
    version: int
    name: str | None
    content: str
    file_name: str | None
    metadata: JsonObject
    created_at: datetime


def add(tx: Transaction, record: PlaybookRecord) -> None:
    """Insert a playbook and its first version."""
    tx.run(sa.insert(playbook).values(**{name: getattr(record, name) for name in record.__slots__}))
    _keep_version(tx, record)


def get(
    tx: Transaction, playbook_id: str, *, partner_id: str, org_id: str, lock: bool = False
) -> PlaybookRecord | None:
    """Return a playbook of this org, or None when it is another's or deleted. `lock` locks the row."""
    query = sa.select(playbook).where(playbook.c.id == playbook_id, *_of_org(partner_id, org_id))
    row = tx.run(query.with_for_update() if lock else query).first()
    return to_record(PlaybookRecord, row) if row else None


def resolve(
    tx: Transaction, partner_id: str, org_id: str, rep_id: str, playbook_id: str | None
) -> PlaybookRecord | None:
    """Return the playbook that applies: the given one, the rep's newest active, the org's newest active, none."""
    if playbook_id is not None:
        return get(tx, playbook_id, partner_id=partner_id, org_id=org_id)
    query = (
        sa.select(playbook)
        .where(
            *_of_org(partner_id, org_id),
            playbook.c.is_active.is_(True),
            sa.or_(playbook.c.rep_id == rep_id, playbook.c.rep_id.is_(None)),
        )
        .order_by(playbook.c.rep_id.is_(None), playbook.c.created_at.desc(), playbook.c.id.desc())
        .limit(1)
    )
    row = tx.run(query).first()
    return to_record(PlaybookRecord, row) if row else None


def content_of(tx: Transaction, playbook_id: str, version: int | None) -> str | None:
    """Return the text of one version, also of a playbook that was deleted since; None means its newest."""
    query = sa.select(playbook_version.c.content).where(playbook_version.c.playbook_id == playbook_id)
    if version is not None:
        query = query.where(playbook_version.c.version == version)
    return tx.run(query.order_by(playbook_version.c.version.desc()).limit(1)).scalar()


def page(
    tx: Transaction,
    partner_id: str,
    org_id: str,
    *,
    limit: int,
    after: Position | None = None,
    rep_id: str | None = None,
    is_active: bool | None = None,
) -> list[PlaybookRecord]:
    """Return up to `limit` playbooks of an org, newest first."""
    query = sa.select(playbook).where(*_of_org(partner_id, org_id))
    if rep_id is not None:
        query = query.where(playbook.c.rep_id == rep_id)
    if is_active is not None:
        query = query.where(playbook.c.is_active.is_(is_active))
    query = newest_first(query, playbook.c.created_at, playbook.c.id, after=after, limit=limit)
    return to_records(PlaybookRecord, tx.run(query))


def update(tx: Transaction, record: PlaybookRecord, *, new_version: bool) -> None:
    """Write a playbook back; with `new_version` its text, name, file name and metadata are kept as one."""
    values = {name: getattr(record, name) for name in record.__slots__ if name != "id"}
    tx.run(sa.update(playbook).where(playbook.c.id == record.id).values(**values))
    if new_version:
        _keep_version(tx, record)


def delete(tx: Transaction, playbook_id: str) -> None:
    """Hide a playbook. Its versions stay for the analyses that name them."""
    moment = now()
    tx.run(
        sa.update(playbook)
        .where(playbook.c.id == playbook_id)
        .values(deleted_at=moment, is_active=False, updated_at=moment)
    )


def versions(tx: Transaction, playbook_id: str, *, limit: int, below: int | None = None) -> list[VersionRecord]:
    """Return up to `limit` versions with a number under `below`, newest first."""
    query = sa.select(playbook_version).where(playbook_version.c.playbook_id == playbook_id)
    if below is not None:
        query = query.where(playbook_version.c.version < below)
    return to_records(VersionRecord, tx.run(query.order_by(playbook_version.c.version.desc()).limit(limit)))


def _keep_version(tx: Transaction, record: PlaybookRecord) -> None:
    tx.run(
        sa.insert(playbook_version).values(
            playbook_id=record.id,
            version=record.version,
            name=record.name,
            content=record.content,
            file_name=record.file_name,
            metadata=record.metadata,
            created_at=record.updated_at,
        )
    )


def _of_org(partner_id: str, org_id: str) -> tuple[Any, ...]:
    return playbook.c.partner_id == partner_id, playbook.c.org_id == org_id, playbook.c.deleted_at.is_(None)
