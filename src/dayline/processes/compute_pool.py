"""Heavy arithmetic in child processes: a crash there is a failed step, not a dead worker."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from dayline.domain.errors import Unavailable

T = TypeVar("T")
_PARENT_CHECK_SECONDS = 1.0
_LAST_WORDS_SECONDS = 2.0


def _end_with_parent(parent: int) -> None:
    """Run inside a child: leave as soon as the worker is gone, however it went."""
    # One thread a process: the pool is the parallelism.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(_PARENT_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


class ComputePool:
    """Runs pure functions in child processes, replaced after a crash."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def run(self, work: Callable[..., T], *arguments: Any, timeout_seconds: float = 900.0) -> T:
        """Run `work` in a child. Raises what it raises, or Unavailable when the child died or took too long."""
        pool = self._ready()
        try:
            return pool.submit(work, *arguments).result(timeout=timeout_seconds)
        except BrokenProcessPool as error:
            self._replace(pool)
            raise Unavailable(
                "A computing process ended unexpectedly; it starts anew.", code="compute_crashed"
            ) from error
        except FutureTimeout as error:
            self._replace(pool)
            raise Unavailable(
                f"A computation did not finish within {timeout_seconds:.0f} s.", code="compute_timeout"
            ) from error

    def close(self) -> None:
        """End every child."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            children = _children(pool)
            pool.shutdown(wait=False, cancel_futures=True)
            for child in children:
                child.join(_LAST_WORDS_SECONDS)
            _end(pool)

    def _ready(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self._processes,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_end_with_parent,
                    initargs=(os.getpid(),),
                )
            return self._pool

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is broken:
                self._pool = None
        _end(broken)


def _children(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    return list((pool._processes or {}).values())  # pyright: ignore[reportPrivateUsage]


def _end(pool: ProcessPoolExecutor) -> None:
    children = _children(pool)
    pool.shutdown(wait=False, cancel_futures=True)
    for child in children:
        child.kill()
