"""Rows of the detector's memory: one row of counts per session of an org."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import to_records
from dayline.db.statements import add_unless_there
from dayline.db.tables import detector_memory, document, session
from dayline.domain.status import SessionKind, SessionStatus
from dayline.domain.stored_json import MemoryCounts

FORGOTTEN = "forgotten"
"""Source of a session whose counts were deleted; it is not counted again."""

STALE = "stale"
"""Source of a session whose segments have changed since it was counted; it is counted again."""


@dataclass(frozen=True, slots=True)
class MemoryRecord:
    """Counts of one session. `counts` is None when it was deleted or waits to be counted again."""

    session_id: str
    partner_id: str
    org_id: str
    source: str
    counts: MemoryCounts | None
    created_at: datetime
    updated_at: datetime


def put(tx: Transaction, partner_id: str, org_id: str, session_id: str, source: str, counts: MemoryCounts) -> bool:
    """Store the counts of a session, in place of earlier ones. Returns False when the org or session was deleted."""
    is_there = tx.run(sa.select(session.c.id).where(session.c.id == session_id)).first() is not None
    if not is_there:
        return False
    moment = now()
    values = {
        "session_id": session_id,
        "partner_id": partner_id,
        "org_id": org_id,
        "source": source,
        "counts": counts,
        "created_at": moment,
        "updated_at": moment,
    }
    if add_unless_there(tx, detector_memory, ["session_id"], values):
        return True
    where = (detector_memory.c.session_id == session_id, detector_memory.c.source != FORGOTTEN)
    changed = {"source": source, "counts": counts, "updated_at": moment}
    return tx.run(sa.update(detector_memory).where(*where).values(**changed)).rowcount == 1


def mark_stale(tx: Transaction, session_id: str) -> None:
    """Mark a session for counting again before the org's next day; until then its counts are not used."""
    where = (detector_memory.c.session_id == session_id, detector_memory.c.source != FORGOTTEN)
    tx.run(sa.update(detector_memory).where(*where).values(source=STALE, counts=sa.null(), updated_at=now()))


def newest(tx: Transaction, partner_id: str, org_id: str, *, limit: int, without: str = "") -> list[MemoryRecord]:
    """Return the counts of an org's sessions, newest first, without one of them."""
    c = detector_memory.c
    query = (
        sa.select(detector_memory)
        .where(*_is_org(partner_id, org_id), c.counts.is_not(None), c.session_id != without)
        .order_by(c.created_at.desc(), c.session_id)
        .limit(limit)
    )
    return to_records(MemoryRecord, tx.run(query))


def uncounted(tx: Transaction, partner_id: str, org_id: str, *, limit: int) -> list[str]:
    """Return ids of completed sessions of an org that wait to be counted, newest first."""
    c = session.c
    query = (
        sa.select(c.id)
        .join(document, sa.and_(document.c.session_id == c.id, document.c.name == "transcript"))
        .outerjoin(detector_memory, detector_memory.c.session_id == c.id)
        .where(
            c.partner_id == partner_id,
            c.org_id == org_id,
            c.status == SessionStatus.COMPLETED,
            c.kind == SessionKind.DAY,
            sa.or_(detector_memory.c.session_id.is_(None), detector_memory.c.source == STALE),
        )
        .order_by(c.created_at.desc(), c.id)
        .limit(limit)
    )
    return [row[0] for row in tx.run(query)]


def updated_at(tx: Transaction, partner_id: str, org_id: str) -> datetime | None:
    """Return when the memory of an org changed last."""
    query = sa.select(sa.func.max(detector_memory.c.updated_at)).where(*_is_org(partner_id, org_id))
    return tx.run(query).scalar()


def delete_memory(tx: Transaction, partner_id: str, org_id: str) -> list[str]:
    """Delete the counts of an org and remember which sessions not to count again. Returns the sessions' ids."""
    c = detector_memory.c
    query = sa.select(c.session_id).where(*_is_org(partner_id, org_id), c.counts.is_not(None))
    ids = [row[0] for row in tx.run(query)]
    waiting = uncounted(tx, partner_id, org_id, limit=100_000)
    moment = now()
    tx.run(
        sa.update(detector_memory)
        .where(*_is_org(partner_id, org_id))
        .values(source=FORGOTTEN, counts=sa.null(), updated_at=moment)
    )
    for session_id in waiting:
        values = {"session_id": session_id, "partner_id": partner_id, "org_id": org_id, "source": FORGOTTEN}
        add_unless_there(
            tx, detector_memory, ["session_id"], {**values, "counts": None, "created_at": moment, "updated_at": moment}
        )
    return ids


def _is_org(partner_id: str, org_id: str) -> tuple[Any, ...]:
    return detector_memory.c.partner_id == partner_id, detector_memory.c.org_id == org_id
