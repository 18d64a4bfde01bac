"""Queues rest while nothing waits for them and take their turn when something does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dayline.db.database import Database, open_database
from dayline.workflows.job_queue import JobQueue, prepare_engine
from dayline.workflows.queue_poller import QueuePoller


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(f"sqlite:///{tmp_path / 'd.db'}")
    prepare_engine(made)
    yield made
    made.close()


@pytest.fixture
def pace(database: Database) -> Iterator[QueuePoller]:
    made = QueuePoller(database, ["days", "spans"], look_seconds=0.01, rest_seconds=3600.0)
    made.wait_for_turn("days")
    made.wait_for_turn("spans")
    made.start()
    yield made
    made.stop()


def _turn(pace: QueuePoller, name: str) -> threading.Thread:
    thread = threading.Thread(target=pace.wait_for_turn, args=(name,), daemon=True)
    thread.start()
    return thread


def test_a_queue_takes_its_turn_when_there_is_work_for_it(database: Database, pace: QueuePoller) -> None:
    days, spans = _turn(pace, "days"), _turn(pace, "spans")
    jobs = JobQueue(database)
    with database.write() as tx:
        jobs.enqueue(tx, "span", "s1", 1, 0, 1, id="span:s1:1:0:1")
    spans.join(30)
    assert not spans.is_alive()
    assert days.is_alive()
    _turn(pace, "spans").join(30)  # the work still waits, so the next turn comes without any news
    jobs.close()


def test_stopping_holds_nobody_back(pace: QueuePoller) -> None:
    days = _turn(pace, "days")
    pace.stop()
    days.join(30)
    assert not days.is_alive()


def test_a_queue_does_not_rest_for_ever(database: Database) -> None:
    pace = QueuePoller(database, ["days"], look_seconds=3600.0, rest_seconds=0.01)
    pace.wait_for_turn("days")
    days = _turn(pace, "days")
    days.join(30)
    assert not days.is_alive()


def test_only_a_queues_own_thread_waits(pace: QueuePoller) -> None:
    assert pace.paced(str.upper)("days") == "DAYS"
