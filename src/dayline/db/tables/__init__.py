"""Every table of Dayline. The workflow engine keeps its own beside them.

Every row that a partner can name carries `partner_id`.
"""

from __future__ import annotations

from dayline.db.tables.console import access_log, console_link, console_session, note
from dayline.db.tables.events import delivery, delivery_attempt, event, webhook
from dayline.db.tables.metadata import metadata
from dayline.db.tables.search import search_entry
from dayline.db.tables.service import counter, executor, queue_place, rate_limit, setting, step_start
from dayline.db.tables.sessions import analysis, chunk, detector_memory, document, revision, segment, session
from dayline.db.tables.shares import share
from dayline.db.tables.tenants import (
    api_key,
    idempotency,
    org,
    partner,
    playbook,
    playbook_version,
    prompt,
    rep,
    upload,
    voice_print,
)

__all__ = [
    "access_log",
    "analysis",
    "api_key",
    "chunk",
    "console_link",
    "console_session",
    "counter",
    "delivery",
    "delivery_attempt",
    "detector_memory",
    "document",
    "event",
    "executor",
    "idempotency",
    "metadata",
    "note",
    "org",
    "partner",
    "playbook",
    "playbook_version",
    "prompt",
    "queue_place",
    "rate_limit",
    "rep",
    "revision",
    "search_entry",
    "segment",
    "session",
    "setting",
    "share",
    "step_start",
    "upload",
    "voice_print",
    "webhook",
]
