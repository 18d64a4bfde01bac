"""The sweep gives every row that has not ended a live job, on both databases."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from dayline.analyses import repository as analyses
from dayline.db.database import Transaction
from dayline.domain.errors import DatabaseUnavailable
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import segments_repository as segments
from dayline.sessions import service
from dayline.workflows.enqueue import start_chunk
from dayline.workflows.heartbeat import Heartbeat
from dayline.workflows.running_jobs import RunningJobs
from dayline.workflows.steps import analyze, begin, detect, ingest, speakers
from dayline.workflows.sweep import Sweeper


@dataclass
class Worker:
    executor_id: str
    running: RunningJobs


def table(environment: Any) -> str:
    return "workflow_status" if environment.database.is_sqlite else "dbos.workflow_status"


def set_status(environment: Any, job_id: str, status: str, executor: str | None = None) -> None:
    """Leave the engine's row as a lost job leaves it."""
    holder = f", executor_id = '{executor}'" if executor else ""
    with environment.database.write() as tx:
        changed = tx.connection.exec_driver_sql(
            f"update {table(environment)} set status = '{status}'{holder} where workflow_uuid = '{job_id}'"
        )
        assert changed.rowcount == 1


@pytest.fixture
def sweeper(any_environment: Any) -> Sweeper:
    return Sweeper(any_environment.parts, Worker("me", RunningJobs()))


def live(environment: Any, name: str) -> list[str]:
    return [id for id, status in environment.jobs_named(name) if status in ("ENQUEUED", "DELAYED", "PENDING")]


@pytest.mark.parametrize("how", ["SUCCESS", "ERROR", "CANCELLED", "deleted"])
def test_a_session_whose_job_is_gone_is_queued_again_once(any_environment: Any, sweeper: Sweeper, how: str) -> None:
    environment = any_environment
    id, other = environment.submit("mock://single-call"), environment.submit("mock://single-call")
    assert sweeper.sweep_once() == 0
    if how == "deleted":
        environment.jobs.purge(f"day:{id}:")
    else:
        set_status(environment, f"day:{id}:1", how)
    assert sweeper.sweep_once() == 1
    assert sorted(live(environment, "day")) == sorted([f"day:{id}:1:2", f"day:{other}:1"])
    assert sweeper.sweep_once() == 0
    set_status(environment, f"day:{id}:1:2", "SUCCESS")
    assert sweeper.sweep_once() == 1
    assert f"day:{id}:1:3" in live(environment, "day")


def test_a_job_that_is_lost_every_time_waits_longer_each_time(any_environment: Any, sweeper: Sweeper) -> None:
    """A job that ends without an outcome because of a mistake in the code may cost a model's tokens each time."""
    environment = any_environment
    id = environment.submit("mock://single-call")
    waits: list[float] = []
    for attempt in range(1, 5):
        set_status(environment, f"day:{id}:1" if attempt == 1 else f"day:{id}:1:{attempt}", "ERROR")
        assert sweeper.sweep_once() == 1
        query = f"select status, created_at, delay_until_epoch_ms from {table(environment)} where workflow_uuid = "
        with environment.database.read() as tx:
            row = tx.connection.exec_driver_sql(query + f"'day:{id}:1:{attempt + 1}'").one()
        assert row[0] == ("ENQUEUED" if attempt == 1 else "DELAYED")
        waits.append(0.0 if row[2] is None else (row[2] - row[1]) / 1000)
    assert waits == pytest.approx([0.0, *environment.parts.retry.job_waits_seconds[:3]], abs=5.0)


def test_a_row_that_cannot_be_queued_does_not_keep_the_others_from_it(any_environment: Any, sweeper: Sweeper) -> None:
    environment = any_environment
    ids = [environment.submit("mock://single-call") for _ in range(3)]
    for id in ids:
        set_status(environment, f"day:{id}:1", "ERROR")
    with environment.database.write() as tx:  # as a version to come may write
        tx.connection.exec_driver_sql(f"update session set status = 'unheard of' where id = '{ids[1]}'")
    assert sweeper.sweep_once() == 2
    assert sorted(live(environment, "day")) == sorted(f"day:{id}:1:2" for id in (ids[0], ids[2]))


def test_an_outage_is_told_from_a_job_that_cannot_be_queued(environment: Any) -> None:
    """The workflow engine's client raises the driver's own errors."""
    refused = sqlite3.OperationalError("database is locked")
    refused.sqlite_errorcode = sqlite3.SQLITE_BUSY
    locked = OperationalError("select", {}, refused)
    sweeper = Sweeper(environment.parts, Worker("me", RunningJobs()))

    def refuse(_executor_id: str) -> list[str]:
        raise locked

    environment.parts.jobs.running_of = refuse
    with pytest.raises(DatabaseUnavailable):
        sweeper.sweep_once()


def test_what_has_ended_is_left_alone(any_environment: Any, sweeper: Sweeper) -> None:
    id = any_environment.submit("mock://single-call")
    with any_environment.database.write() as tx:
        service.cancel(tx, any_environment.jobs, service.owned(tx, id, partner_id=any_environment.partner_id))
    set_status(any_environment, f"day:{id}:1", "SUCCESS")
    assert sweeper.sweep_once() == 0


