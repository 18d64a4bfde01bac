"""Repository of webhook endpoints: addresses that get events, and the secrets that sign them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.records import to_record, to_records
from dayline.db.statements import newest_first
from dayline.db.tables import webhook
from dayline.domain.stored_json import EnabledEvent


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """One endpoint, for events of one environment.

    failing_since: the first failure after the last success, None after a success.
    previous_until: until then `secret_previous` signs as well.
    """

    id: str
    partner_id: str
    environment: str
    url: str
    name: str | None
    enabled_events: list[EnabledEvent]
    secret: str
    secret_previous: str | None
    previous_until: datetime | None
    is_active: bool
    disabled_reason: str | None
    disabled_at: datetime | None
    failing_since: datetime | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime


def add(tx: Transaction, record: WebhookRecord) -> None:
    """Insert an endpoint."""
    tx.run(sa.insert(webhook).values(**{name: getattr(record, name) for name in record.__slots__}))


def get(tx: Transaction, webhook_id: str, *, partner_id: str | None = None, lock: bool = False) -> WebhookRecord | None:
    """Return an endpoint, or None when it is deleted, unknown, or another partner's."""
    query = sa.select(webhook).where(webhook.c.id == webhook_id, webhook.c.deleted_at.is_(None))
    if partner_id is not None:
        query = query.where(webhook.c.partner_id == partner_id)
    row = tx.run(query.with_for_update(key_share=True) if lock else query).first()
    return to_record(WebhookRecord, row) if row else None


def lock(tx: Transaction, webhook_id: str) -> None:
    """Lock an endpoint's row, deleted or not. The lock order has it before the rows of its deliveries."""
    if tx.is_postgres:
        tx.run(sa.select(webhook.c.id).where(webhook.c.id == webhook_id).with_for_update(key_share=True))


def active(tx: Transaction, partner_id: str, environment: str) -> list[WebhookRecord]:
    """Return a partner's active endpoints of an environment, oldest first."""
    query = sa.select(webhook).where(
        webhook.c.partner_id == partner_id,
        webhook.c.environment == environment,
        webhook.c.deleted_at.is_(None),
        webhook.c.is_active.is_(True),
    )
    return to_records(WebhookRecord, tx.run(query.order_by(webhook.c.created_at, webhook.c.id)))


def page(
    tx: Transaction, partner_id: str, environment: str, *, limit: int, after: Position | None = None
) -> list[WebhookRecord]:
    """Return up to `limit` endpoints, newest first."""
    query = sa.select(webhook).where(
        webhook.c.partner_id == partner_id, webhook.c.environment == environment, webhook.c.deleted_at.is_(None)
    )
    query = newest_first(query, webhook.c.created_at, webhook.c.id, after=after, limit=limit)
    return to_records(WebhookRecord, tx.run(query))


class WebhookValues(TypedDict, total=False):
    """Columns of an endpoint that change."""

    url: str
    name: str | None
    enabled_events: list[EnabledEvent]
    secret: str
    secret_previous: str | None
    previous_until: datetime | None
    is_active: bool
    disabled_reason: str | None
    disabled_at: datetime | None
    failing_since: datetime | None
    deleted_at: datetime | None


def update(tx: Transaction, webhook_id: str, **values: Unpack[WebhookValues]) -> None:
    """Change columns of an endpoint."""
    tx.run(sa.update(webhook).where(webhook.c.id == webhook_id).values(**values, updated_at=now()))


def disable(tx: Transaction, webhook_id: str, *, reason: str) -> None:
    """Disable an endpoint for a reason."""
    update(tx, webhook_id, is_active=False, disabled_reason=reason, disabled_at=now())


def note_success(tx: Transaction, webhook_id: str) -> None:
    """Clear the failures of an endpoint."""
    tx.run(
        sa.update(webhook)
        .where(webhook.c.id == webhook_id, webhook.c.failing_since.is_not(None))
        .values(failing_since=None)
    )


def note_failure(tx: Transaction, webhook_id: str) -> datetime | None:
    """Record a failure of an endpoint. Return the first failure after its last success."""
    tx.run(
        sa.update(webhook)
        .where(webhook.c.id == webhook_id, webhook.c.failing_since.is_(None))
        .values(failing_since=now())
    )
    return tx.run(sa.select(webhook.c.failing_since).where(webhook.c.id == webhook_id)).scalar()
