"""Rows of prompts: what an org asks of every analysis beyond the six pillars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict, Unpack

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.records import to_record, to_records
from dayline.db.statements import newest_first
from dayline.db.tables import prompt
from dayline.domain.stored_json import PromptType


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """One prompt of an org."""

    id: str
    partner_id: str
    org_id: str
    title: str
    prompt_content: str
    description: str | None
    prompt_type: PromptType
    order_index: int
    is_active: bool
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime


def add(tx: Transaction, record: PromptRecord) -> None:
    """Insert a prompt."""
    tx.run(sa.insert(prompt).values(**{name: getattr(record, name) for name in record.__slots__}))


def get(tx: Transaction, prompt_id: str, *, partner_id: str, org_id: str) -> PromptRecord | None:
    """Return a prompt of this org, or None when it is another's or deleted."""
    row = tx.run(sa.select(prompt).where(prompt.c.id == prompt_id, *_of_org(partner_id, org_id))).first()
    return to_record(PromptRecord, row) if row else None


def active(tx: Transaction, partner_id: str, org_id: str) -> list[PromptRecord]:
    """Return the prompts that apply to an org's analyses, in the org's order."""
    query = sa.select(prompt).where(*_of_org(partner_id, org_id), prompt.c.is_active.is_(True))
    query = query.order_by(prompt.c.order_index, prompt.c.created_at, prompt.c.id)
    return to_records(PromptRecord, tx.run(query))


def page(
    tx: Transaction, partner_id: str, org_id: str, *, limit: int, after: Position | None = None
) -> list[PromptRecord]:
    """Return up to `limit` prompts of an org, newest first."""
    query = sa.select(prompt).where(*_of_org(partner_id, org_id))
    query = newest_first(query, prompt.c.created_at, prompt.c.id, after=after, limit=limit)
    return to_records(PromptRecord, tx.run(query))


class PromptValues(TypedDict, total=False):
    """Columns of a prompt that code changes."""

    title: str
    prompt_content: str
    description: str | None
    prompt_type: PromptType
    order_index: int
    is_active: bool
    deleted_at: datetime


def update(tx: Transaction, prompt_id: str, **values: Unpack[PromptValues]) -> None:
    """Change a prompt."""
    tx.run(sa.update(prompt).where(prompt.c.id == prompt_id).values(**values, updated_at=now()))


def delete(tx: Transaction, prompt_id: str) -> None:
    """Hide a prompt from now on."""
    update(tx, prompt_id, deleted_at=now(), is_active=False)


def _of_org(partner_id: str, org_id: str) -> tuple[Any, ...]:
    return prompt.c.partner_id == partner_id, prompt.c.org_id == org_id, prompt.c.deleted_at.is_(None)