def test_chunks_and_analyses_are_queued_again(any_environment: Any, sweeper: Sweeper) -> None:
    environment = any_environment
    id = environment.submit("mock://single-call")
    for step in (begin.begin, ingest.ingest, speakers.name_the_speakers, detect.detect, analyze.start_analyses):
        step(environment.parts, id, 1)
    with environment.database.write() as tx:
        chunks.add(tx, id, 7, start_seconds=0.0, end_seconds=1.0, speech_seconds=1.0)
        (segment,) = segments.list_all(tx, id)
    set_status(environment, f"analysis:{segment.analysis_id}:1", "SUCCESS")

    assert sweeper.sweep_once() == 2

    assert live(environment, "chunk") == [f"chunk:{id}:1:7:2"]
    assert live(environment, "analysis") == [f"analysis:{segment.analysis_id}:2"]
    assert sweeper.sweep_once() == 0
    assert segment.analysis_id is not None
    analyze.analyze(environment.parts, segment.analysis_id, 2)
    set_status(environment, f"analysis:{segment.analysis_id}:2", "SUCCESS")
    with environment.database.write() as tx:
        analysis = analyses.get(tx, segment.analysis_id)
        assert analysis is not None
        assert analysis.status == "completed"
        finish_chunk(tx, id)
    assert sweeper.sweep_once() == 0


def finish_chunk(tx: Transaction, session_id: str) -> None:
    chunks.finish(tx, session_id, 7, utterances=[], voices=None, notes={})


def test_a_job_of_this_worker_that_no_thread_runs_goes_back_to_its_queue(any_environment: Any) -> None:
    environment, running = any_environment, RunningJobs()
    lost, kept = environment.submit("mock://single-call"), environment.submit("mock://single-call")
    for id in (lost, kept):
        set_status(environment, f"day:{id}:1", "PENDING", executor="me")
    sweeper = Sweeper(environment.parts, Worker("me", running))
    with running.entered(f"day:{kept}:1"):
        assert sweeper.sweep_once() == 0  # seen once: it may be starting
        assert sweeper.sweep_once() == 1
        assert sweeper.sweep_once() == 0
    statuses = dict(environment.jobs_named("day"))
    assert statuses == {f"day:{lost}:1": "ENQUEUED", f"day:{kept}:1": "PENDING"}


def test_jobs_of_a_dead_executor_are_taken_over_and_those_of_a_living_one_are_not(any_environment: Any) -> None:
    environment = any_environment
    dead, living = environment.submit("mock://single-call"), environment.submit("mock://single-call")
    set_status(environment, f"day:{dead}:1", "PENDING", executor="dead")
    set_status(environment, f"day:{living}:1", "PENDING", executor="living")
    Heartbeat(environment.database, environment.jobs, "living", is_single_node=False).beat()
    mine = Heartbeat(environment.database, environment.jobs, "me", is_single_node=False)
    mine.beat()
    assert mine.reap_once() == 1
    assert mine.reap_once() == 0
    assert dict(environment.jobs_named("day")) == {f"day:{dead}:1": "ENQUEUED", f"day:{living}:1": "PENDING"}
    with environment.database.read() as tx:
        query = f"select queue_name, queue_partition_key from {table(environment)} where workflow_uuid = 'day:{dead}:1'"
        assert tuple(tx.connection.exec_driver_sql(query).one()) == ("days", environment.partner_id)


def test_a_lease_is_renewed_after_any_error(any_environment: Any) -> None:
    """A thread that ends with an unforeseen error would leave a worker whose jobs are taken from it for ever."""
    beats = threading.Event()

    class Once(Heartbeat):
        failures = 0

        def beat(self) -> None:
            if self.failures == 0:
                self.failures += 1
                raise RuntimeError("unforeseen")
            super().beat()
            beats.set()

    heartbeat = Once(any_environment.database, any_environment.jobs, "me", is_single_node=False, lease_seconds=0.1)
    heartbeat.start()
    assert beats.wait(60)
    heartbeat.stop()


def test_one_partners_backlog_delays_anothers_chunk_by_one_place(any_environment: Any) -> None:
    environment = any_environment
    small = environment.add_partner()
    big_day, small_day = (
        environment.submit("mock://single-call"),
        environment.submit("mock://single-call", partner_id=small),
    )

    def queue(id: str, numbers: range) -> None:
        session = environment.session(id)
        for number in numbers:
            with environment.database.write() as tx:
                start_chunk(environment.jobs, tx, session, number)

    queue(big_day, range(20))
    queue(small_day, range(3))
    order = ["small" if small_day in id else "big" for id in waiting(environment)]
    assert [sorted(order[at : at + 2]) for at in (0, 2, 4)] == [["big", "small"]] * 3
    # Half of the backlog later a new chunk of the other partner stands as well as before.
    for id in waiting(environment)[:12]:
        set_status(environment, id, "SUCCESS")
    queue(small_day, range(3, 4))
    assert small_day in "".join(waiting(environment)[:2])


def waiting(environment: Any) -> list[str]:
    """The ids of waiting chunks in the order in which the engine takes them."""
    query = (
        f"select workflow_uuid from {table(environment)} where queue_name = 'chunks' and status = 'ENQUEUED' "
        "order by priority, created_at, workflow_uuid"
    )
    with environment.database.read() as tx:
        return [row[0] for row in tx.connection.exec_driver_sql(query)]
