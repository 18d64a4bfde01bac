"""Threads that work on one session share what was read of it; what another run or analysis is told is its own."""

from __future__ import annotations

from typing import Any

import pytest

from dayline.domain.errors import DatabaseUnavailable
from dayline.workflows import shared_checks
from dayline.workflows.cancellation import analysis_stop_check, session_stop_check
from dayline.workflows.shared_checks import SharedChecks


class _Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(shared_checks, "monotonic_seconds", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    return _Clock(monkeypatch)


def test_one_read_in_two_seconds_for_all_who_ask(clock: _Clock) -> None:
    checks, reads = SharedChecks(), list[float]()

    def read() -> bool:
        reads.append(clock.now)
        return False

    for now in (100.0, 100.5, 101.9, 102.0, 102.1, 104.1):
        clock.now = now
        assert not checks.is_over(("session", "a", 1), read)
        assert not checks.is_over(("session", "a", 1), read)
    assert reads == [100.0, 102.0, 104.1]


def test_what_is_over_stays_over_and_other_runs_go_on(clock: _Clock) -> None:
    checks = SharedChecks()
    assert checks.is_over(("session", "a", 1), lambda: True)
    clock.now += 10.0
    assert checks.is_over(("session", "a", 1), lambda: False)
    assert not checks.is_over(("session", "a", 2), lambda: False)


def test_work_goes_on_while_the_database_does_not_answer(clock: _Clock) -> None:
    def fail() -> bool:
        raise DatabaseUnavailable("gone")

    checks = SharedChecks()
    assert not checks.is_over(("a",), fail)
    assert not checks.is_over(("a",), lambda: True)  # asked again after two seconds
    clock.now += 2.0
    assert checks.is_over(("a",), lambda: True)


def test_answers_are_forgotten(clock: _Clock) -> None:
    checks = SharedChecks()
    for number in range(50):
        checks.is_over((number,), lambda: False)
    clock.now += 61.0
    checks.is_over(("new",), lambda: False)
    assert len(checks._answers) == 1


def test_a_second_run_and_a_second_execution_of_an_analysis_are_not_stopped_by_the_first(environment: Any) -> None:
    id, (analysis_id, *_) = environment.up_to_analyses("mock://three-conversations")
    parts = environment.parts
    assert not session_stop_check(parts, id, 1)()
    assert session_stop_check(parts, id, 2)()  # there is no second run
    assert not analysis_stop_check(parts, analysis_id)()
    with environment.database.write() as tx:
        tx.connection.exec_driver_sql("update analysis set status = 'failed'")
    assert analysis_stop_check(parts, analysis_id)()
    with environment.database.write() as tx:
        tx.connection.exec_driver_sql("update analysis set status = 'queued'")
    assert not analysis_stop_check(parts, analysis_id)()
