"""Jobs are queued with the rows they belong to, or not at all, and never where nobody would run them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dayline.db import installation_settings as settings
from dayline.db.database import Database, Transaction
from dayline.workflows.job_queue import JobQueue


@pytest.fixture
def jobs(database: Database) -> Iterator[JobQueue]:
    queue = JobQueue(database)
    yield queue
    queue.close()


def _count(database: Database) -> int:
    with database.read() as tx:
        table = "dbos.workflow_status" if tx.is_postgres else "workflow_status"
        return int(tx.run(sa.text(f"select count(*) from {table}")).scalar() or 0)


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
        jobs.tell(tx, "day:nobody:1", "news", once="x")


def test_jobs_are_forgotten_by_their_prefix(database: Database, jobs: JobQueue) -> None:
    with database.write() as tx:
        jobs.enqueue(tx, "day", "s1", 1, id="day:s1:1", partition="p1")
        jobs.enqueue(tx, "day", "s2", 1, id="day:s2:1", partition="p1")
    assert jobs.forget("day:s1:") == 1
    assert _count(database) == 1
