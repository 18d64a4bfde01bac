"""Counters of several processes add up in the database."""

from __future__ import annotations

import threading

import pytest

from dayline.domain.errors import DatabaseUnavailable
from dayline.workflows import counters
from dayline.workflows.queue_repository import oldest_queued_ms
from dayline.workflows.retry import RetryPolicy


def _retries(database) -> int:
    with database.read() as tx:
        return counters.totals(tx).get((counters.RETRIES, "database"), 0)


def test_retries_are_counted_by_the_kind_of_failure(any_environment):
    counters.flush(any_environment.database)
    before, failures = (
        _retries(any_environment.database),
        [DatabaseUnavailable("locked"), DatabaseUnavailable("locked")],
    )

    def work() -> str:
        if failures:
            raise failures.pop()
        return "done"

    policy = RetryPolicy(database_waits_seconds=(0.0,))
    assert policy.run(work, stopping=threading.Event()) == "done"
    counters.flush(any_environment.database)
    counters.flush(any_environment.database)
    assert _retries(any_environment.database) == before + 2


def test_what_could_not_be_written_is_counted_later(environment, monkeypatch):
    counters.flush(environment.database)
    counters.count(counters.SWEPT, 3)

    def refuse(_work):
        raise DatabaseUnavailable("locked")

    with monkeypatch.context() as patch:
        patch.setattr(environment.database, "in_write", refuse)
        with pytest.raises(DatabaseUnavailable):
            counters.flush(environment.database)
    counters.flush(environment.database)
    with environment.database.read() as tx:
        assert counters.totals(tx)[counters.SWEPT, ""] >= 3


def test_the_age_of_a_queue_is_that_of_its_oldest_job(any_environment):
    with any_environment.database.read() as tx:
        assert oldest_queued_ms(tx) == {}
    any_environment.submit("mock://single-call")
    with any_environment.database.read() as tx:
        first = oldest_queued_ms(tx)
    any_environment.submit("mock://single-call")
    with any_environment.database.read() as tx:
        assert oldest_queued_ms(tx) == first
    assert list(first) == ["days"]
