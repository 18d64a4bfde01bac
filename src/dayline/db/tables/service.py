"""Tables of the service itself: settings it made, rate limits, counters, live workers, places in the chunk queue,
steps that have begun and not ended."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.columns import moment, of_partner, text
from dayline.db.tables.metadata import metadata

setting = sa.Table(
    "setting", metadata, sa.Column("name", sa.String(64), primary_key=True), text("value", nullable=False)
)

rate_limit = sa.Table(
    "rate_limit",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("count", sa.Integer, nullable=False),
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

step_start = sa.Table(
    "step_start",
    metadata,
    sa.Column("step", sa.String(160), primary_key=True),
    sa.Column("executor_id", sa.String(128), nullable=False),
    sa.Column("starts", sa.Integer, nullable=False),
    sa.Column("alone", sa.Integer, nullable=False),
    moment("began_at", nullable=False),
)

queue_place = sa.Table(
    "queue_place",
    metadata,
    of_partner(primary_key=True),
    sa.Column("last_place", sa.Integer, nullable=False),
)
