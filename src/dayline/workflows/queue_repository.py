"""Queries of the workflow engine's tables: places in the chunk queue, and rows whose job is gone."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.changes import NAMED, RowsOf
from dayline.db.database import Transaction
from dayline.db.tables import analysis, chunk, queue_place, session
from dayline.domain.status import AnalysisStatus, SessionStatus

_LIVE = ("ENQUEUED", "DELAYED", "PENDING")
_SWEEP_LIMIT = 500


def take_place(tx: Transaction, partner_id: str, *, counted: bool) -> int:
    """Return the priority of a partner's next chunk: start-time fair queueing over partners.

    The queue's clock is the place that is served now. A partner's chunks stand one place behind one another, the first
    of them at the clock, so that a partner without a backlog goes before all but one chunk of another's backlog.
    counted: False for another attempt at a chunk, which stands at the clock and moves nobody's place.
    """
    clock = _clock(tx)
    last = tx.run(sa.select(queue_place.c.last_place).where(queue_place.c.partner_id == partner_id)).scalar()
    if not counted:
        return clock
    place = max(clock, (last or 0) + 1)
    tx.run(
        sa.text(
            "INSERT INTO queue_place (partner_id, last_place) VALUES (:partner, :place) "
            "ON CONFLICT (partner_id) DO UPDATE SET last_place = excluded.last_place"
        ),
        {"partner": partner_id, "place": place},
    )
    return place


def _clock(tx: Transaction) -> int:
    """Return the least place that waits, or the greatest that was ever given when nothing waits."""
    job = _jobs(tx)
    # The second condition on the status is what the engine's partial index was made under.
    waiting = tx.run(
        sa.select(sa.func.min(job.c.priority)).where(
            job.c.queue_name == "chunks", job.c.status == "ENQUEUED", job.c.status.in_(("ENQUEUED", "PENDING"))
        )
    ).scalar()
    if waiting is not None:
        return max(1, int(waiting))
    return max(1, int(tx.run(sa.select(sa.func.max(queue_place.c.last_place))).scalar() or 1))


def stranded_sessions(tx: Transaction) -> list[tuple[str, int]]:
    """Return (session id, attempts) of sessions that have not ended and whose job is gone or has ended."""
    first = sa.literal("day:") + session.c.id + ":" + _text(session.c.run)
    job_id = sa.case((session.c.attempts == 0, first), else_=first + ":" + _text(session.c.attempts + 1))
    job = _jobs(tx)
    query = (
        sa.select(session.c.id, session.c.attempts)
        .select_from(session.outerjoin(job, job.c.workflow_uuid == job_id))
        .where(session.c.status.not_in(_terminal_sessions()), _is_gone(job))
    )
    return [(row.id, row.attempts) for row in tx.run(query.limit(_SWEEP_LIMIT))]


def stranded_chunks(tx: Transaction) -> list[tuple[str, int, int]]:
    """Return (session id, number, attempts) of chunks that wait for a job that is gone or has ended.

    A session whose recording is being read, for the first time or again, queues its chunks by itself.
    """
    job_id = (
        sa.literal("chunk:")
        + chunk.c.session_id
        + ":"
        + _text(session.c.run)
        + ":"
        + _text(chunk.c.number)
        + ":"
        + _text(chunk.c.attempts + 1)
    )
    job = _jobs(tx)
    joined = session.join(chunk, chunk.c.session_id == session.c.id).outerjoin(job, job.c.workflow_uuid == job_id)
    query = (
        sa.select(chunk.c.session_id, chunk.c.number, chunk.c.attempts)
        .select_from(joined)
        .where(
            session.c.status.not_in(_terminal_sessions()),
            session.c.is_ingested.is_(True),
            chunk.c.status == "pending",
            _is_gone(job),
        )
    )
    return [(row.session_id, row.number, row.attempts) for row in tx.run(query.limit(_SWEEP_LIMIT))]


def stranded_analyses(tx: Transaction) -> list[tuple[str, int]]:
    """Return (analysis id, attempts) of analyses of sessions that have not ended and whose job is gone or has ended."""
    job_id = sa.literal("analysis:") + analysis.c.id + ":" + _text(analysis.c.attempts + 1)
    job = _jobs(tx)
    query = (
        sa.select(analysis.c.id, analysis.c.attempts)
        .select_from(analysis.outerjoin(job, job.c.workflow_uuid == job_id))
        .where(
            analysis.c.status.in_((AnalysisStatus.QUEUED.value, AnalysisStatus.PROCESSING.value)),
            sa.or_(analysis.c.parent_session_id.is_not(None), _is_analyzed_call()),
            _is_gone(job),
        )
    )
    return [(row.id, row.attempts) for row in tx.run(query.limit(_SWEEP_LIMIT))]


def has_job(tx: Transaction, job_id: str) -> bool:
    """Return whether the engine has a record of a job, ended or not."""
    job = _jobs(tx)
    return tx.run(sa.select(sa.literal(1)).where(job.c.workflow_uuid == job_id)).first() is not None


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for a worker.

    waiting: queues with jobs that may begin.
    has_jobs: whether any job waits or runs. Delayed ones do not count: they become waiting ones.
    delayed_until_ms: when the first delayed job is due, in milliseconds since 1970; None without one.
    called: jobs that have a message they were asked about.
    """

    waiting: frozenset[str]
    has_jobs: bool
    delayed_until_ms: int | None
    called: frozenset[str]


