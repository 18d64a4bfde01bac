"""Tables of the web console: one-use links, signed-in sessions, notes, and the access log."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.columns import created, moment, of_partner, of_session, own_id, plain_json, text
from dayline.db.tables.metadata import metadata

console_link = sa.Table(
    "console_link",
    metadata,
    own_id(),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    of_partner(nullable=True),
    sa.Column("environment", sa.String(16), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    plain_json("org_ids", nullable=False),
    sa.Column("rep_id", sa.String(256)),
    text("name"),
    moment("expires_at", nullable=False),
    moment("used_at"),
    created(),
)

console_session = sa.Table(
    "console_session",
    metadata,
    own_id(),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    of_partner(nullable=True),
    sa.Column("environment", sa.String(16), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    plain_json("org_ids", nullable=False),
    sa.Column("rep_id", sa.String(256)),
    text("name"),
    sa.Column("key_id", sa.String(12)),
    moment("seen_at", nullable=False),
    moment("expires_at", nullable=False),
    moment("revoked_at"),
    created(),
    sa.Index("ix_console_session_partner", "partner_id", "created_at"),
)

note = sa.Table(
    "note",
    metadata,
    own_id(),
    of_partner(),
    of_session(nullable=False),
    sa.Column("segment_id", sa.String(36)),
    sa.Column("at_seconds", sa.Float, nullable=False),
    text("text", nullable=False),
    sa.Column("visibility", sa.String(16), nullable=False),
    text("author", nullable=False),
    sa.Column("author_role", sa.String(16), nullable=False),
    created(),
    sa.Index("ix_note_session", "session_id", "at_seconds"),
)

access_log = sa.Table(
    "access_log",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    of_partner(nullable=True),
    of_session(nullable=True),
    sa.Column("visitor_id", sa.String(36)),
    text("name"),
    sa.Column("role", sa.String(16)),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("subject_id", sa.String(36)),
    created(),
    sa.Index("ix_access_log_session", "session_id", "number"),
    sa.Index("ix_access_log_visitor", "visitor_id", "action", "created_at"),
)
