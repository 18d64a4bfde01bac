"""Memory of an org's earlier sessions for the detector, and what a session adds to it.

Each session's counts are a row of their own (`orgs/detector_memory_repository.py`), so that deleting the session
removes them. Sessions that were never counted, and those whose segments a person has changed since, are counted before
the next day of their org is detected.
"""

from __future__ import annotations

import hashlib

from dayline.db.database import Transaction
from dayline.detection.memory import MOST_DAYS, Contribution, OrgMemory, recall
from dayline.domain.reading import Scope
from dayline.domain.stored_json import MemoryCounts
from dayline.orgs import detector_memory_repository as repository
from dayline.orgs import repository as orgs

SETTING, LANGUAGE_SETTING = "detector_memory", "language_model"


def memory_key(partner_id: str, org_id: str) -> str:
    """Return the key under which an org's stems are hashed, so that no two orgs share a hash."""
    return hashlib.sha256(f"{partner_id}/{org_id}".encode()).hexdigest()


def is_on(tx: Transaction, partner_id: str, org_id: str) -> bool:
    """Return whether the detector may use memory of this org. It may unless the org has switched it off."""
    record = orgs.get_org(tx, partner_id, org_id)
    return record is None or record.settings.get(SETTING, "on") != "off"


def reading_scope(tx: Transaction, partner_id: str, org_id: str) -> Scope:
    """Return which part of a day may be sent to a language model."""
    record = orgs.get_org(tx, partner_id, org_id)
    value = record.settings.get(LANGUAGE_SETTING) if record is not None else None
    return value if value in ("off", "whole_day") else "customers_only"


def memory_for(tx: Transaction, partner_id: str, org_id: str, *, session_id: str = "") -> OrgMemory:
    """Return what is known from the org's other sessions."""
    rows = repository.newest(tx, partner_id, org_id, limit=MOST_DAYS, without=session_id)
    return recall((_contribution(row) for row in rows), memory_key(partner_id, org_id))


def keep(tx: Transaction, partner_id: str, org_id: str, session_id: str, contribution: Contribution) -> bool:
    """Keep what a session adds. Returns False when the session is gone or must not be counted."""
    counts: MemoryCounts = {
        "visits": dict(contribution.visits),
        "other": dict(contribution.other),
        "people": dict(contribution.people),
    }
    return repository.put(tx, partner_id, org_id, session_id, contribution.source, counts)


def _contribution(row: repository.MemoryRecord) -> Contribution:
    counts: MemoryCounts = row.counts or {"visits": {}, "other": {}, "people": {}}
    return Contribution(
        row.source,  # pyright: ignore[reportArgumentType] - rows hold the three names only
        counts["visits"],
        counts["other"],
        counts["people"],
    )
