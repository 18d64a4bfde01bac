"""Who ended a process: somebody else, or its own work."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dayline.domain.errors import Unavailable
from dayline.processes import exit_cause
from dayline.processes.compute_pool import ComputePool
from dayline.processes.exit_cause import out_of_memory_kills, was_killed_from_outside


@pytest.fixture
def pool() -> Iterator[ComputePool]:
    made = ComputePool(1)
    yield made
    made.close()


def test_a_killed_child_is_told_from_one_that_crashes(pool: ComputePool) -> None:
    with pytest.raises(Unavailable) as killed:
        pool.run(signal.raise_signal, signal.SIGTERM)
    with pytest.raises(Unavailable) as crashed:
        pool.run(os.abort)
    with pytest.raises(Unavailable) as left:
        pool.run(os._exit, 3)
    assert [error.value.details["was_killed"] for error in (killed, crashed, left)] == [True, False, False]
    assert "signal 6" in crashed.value.message
    assert "status 3" in left.value.message


def test_a_kill_is_somebody_s_unless_the_kernel_ran_out_of_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counters = tmp_path / "vmstat"
    monkeypatch.setattr(exit_cause, "_KERNEL_COUNTERS", counters)
    assert out_of_memory_kills() is None
    assert not was_killed_from_outside(-signal.SIGKILL, None)
    counters.write_text("nr_free_pages 9\noom_kill 4\noom_kill_disable 1\n")
    assert out_of_memory_kills() == 4
    assert was_killed_from_outside(-signal.SIGKILL, 4)
    assert not was_killed_from_outside(-signal.SIGKILL, 3)
    assert was_killed_from_outside(-signal.SIGTERM, 3)
    assert not any(was_killed_from_outside(status, 4) for status in (None, 0, 1, -signal.SIGSEGV, -signal.SIGABRT))
