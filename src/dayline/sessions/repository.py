"""Rows of all-day sessions. Guards changes of status: an ended session keeps its status."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Unpack

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.key_state import KeyState, state_in, with_state
from dayline.db.pagination import Position
from dayline.db.records import SessionChanges, SessionRecord, to_record, to_records
from dayline.db.statements import add_record, older
from dayline.db.tables import session
from dayline.db.visibility import EVERYTHING, Visibility
from dayline.domain.json_types import JsonObject
from dayline.domain.status import SessionKind, SessionStatus
from dayline.domain.stored_json import SessionOptions
from dayline.ids import new_id

_TERMINAL = [s.value for s in SessionStatus if s.is_terminal]


_BY_ID = sa.select(session).where(session.c.id == sa.bindparam("session_id"))
_OF_PARTNER = _BY_ID.where(session.c.partner_id == sa.bindparam("owner"), session.c.kind == SessionKind.DAY.value)


def new_record(
    *,
    partner_id: str,
    environment: str,
    org_id: str,
    rep_id: str,
    recording_url: str | None,
    file_key: str | None,
    options: SessionOptions,
    metadata: JsonObject | None = None,
    recorded_at: datetime | None = None,
    kind: SessionKind = SessionKind.DAY,
    id: str | None = None,
) -> SessionRecord:
    """Return a queued session on which no work was done. id: a new one when left out."""
    moment = now()
    return SessionRecord(
        id=id or new_id(),
        partner_id=partner_id,
        environment=environment,
        org_id=org_id,
        rep_id=rep_id,
        recording_url=recording_url,
        file_key=file_key,
        options=options,
        metadata=metadata or {},
        status=SessionStatus.QUEUED,
        stage="queued",
        percent=0.0,
        run=1,
        revision=0,
        is_ingested=False,
        duration_seconds=None,
        speech_seconds=None,
        transcribed_seconds=0.0,
        usage={},
        rollup=None,
        error=None,
        cancel_requested_at=None,
        created_at=moment,
        started_at=None,
        completed_at=None,
        updated_at=moment,
        recorded_at=recorded_at,
        recorded_at_source="request" if recorded_at is not None else None,
        kind=kind,
    )


def add(tx: Transaction, record: SessionRecord) -> None:
    """Insert a session."""
    add_record(tx, session, record)


def get(tx: Transaction, session_id: str, *, partner_id: str | None = None, lock: bool = False) -> SessionRecord | None:
    """Return a session, or None when it does not exist or belongs to another partner.

    With a partner id, sessions of single calls are left out: partners see those as analyses.
    """
    query = _OF_PARTNER if partner_id is not None else _BY_ID
    values = {"session_id": session_id, "owner": partner_id} if partner_id is not None else {"session_id": session_id}
    row = tx.run(query.with_for_update(key_share=True) if lock else query, values).first()
    return to_record(SessionRecord, row) if row else None


_OF_PARTNER_WITH_KEY = with_state(_OF_PARTNER, session)


def get_with_key(
    tx: Transaction, session_id: str, *, partner_id: str, key_id: str
) -> tuple[SessionRecord, KeyState | None] | None:
    """Return a session of a partner and the state of a key by one statement, or None without such a session."""
    values = {"session_id": session_id, "owner": partner_id, "caller_key_id": key_id}
    row = tx.run(_OF_PARTNER_WITH_KEY, values).first()
    return (to_record(SessionRecord, row), state_in(row)) if row else None


def lock(tx: Transaction, session_id: str) -> SessionRecord | None:
    """Lock a session's row (FOR NO KEY UPDATE) and return it, or None when it is gone.

    The first statement of every transaction that changes rows of a session: `dayline.db.database` has the lock order.
    """
    return get(tx, session_id, lock=True)


def page(
    tx: Transaction,
    partner_id: str,
    *,
    limit: int,
    environment: str | None = None,
    after: Position | None = None,
    org_id: str | None = None,
    rep_id: str | None = None,
    status: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    visibility: Visibility = EVERYTHING,
) -> list[SessionRecord]:
    """Return up to `limit` sessions, newest first, older than `after`."""
    filters = {
        "of_org": org_id,
        "of_rep": rep_id,
        "of_status": status,
        "of_environment": environment,
        "created_after": created_after,
        "created_before": created_before,
        "last_created_at": after and after.created_at,
        "last_id": after and after.id,
    }
    given = {name: value for name, value in filters.items() if value is not None}
    query = _page(frozenset(given), visibility)
    return to_records(SessionRecord, tx.run(query, {**given, "of_partner": partner_id, "at_most": limit}))


@lru_cache(maxsize=256)
def _page(given: frozenset[str], visibility: Visibility) -> Any:
    """Return the statement of a page with these filters, which is slow to build; their values are its parameters."""
    query = visibility.limit(sa.select(session), session.c.org_id, session.c.rep_id)
    query = query.where(session.c.partner_id == sa.bindparam("of_partner"), session.c.kind == SessionKind.DAY.value)
    conditions = {
        "of_org": session.c.org_id == sa.bindparam("of_org"),
        "of_rep": session.c.rep_id == sa.bindparam("of_rep"),
        "of_status": session.c.status == sa.bindparam("of_status"),
        "of_environment": session.c.environment == sa.bindparam("of_environment"),
        "created_after": session.c.created_at > sa.bindparam("created_after"),
        "created_before": session.c.created_at < sa.bindparam("created_before"),
        "last_id": older(session.c.created_at, session.c.id),
    }
    query = query.where(*(condition for name, condition in conditions.items() if name in given))
    newest = query.order_by(session.c.created_at.desc(), session.c.id.desc())
    return newest.limit(sa.bindparam("at_most", type_=sa.Integer))


def running(
    tx: Transaction, partner_id: str, *, environment: str, limit: int, visibility: Visibility = EVERYTHING
) -> list[SessionRecord]:
    """Return all-day sessions that have not ended, newest first."""
    query = visibility.limit(sa.select(session), session.c.org_id, session.c.rep_id)
    query = query.where(
        session.c.partner_id == partner_id,
        session.c.environment == environment,
        session.c.kind == SessionKind.DAY.value,
        session.c.status.in_([status.value for status in SessionStatus if not status.is_terminal]),
    )
    return to_records(SessionRecord, tx.run(query.order_by(session.c.created_at.desc()).limit(limit)))


def set_values(tx: Transaction, session_id: str, **values: Unpack[SessionChanges]) -> None:
    """Change values that do not depend on whether a session has ended: facts about its file, names of speakers."""
    tx.run(sa.update(session).where(session.c.id == session_id).values(**values, updated_at=now()))


def update(tx: Transaction, session_id: str, **values: Unpack[SessionChanges]) -> bool:
    """Change a session that has not ended. Returns False when it has ended, or is gone."""
    return _update(tx, session_id, values, session.c.status.not_in(_TERMINAL))


def update_ended(tx: Transaction, session_id: str, **values: Unpack[SessionChanges]) -> bool:
    """Change a session that has ended: its rollup after a correction, or its state for another run."""
    return _update(tx, session_id, values, session.c.status.in_(_TERMINAL))


def _update(tx: Transaction, session_id: str, values: SessionChanges, condition: Any) -> bool:
    statement = sa.update(session).where(session.c.id == session_id, condition).values(**values, updated_at=now())
    return tx.run(statement).rowcount == 1


def add_transcribed(tx: Transaction, session_id: str, seconds: float) -> None:
    """Count seconds of speech that have gone through the recogniser."""
    tx.run(
        sa.update(session)
        .where(session.c.id == session_id)
        .values(transcribed_seconds=session.c.transcribed_seconds + seconds, updated_at=now())
    )


def delete_ended_calls(tx: Transaction, *, before: datetime) -> int:
    """Delete sessions of single calls that ended before a moment: only their analyses are kept. Returns how many."""
    is_over = session.c.status.in_([status.value for status in SessionStatus if status.is_terminal])
    is_call = session.c.kind == SessionKind.CALL.value
    return tx.run(sa.delete(session).where(is_call, is_over, session.c.completed_at < before)).rowcount


def delete(tx: Transaction, session_id: str) -> bool:
    """Delete a session and, by the database's own rule, all that belongs to it."""
    return tx.run(sa.delete(session).where(session.c.id == session_id)).rowcount == 1


def count_by_status(tx: Transaction) -> dict[str, int]:
    """Return how many all-day sessions stand in each status."""
    query = sa.select(session.c.status, sa.func.count()).where(session.c.kind == SessionKind.DAY.value)
    rows: Any = tx.run(query.group_by(session.c.status))
    return {str(row[0]): int(row[1]) for row in rows}


def oldest_waiting(tx: Transaction) -> datetime | None:
    """Return when the oldest session that has not been started was submitted."""
    query = sa.select(session.c.created_at).where(session.c.status == SessionStatus.QUEUED.value)
    return tx.run(query.order_by(session.c.created_at).limit(1)).scalar()