NO_WORK = Work(frozenset(), has_jobs=False, delayed_until_ms=None, called=frozenset())


def work(tx: Transaction, listening: Sequence[str] = ()) -> Work:
    """Return what waits for a worker.

    listening: ids of jobs that are asked about messages.
    """
    row = tx.run(_work_query(_schema(tx))).mappings().one()
    called: frozenset[str] = frozenset()
    if listening:
        called = frozenset(tx.run(_called_query(_schema(tx)), {"ids": list(listening)}).scalars())
    return Work(frozenset(name for name in _QUEUES if row[name]), bool(row["jobs"]), row["due_ms"], called)


def work_by_driver(rows: RowsOf, listening: Sequence[str] = ()) -> Work:
    """Do as `work`, on SQLite and by its driver alone."""
    (row,) = rows(_sqlite_text(_work_query(None)), {})
    *waiting, has_jobs, due_ms = row
    called: frozenset[str] = frozenset()
    if listening:
        names = [f"ids_{k}" for k in range(len(listening))]
        asked = rows(_sqlite_called(len(listening)), dict(zip(names, listening, strict=True)))
        called = frozenset(str(receiver) for (receiver,) in asked)
    found = frozenset(name for name, is_waiting in zip(_QUEUES, waiting, strict=True) if is_waiting)
    return Work(found, bool(has_jobs), due_ms, called)


# Both are built once: they run once a second, and building one takes longer than running it.


@functools.cache
def _work_query(schema: str | None) -> sa.Select[Any]:
    job = _jobs_in(schema)
    live = job.c.status.in_(("ENQUEUED", "PENDING"))  # the condition under which the engine's indexes were made
    of_queues = [
        sa.exists().where(job.c.queue_name == name, job.c.status == "ENQUEUED", live).label(name) for name in _QUEUES
    ]
    delayed = sa.select(sa.func.min(job.c.delay_until_epoch_ms)).where(job.c.status == "DELAYED").scalar_subquery()
    return sa.select(*of_queues, sa.exists().where(live).label("jobs"), delayed.label("due_ms"))


@functools.cache
def _called_query(schema: str | None) -> sa.Select[Any]:
    receiver, is_consumed = sa.column("destination_uuid", sa.String), sa.column("consumed", sa.Boolean)
    query = sa.select(receiver).select_from(sa.table("notifications", receiver, is_consumed, schema=schema))
    return query.where(receiver.in_(sa.bindparam("ids", expanding=True)), is_consumed.is_(False))


