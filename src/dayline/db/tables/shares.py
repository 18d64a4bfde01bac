"""Links that show one conversation to people without a key."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.columns import created, moment, of_partner, of_session, own_id, text
from dayline.db.tables.metadata import metadata

share = sa.Table(
    "share",
    metadata,
    own_id(),
    of_partner(),
    of_session(nullable=False),
    sa.Column("segment_id", sa.String(36), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("start_seconds", sa.Float, nullable=False),
    sa.Column("end_seconds", sa.Float, nullable=False),
    sa.Column("has_audio", sa.Boolean, nullable=False),
    text("name"),
    text("author", nullable=False),
    sa.Column("opened_count", sa.Integer, nullable=False),
    moment("last_opened_at"),
    moment("expires_at", nullable=False),
    moment("revoked_at"),
    created(),
    sa.Index("ix_share_session", "session_id", "created_at"),
)
