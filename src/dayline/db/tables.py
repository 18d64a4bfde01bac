"""Every table of ours. The workflow engine keeps its own beside them.

Whatever belongs to a session carries its id and goes with it (ON DELETE CASCADE), so that deletion
leaves no copy. Every row that a partner can name carries `partner_id`.
"""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.columns import (
    EncryptedBytes,
    PackedJson,
    attempts,
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

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


setting = sa.Table(
    "setting", metadata, sa.Column("name", sa.String(64), primary_key=True), text("value", nullable=False)
)

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
    sa.Column("status_code", sa.Integer),
    sa.Column("body", PackedJson),
    moment("locked_until"),
    moment("expires_at", nullable=False),
    created(),
)

rate_limit = sa.Table(
    "rate_limit",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("count", sa.Integer, nullable=False),
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

session = sa.Table(
    "session",
    metadata,
    own_id(),
    of_partner(),
    sa.Column("environment", sa.String(16), nullable=False),
    sa.Column("org_id", sa.String(256), nullable=False),
    sa.Column("rep_id", sa.String(256), nullable=False),
    text("recording_url"),
    text("file_key"),
    plain_json("options", nullable=False),
    plain_json("metadata", nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("percent", sa.Float, nullable=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("is_ingested", sa.Boolean, nullable=False),
    sa.Column("duration_seconds", sa.Float),
    sa.Column("speech_seconds", sa.Float),
    sa.Column("transcribed_seconds", sa.Float, nullable=False),
    plain_json("usage", nullable=False),
    plain_json("rollup"),
    plain_json("error"),
    moment("cancel_requested_at"),
    created(),
    moment("started_at"),
    moment("completed_at"),
    updated(),
    attempts(),
    sa.Column("kind", sa.String(8), nullable=False, server_default="day"),
    moment("recorded_at"),
    sa.Column("recorded_at_source", sa.String(16)),
    plain_json("audio"),
    plain_json("speaker_names"),
    sa.Index("ix_session_list", "partner_id", "created_at", "id"),
    sa.Index("ix_session_rep", "partner_id", "org_id", "rep_id", "created_at", "id"),
    sa.Index("ix_session_org", "partner_id", "org_id", "created_at", "id"),
    sa.Index("ix_session_state", "partner_id", "status", "created_at", "id"),
    sa.Index("ix_session_status", "status"),
    sa.Index("ix_session_file", "file_key"),
)

chunk = sa.Table(
    "chunk",
    metadata,
    of_session(primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("start_seconds", sa.Float, nullable=False),
    sa.Column("end_seconds", sa.Float, nullable=False),
    sa.Column("speech_seconds", sa.Float, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("utterances", PackedJson),
    sa.Column("voices", sa.LargeBinary),
    plain_json("notes"),
    text("error"),
)

document = sa.Table(
    "document",
    metadata,
    of_session(primary_key=True),
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

segment = sa.Table(
    "segment",
    metadata,
    own_id(),
    of_session(nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("start_seconds", sa.Float, nullable=False),
    sa.Column("end_seconds", sa.Float, nullable=False),
    sa.Column("confidence", sa.Float),
    text("title"),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("analysis_id", sa.String(36)),
    plain_json("reasons", nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Index("ix_segment_order", "session_id", "start_seconds"),
)

revision = sa.Table(
    "revision",
    metadata,
    of_session(primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    text("author", nullable=False),
    plain_json("changes", nullable=False),
    sa.Column("segments", PackedJson, nullable=False),
    sa.Column("timeline", PackedJson, nullable=False),
    created(),
)

analysis = sa.Table(
    "analysis",
    metadata,
    own_id(),
    of_partner(),
    sa.Column("environment", sa.String(16), nullable=False),
    sa.Column("parent_session_id", sa.String(36), sa.ForeignKey("session.id", ondelete="CASCADE")),
    sa.Column("segment_id", sa.String(36)),
    sa.Column("org_id", sa.String(256), nullable=False),
    sa.Column("rep_id", sa.String(256), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    text("recording_url"),
    text("file_key"),
    text("transcript_url"),
    text("callback_url"),
    plain_json("options", nullable=False),
    plain_json("metadata", nullable=False),
    sa.Column("start_seconds", sa.Float),
    sa.Column("end_seconds", sa.Float),
    sa.Column("duration_seconds", sa.Float),
    sa.Column("playbook_id", sa.String(36)),
    sa.Column("playbook_version", sa.Integer),
    sa.Column("transcript", PackedJson),
    sa.Column("result", PackedJson),
    sa.Column("overall_score", sa.Integer),
    plain_json("error"),
    created(),
    moment("started_at"),
    moment("completed_at"),
    moment("archived_at"),
    attempts(),
    sa.Index("ix_analysis_list", "partner_id", "created_at", "id"),
    sa.Index("ix_analysis_org", "partner_id", "org_id", "created_at", "id"),
    sa.Index("ix_analysis_state", "partner_id", "status", "created_at", "id"),
    sa.Index("ix_analysis_parent", "parent_session_id"),
    sa.Index("ix_analysis_file", "file_key"),
    sa.Index("ix_analysis_status", "status"),
)

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

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("label", sa.String(64), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

executor = sa.Table(
    "executor",
    metadata,
    sa.Column("executor_id", sa.String(128), primary_key=True),
    sa.Column("seen", sa.Float, nullable=False),
)

queue_place = sa.Table(
    "queue_place",
    metadata,
    of_partner(primary_key=True),
    sa.Column("last_place", sa.Integer, nullable=False),
)

detector_memory = sa.Table(
    "detector_memory",
    metadata,
    of_session(primary_key=True),
    of_partner(),
    sa.Column("org_id", sa.String(256), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("counts", PackedJson),
    created(),
    updated(),
    sa.Index("ix_detector_memory_org", "partner_id", "org_id", "created_at"),
)
