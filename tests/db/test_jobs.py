"""Jobs are queued with the rows they belong to, or not at all, and never where nobody would run them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import event

from dayline.db import installation_settings as settings
from dayline.db.database import Database, Transaction, open_database
from dayline.domain.errors import DatabaseUnavailable
from dayline.workflows.job_queue import APPLICATION, JobQueue, prepare_engine


@pytest.fixture
def jobs(database: Database) -> Iterator[JobQueue]:
    queue = JobQueue(database)
    yield queue
    queue.close()


def _count(database: Database) -> int:
    with database.read() as tx:
        table = "dbos.workflow_status" if tx.is_postgres else "workflow_status"
        return int(tx.run(sa.text(f"select count(*) from {table}")).scalar() or 0)


def test_a_server_that_vanishes_at_the_start_is_unavailable() -> None:
    """So that `serve` and `worker` end with one line instead of a traceback."""
    with pytest.raises(DatabaseUnavailable):
        prepare_engine(open_database("postgresql://nobody@127.0.0.1:1/none"))


def test_a_job_is_there_when_its_transaction_is(database: Database, jobs: JobQueue) -> None:
    with database.write() as tx:
        jobs.enqueue(tx, "day", "s1", 1, id="day:s1:1", partition="p1")
        jobs.enqueue(tx, "day", "s1", 1, id="day:s1:1", partition="p1")
    assert _count(database) == 1


def test_a_rolled_back_transaction_leaves_no_job(database: Database, jobs: JobQueue) -> None:
    def change(tx: Transaction) -> None:
        settings.get_or_make(tx, "x", lambda: "y")
        jobs.enqueue(tx, "day", "s1", 1, id="day:s1:1", partition="p1")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.in_write(change)
    assert _count(database) == 0


def test_what_would_never_run_is_refused(database: Database, jobs: JobQueue) -> None:
    with database.write() as tx:
        with pytest.raises(ValueError, match="unknown job"):
            jobs.enqueue(tx, "dya", "s1", 1, id="a")
        with pytest.raises(ValueError, match="needs a partition"):
            jobs.enqueue(tx, "day", "s1", 1, id="a")
        with pytest.raises(ValueError, match="takes no partition"):
            jobs.enqueue(tx, "chunk", "s1", 1, 0, 1, id="a", partition="p")
    assert _count(database) == 0


def test_telling_a_job_that_is_not_there_does_nothing(database: Database, jobs: JobQueue) -> None:
    with database.write() as tx:
        jobs.notify(tx, "day:nobody:1", "news", once="x")


def test_queueing_and_waking_use_the_connection_of_the_transaction_alone(database: Database, jobs: JobQueue) -> None:
    """With a second one, threads that waited for SQLite's write lock kept its holder from going on, for 30 s."""
    taken: list[Any] = []
    with database.write() as tx:
        event.listen(database.engine, "checkout", lambda *_: taken.append(1))
        jobs.enqueue(tx, "day", "s1", 1, id="day:s1:1", partition="p1")
        jobs.notify(tx, "day:s1:1", "news", once="x")
    assert taken == []
    with database.read() as tx:
        table = "dbos.notifications" if tx.is_postgres else "notifications"
        assert tx.run(sa.text(f"select destination_uuid from {table}")).scalars().all() == ["day:s1:1"]


def test_jobs_are_forgotten_by_their_prefix(database: Database, jobs: JobQueue) -> None:
    with database.write() as tx:
        jobs.enqueue(tx, "day", "s1", 1, id="day:s1:1", partition="p1")
        jobs.enqueue(tx, "day", "s2", 1, id="day:s2:1", partition="p1")
    assert jobs.purge("day:s1:") == 1
    assert _count(database) == 1


_OF_THE_CALL = frozenset(("workflow_uuid", "creator_xid", "created_at", "updated_at", "delay_until_epoch_ms"))
"""Columns that differ between two calls for the same job."""


@pytest.mark.parametrize(
    ("job", "queue", "more"),
    [
        ("day", "days", {"partition": "p1"}),
        ("chunk", "chunks", {"priority": 3, "delay_seconds": 60.0}),
    ],
)
def test_rows_are_those_that_the_engine_writes_by_itself(
    database: Database, jobs: JobQueue, job: str, queue: str, more: dict[str, Any]
) -> None:
    client = DBOSClient(
        system_database_engine=database.engine,
        application_name=APPLICATION,
        serializer=DBOSPortableJSONSerializer(),
        retry_connection_errors=False,
    )
    names = {"partition": "queue_partition_key"}
    options: Any = {"workflow_name": job, "queue_name": queue, "workflow_id": "theirs"}
    options.update({names.get(name, name): value for name, value in more.items()})
    with database.write() as tx:
        for twice in ("ours", "ours again"):
            jobs.enqueue(tx, job, "s1", 1, id=twice, **more)
        client.enqueue_in_transaction(tx.connection, options, "s1", 1)
    client.destroy()
    theirs = _rows(database, "theirs")
    assert _rows(database, "ours") == theirs
    assert _rows(database, "ours again") == theirs
    assert theirs["queue_name"] == queue
    assert "s1" in theirs["inputs"]


def _rows(database: Database, id: str) -> dict[str, Any]:
    """Return what the engine's two rows of a job hold, but for what differs between two calls."""
    with database.read() as tx:
        schema = "dbos." if tx.is_postgres else ""
        found: dict[str, Any] = {}
        for table in ("workflow_status", "workflow_input"):
            query = sa.text(f"select * from {schema}{table} where workflow_uuid = :id")
            found.update(tx.run(query, {"id": id}).mappings().one())
    assert (found["delay_until_epoch_ms"] is None) == (found["status"] != "DELAYED")
    return {name: value for name, value in found.items() if name not in _OF_THE_CALL}
