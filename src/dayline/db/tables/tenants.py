"""Tables of partners, their keys, organisations, reps, playbooks, prompts and uploads."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.columns import (
    EncryptedBytes,
    PackedJson,
    created,
    moment,
    of_partner,
    own_id,
    plain_json,
    secret,
    text,
    updated,
)
from dayline.db.tables.metadata import metadata

partner = sa.Table(
    "partner",
    metadata,
    own_id(),
    text("name", nullable=False),
    text("contact_email", nullable=False),
    sa.Column("plan_tier", sa.String(16), nullable=False),
    sa.Column("healthcare", sa.Boolean, nullable=False),
    text("notes"),
    plain_json("settings", nullable=False),
    moment("suspended_at"),
    secret("callback_secret", nullable=False),
    secret("callback_secret_previous"),
    moment("callback_previous_until"),
    created(),
    updated(),
    sa.Index("uq_partner_name", "name", unique=True),
)

api_key = sa.Table(
    "api_key",
    metadata,
    own_id(),
    sa.Column("key_id", sa.String(12), nullable=False, unique=True),
    of_partner(nullable=True),
    sa.Column("environment", sa.String(16), nullable=False),
    sa.Column("secret_hash", sa.String(64), nullable=False),
    text("key_prefix", nullable=False),
    plain_json("scopes", nullable=False),
    text("name"),
    text("description"),
    moment("revoked_at"),
    moment("last_used_at"),
    created(),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("owner", sa.String(36), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    text("path"),
    sa.Column("status_code", sa.Integer),
    sa.Column("body", PackedJson),
    moment("locked_until"),
    moment("expires_at", nullable=False),
    created(),
)

org = sa.Table(
    "org",
    metadata,
    of_partner(),
    sa.Column("org_id", sa.String(256), nullable=False),
    text("name"),
    text("timezone"),
    text("industry"),
    plain_json("pii_policy"),
    plain_json("settings", nullable=False),
    plain_json("details", nullable=False),
    created(),
    updated(),
    moment("archived_at"),
    sa.PrimaryKeyConstraint("partner_id", "org_id"),
)

rep = sa.Table(
    "rep",
    metadata,
    of_partner(),
    sa.Column("org_id", sa.String(256), nullable=False),
    sa.Column("rep_id", sa.String(256), nullable=False),
    text("name"),
    text("email"),
    plain_json("metadata", nullable=False),
    created(),
    updated(),
    moment("archived_at"),
    sa.PrimaryKeyConstraint("partner_id", "org_id", "rep_id"),
)

voice_print = sa.Table(
    "voice_print",
    metadata,
    of_partner(),
    sa.Column("org_id", sa.String(256), nullable=False),
    sa.Column("rep_id", sa.String(256), nullable=False),
    text("embedder", nullable=False),
    sa.Column("vector", EncryptedBytes, nullable=False),
    sa.Column("speech_seconds", sa.Float, nullable=False),
    plain_json("consent", nullable=False),
    created(),
    sa.PrimaryKeyConstraint("partner_id", "org_id", "rep_id"),
)

playbook = sa.Table(
    "playbook",
    metadata,
    own_id(),
    of_partner(),
    sa.Column("org_id", sa.String(256), nullable=False),
    sa.Column("rep_id", sa.String(256)),
    text("name"),
    text("content", nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    text("file_name"),
    plain_json("metadata", nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    moment("deleted_at"),
    created(),
    updated(),
    sa.Index("ix_playbook_scope", "partner_id", "org_id", "created_at"),
)

playbook_version = sa.Table(
    "playbook_version",
    metadata,
    sa.Column("playbook_id", sa.String(36), sa.ForeignKey("playbook.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    text("name"),
    text("content", nullable=False),
    text("file_name"),
    plain_json("metadata", nullable=False),
    created(),
)

prompt = sa.Table(
    "prompt",
    metadata,
    own_id(),
    of_partner(),
    sa.Column("org_id", sa.String(256), nullable=False),
    text("title", nullable=False),
    text("prompt_content", nullable=False),
    text("description"),
    sa.Column("prompt_type", sa.String(32), nullable=False),
    sa.Column("order_index", sa.Integer, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    moment("deleted_at"),
    created(),
    updated(),
    sa.Index("ix_prompt_scope", "partner_id", "org_id", "created_at"),
)

upload = sa.Table(
    "upload",
    metadata,
    sa.Column("file_key", sa.String(512), primary_key=True),
    of_partner(),
    text("file_name", nullable=False),
    text("content_type", nullable=False),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("stored_bytes", sa.BigInteger),
    moment("expires_at", nullable=False),
    created(),
    sa.Index("ix_upload_partner", "partner_id", "created_at"),
)
