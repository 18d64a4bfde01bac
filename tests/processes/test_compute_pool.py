"""Numeric work in child processes: a crash, a hang, a cancellation or an error of one call leaves others alone."""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from dayline.audio.chunks import read_chunk
from dayline.domain.errors import Cancelled, DaylineError, Unavailable
from dayline.processes.compute_pool import ComputePool


@pytest.fixture
def pool() -> Iterator[ComputePool]:
    made = ComputePool(2)
    yield made
    made.close()


def test_a_crash_ends_one_call_and_not_its_neighbour(pool: ComputePool, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def neighbour() -> list[int]:
        before = pool.run(os.getpid)
        pool.run(Path.read_bytes, pipe)
        return [before, pool.run(os.getpid)]

    with ThreadPoolExecutor(1) as other:
        running = other.submit(neighbour)
        # The pipe opens when the neighbour reads, which lasts until it is closed.
        with pipe.open("wb"), pytest.raises(Unavailable) as caught:
            pool.run(signal.raise_signal, signal.SIGKILL)
        before, after = running.result()
    assert caught.value.code == "compute_crashed"
    assert "signal 9" in caught.value.message
    assert before == after
    assert pool.run(len, "four") == 4


def test_a_child_killed_between_calls_is_replaced(pool: ComputePool) -> None:
    first = pool.run(os.getpid)
    psutil.Process(first).kill()
    psutil.wait_procs([psutil.Process(first)] if psutil.pid_exists(first) else [], timeout=10)
    with_new_child = [pool.run(os.getpid) for _ in range(2)]
    assert first not in with_new_child


def test_garbage_is_looked_for_less_often_than_elsewhere_and_still_found(pool: ComputePool) -> None:
    young, *older = pool.run(gc.get_threshold)
    assert young > 10 * gc.get_threshold()[0]
    assert older == [*gc.get_threshold()[1:]]
    assert pool.run(gc.isenabled)


def test_what_the_work_raises_is_raised_here(pool: ComputePool) -> None:
    with pytest.raises(json.JSONDecodeError):
        pool.run(json.loads, "{")
    with pytest.raises(DaylineError) as caught:
        pool.run(read_chunk, b"no chunk")
    assert caught.value.code == "chunk_damaged"


def test_a_call_that_takes_too_long_is_stopped(pool: ComputePool) -> None:
    pid = pool.run(os.getpid)
    with pytest.raises(Unavailable) as caught:
        pool.run(time.sleep, 60, timeout_seconds=0.2)
    assert caught.value.code == "compute_timeout"
    assert pool.run(os.getpid) != pid


def test_a_cancelled_call_ends_with_its_child(pool: ComputePool) -> None:
    pid = pool.run(os.getpid)
    with pytest.raises(Cancelled):
        pool.run(time.sleep, 60, should_stop=lambda: True)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_closing_ends_running_calls(pool: ComputePool) -> None:
    pool.run(os.getpid)
    with ThreadPoolExecutor(1) as other:
        running = other.submit(pool.run, time.sleep, 60)
        while not [c for c in psutil.Process().children() if "compute_main" in " ".join(c.cmdline())]:
            pass
        pool.close()
        with pytest.raises(Unavailable):
            running.result(30)
    with pytest.raises(Unavailable):
        pool.run(os.getpid)