@functools.cache
def _sqlite_text(query: sa.Select[Any]) -> str:
    return str(query.compile(dialect=NAMED, compile_kwargs={"literal_binds": True}))


@functools.cache
def _sqlite_called(count: int) -> str:
    receiver, is_consumed = sa.column("destination_uuid", sa.String), sa.column("consumed", sa.Boolean)
    asked = sa.or_(*(receiver == sa.bindparam(f"ids_{k}") for k in range(count)))
    query = sa.select(receiver).select_from(sa.table("notifications", receiver, is_consumed))
    return str(query.where(asked, is_consumed.is_(False)).compile(dialect=NAMED))


_QUEUES = ("days", "chunks", "analyses")


def oldest_queued_ms(tx: Transaction) -> dict[str, int]:
    """Return when the oldest job that waits in each queue was queued, in milliseconds since 1970."""
    job = _jobs(tx)
    query = (
        sa.select(job.c.queue_name, sa.func.min(job.c.created_at).label("since"))
        .where(job.c.status == "ENQUEUED", job.c.status.in_(("ENQUEUED", "PENDING")), job.c.queue_name.is_not(None))
        .group_by(job.c.queue_name)
    )
    return {row.queue_name: int(row.since) for row in tx.run(query)}


def _is_analyzed_call() -> sa.ColumnElement[bool]:
    """True for the analysis of a single call whose session has come as far as queueing it, or that is scored again."""
    own = sa.select(session.c.id).where(session.c.id == analysis.c.id)
    is_scored_again = sa.and_(analysis.c.transcript.is_not(None), ~own.exists())
    return sa.or_(own.where(session.c.status == SessionStatus.ANALYZING.value).exists(), is_scored_again)


class QueueLoad(TypedDict):
    """One queue: jobs that wait, jobs that run, and how long the oldest has waited."""

    name: str
    waiting: int
    running: int
    oldest_waiting_seconds: float | None


def state(tx: Transaction) -> list[QueueLoad]:
    """Return {name, waiting, running, oldest_waiting_seconds} of every queue with work."""
    job = _jobs(tx)
    is_waiting = job.c.status.in_(("ENQUEUED", "DELAYED"))
    query = (
        sa.select(
            job.c.queue_name,
            sa.func.sum(sa.case((is_waiting, 1), else_=0)).label("waiting"),
            sa.func.sum(sa.case((job.c.status == "PENDING", 1), else_=0)).label("running"),
            sa.func.min(sa.case((job.c.status == "ENQUEUED", job.c.created_at))).label("oldest_ms"),
        )
        .where(job.c.queue_name.is_not(None), job.c.status.in_(_LIVE))
        .group_by(job.c.queue_name)
        .order_by(job.c.queue_name)
    )
    now_ms = now().timestamp() * 1000
    return [
        {
            "name": row.queue_name,
            "waiting": int(row.waiting),
            "running": int(row.running),
            "oldest_waiting_seconds": None
            if row.oldest_ms is None
            else round(max(0.0, now_ms - float(row.oldest_ms)) / 1000, 1),
        }
        for row in tx.run(query)
    ]


def _jobs(tx: Transaction) -> sa.TableClause:
    return _jobs_in(_schema(tx))


def _jobs_in(schema: str | None) -> sa.TableClause:
    names = ("workflow_uuid", "status", "queue_name", "priority", "created_at", "delay_until_epoch_ms")
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    return sa.table("workflow_status", *columns, schema=schema)


def _schema(tx: Transaction) -> str | None:
    return "dbos" if tx.is_postgres else None


def _is_gone(job: sa.TableClause) -> sa.ColumnElement[bool]:
    return sa.or_(job.c.workflow_uuid.is_(None), job.c.status.not_in(_LIVE))


def _text(column: Any) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.String)


def _terminal_sessions() -> list[str]:
    return [status.value for status in SessionStatus if status.is_terminal]
