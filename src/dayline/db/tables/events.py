"""Tables of events, webhooks, deliveries and their attempts."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.columns import (
    PackedJson,
    created,
    moment,
    of_environment,
    of_partner,
    of_session,
    own_id,
    plain_json,
    secret,
    text,
    updated,
)
from dayline.db.tables.metadata import metadata

event = sa.Table(
    "event",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(40), nullable=False, unique=True),
    of_partner(),
    of_environment(),
    of_session(nullable=True),
    sa.Column("analysis_id", sa.String(36), sa.ForeignKey("analysis.id", ondelete="CASCADE")),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("body", PackedJson, nullable=False),
    text("callback_url"),
    moment("relayed_at"),
    created(),
    sa.Index("ix_event_session", "session_id", "number"),
    sa.Index("ix_event_relay", "relayed_at", "number"),
    sa.Index("ix_event_analysis", "analysis_id"),
    sa.Index("ix_event_since", "partner_id", "created_at"),
    sqlite_autoincrement=True,
)

webhook = sa.Table(
    "webhook",
    metadata,
    own_id(),
    of_partner(),
    of_environment(),
    text("url", nullable=False),
    text("name"),
    plain_json("enabled_events", nullable=False),
    secret("secret", nullable=False),
    secret("secret_previous"),
    moment("previous_until"),
    sa.Column("is_active", sa.Boolean, nullable=False),
    text("disabled_reason"),
    moment("disabled_at"),
    moment("failing_since"),
    moment("deleted_at"),
    created(),
    updated(),
    sa.Index("ix_webhook_list", "partner_id", "created_at", "id"),
)

delivery = sa.Table(
    "delivery",
    metadata,
    own_id(),
    of_partner(),
    sa.Column("event_id", sa.String(40), sa.ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    sa.Column("event_number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
    sa.Column("event_type", sa.String(64), nullable=False),
    sa.Column("webhook_id", sa.String(36)),
    text("url", nullable=False),
    sa.Column("ordering_key", sa.String(80), nullable=False),
    sa.Column("endpoint_key", sa.String(40), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    moment("next_attempt_at"),
    moment("claimed_until"),
    sa.Column("last_status_code", sa.Integer),
    text("last_error"),
    moment("delivered_at"),
    created(),
    sa.Index("ix_delivery_order", "ordering_key", "status", "event_number"),
    sa.Index("ix_delivery_webhook", "webhook_id", "created_at", "id"),
    sa.Index("ix_delivery_due", "status", "next_attempt_at"),
    sa.Index("ix_delivery_event", "event_id"),
)

delivery_attempt = sa.Table(
    "delivery_attempt",
    metadata,
    own_id(),
    sa.Column("delivery_id", sa.String(36), sa.ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("status_code", sa.Integer),
    text("error"),
    sa.Column("duration_seconds", sa.Float, nullable=False),
    moment("attempted_at", nullable=False),
    sa.Index("ix_delivery_attempt_of", "delivery_id", "number"),
)
